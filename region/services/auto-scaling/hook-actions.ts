/**
 * Instances that wait for lifecycle hooks: each hook of a transition has to be answered or to run
 * out.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
 */
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { emitLifecycleAction } from './events.ts';
import { attemptToNotify } from './notifications.ts';
import { uuid } from './uuid.ts';
import type { LifecycleHook } from '@aws-sdk/client-auto-scaling';
import type { AwsError } from '../../kernel/aws-error.ts';
import type { Engine } from './engine.ts';
import type { LifecycleTransition } from './events.ts';
import type { GroupRecord, HookAction, HookResult, Member } from './state.ts';

/** Begins the wait for every hook of a transition; empty when the group has none. */
export function openHooks(
  engine: Engine,
  group: GroupRecord,
  member: Member,
  transition: LifecycleTransition,
): readonly HookAction[] {
  const { kernel } = engine;
  const now = kernel.clock.now();
  return [...group.hooks.values()]
    .filter((hook) => hook.LifecycleTransition === transition)
    .map((hook) => {
      const action: HookAction = {
        hookName: hook.LifecycleHookName ?? '',
        token: uuid(kernel),
        deadline: now + (hook.HeartbeatTimeout ?? 0) * 1000,
        lastDeadline: now + (hook.GlobalTimeout ?? 0) * 1000,
        onTimeout: hook.DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
      };
      const metadata = hook.NotificationMetadata;
      emitLifecycleAction(kernel, group, member, { action, transition, metadata });
      notifyTarget(engine, group, hook, {
        LifecycleHookName: action.hookName,
        LifecycleTransition: transition,
        LifecycleActionToken: action.token,
        EC2InstanceId: member.instanceId,
        ...(metadata !== undefined && { NotificationMetadata: metadata }),
      });
      return action;
    });
}

/** What the hooks came to: one ABANDON decides, otherwise all have to say CONTINUE. */
export function hookVerdict(member: Member, now: number): HookResult | 'WAIT' {
  const results = member.hookActions.map(
    (action) => action.result ?? (now >= action.deadline ? action.onTimeout : 'WAIT'),
  );
  if (results.includes('ABANDON')) return 'ABANDON';
  return results.includes('WAIT') ? 'WAIT' : 'CONTINUE';
}

/** Tells a hook's topic something; answers what the topic's service refused, or undefined. */
export function notifyTarget(
  engine: Engine,
  group: GroupRecord,
  hook: LifecycleHook,
  message: Readonly<Record<string, string>>,
): AwsError | undefined {
  const topicArn = hook.NotificationTargetARN;
  if (!topicArn) return undefined;
  const failure = attemptToNotify(engine, topicArn, {
    subject: `Auto Scaling:  Lifecycle action for group ${group.name}`,
    message: JSON.stringify({
      AccountId: ACCOUNT_ID,
      AutoScalingGroupName: group.name,
      Service: 'AWS Auto Scaling',
      Time: new Date(engine.kernel.clock.now()).toISOString(),
      ...message,
    }),
  });
  if (failure) engine.kernel.log(`auto-scaling: ${group.name}: ${failure.message}`);
  return failure;
}
