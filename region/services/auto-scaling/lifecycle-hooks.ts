/**
 * Lifecycle hooks: stored with a group, answered by whoever holds up an instance.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
 */
import type {
  CompleteLifecycleActionCommandInput,
  DeleteLifecycleHookCommandInput,
  DescribeLifecycleHooksCommandInput,
  LifecycleHook,
  PutLifecycleHookCommandInput,
  RecordLifecycleActionHeartbeatCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { constraintViolated, notImplemented, validationError } from './errors.ts';
import { notifyTarget } from './hook-actions.ts';
import { describeOperation, findGroup, groupOperation } from './store.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, HookAction, Member } from './state.ts';

const HOOKS_PER_GROUP = 50;
const NAME = /^[A-Za-z0-9\-_/]{1,255}$/;
const TRANSITIONS = ['autoscaling:EC2_INSTANCE_LAUNCHING', 'autoscaling:EC2_INSTANCE_TERMINATING'];
const HEARTBEAT_SECONDS = { min: 30, max: 7200, default: 3600 };
/** The longest wait is 48 hours or a hundred heartbeats, whichever is shorter. */
const LONGEST_WAIT_SECONDS = 172_800;
const HEARTBEATS = 100;

/** PutLifecycleHook, DescribeLifecycleHooks, DeleteLifecycleHook, and answering them. */
export function lifecycleHookOperations(engine: Engine) {
  const { groups } = engine;
  return {
    PutLifecycleHook: putOperation(engine),
    DeleteLifecycleHook: groupOperation(
      groups,
      'DeleteLifecycleHook',
      (group, input: DeleteLifecycleHookCommandInput) => deleteHook(engine, group, input),
    ),
    DescribeLifecycleHooks: describeOperation(
      'DescribeLifecycleHooks',
      (input: DescribeLifecycleHooksCommandInput) => {
        const names = input.LifecycleHookNames ?? [];
        const hooks = [...findGroup(groups, input.AutoScalingGroupName).hooks.values()];
        const chosen = hooks.filter(
          (hook) => names.length === 0 || names.includes(hook.LifecycleHookName ?? ''),
        );
        return { LifecycleHooks: chosen };
      },
    ),
    CompleteLifecycleAction: groupOperation(
      groups,
      'CompleteLifecycleAction',
      (group, input: CompleteLifecycleActionCommandInput) => {
        const { LifecycleActionResult: result } = input;
        if (result !== 'CONTINUE' && result !== 'ABANDON') {
          throw validationError(
            `Invalid lifecycle action result '${result}', expecting CONTINUE or ABANDON.`,
          );
        }
        findAction(group, input).result = result;
        engine.wake(group);
        return {};
      },
    ),
    RecordLifecycleActionHeartbeat: groupOperation(
      groups,
      'RecordLifecycleActionHeartbeat',
      (group, input: RecordLifecycleActionHeartbeatCommandInput) => {
        const action = findAction(group, input);
        const seconds = group.hooks.get(action.hookName)?.HeartbeatTimeout ?? 0;
        const extended = engine.kernel.clock.now() + seconds * 1000;
        action.deadline = Math.min(extended, action.lastDeadline);
        return {};
      },
    ),
  };
}

/** A new hook, with AWS's defaults. @throws AwsError ValidationError */
export function readHook(input: PutLifecycleHookCommandInput): LifecycleHook {
  const { LifecycleHookName: name = '', LifecycleTransition: transition } = input;
  if (!NAME.test(name)) {
    throw constraintViolated(
      name,
      'lifecycleHookName',
      'Member must satisfy regular expression pattern: [A-Za-z0-9\\-_\\/]+',
    );
  }
  if (transition === undefined || !TRANSITIONS.includes(transition)) {
    throw validationError(
      `Invalid lifecycle transition '${transition}', expecting one of ${TRANSITIONS.join(', ')}.`,
    );
  }
  const heartbeat = input.HeartbeatTimeout ?? HEARTBEAT_SECONDS.default;
  if (heartbeat < HEARTBEAT_SECONDS.min || heartbeat > HEARTBEAT_SECONDS.max) {
    throw validationError(
      `Heartbeat timeout must be between ${HEARTBEAT_SECONDS.min} and ${HEARTBEAT_SECONDS.max} ` +
        `seconds, not ${heartbeat}.`,
    );
  }
  const result = input.DefaultResult ?? 'ABANDON';
  if (result !== 'CONTINUE' && result !== 'ABANDON') {
    throw validationError(`Invalid default result '${result}', expecting CONTINUE or ABANDON.`);
  }
  const target = readTarget(input);
  const metadata = input.NotificationMetadata;
  return {
    LifecycleHookName: name,
    AutoScalingGroupName: input.AutoScalingGroupName,
    LifecycleTransition: transition,
    ...(metadata !== undefined && { NotificationMetadata: metadata }),
    ...target,
    HeartbeatTimeout: heartbeat,
    GlobalTimeout: Math.min(LONGEST_WAIT_SECONDS, heartbeat * HEARTBEATS),
    DefaultResult: result,
  };
}

/** Topics can be told of a wait; an empty target takes it away again. */
function readTarget(input: PutLifecycleHookCommandInput) {
  const { NotificationTargetARN, RoleARN } = input;
  if (!NotificationTargetARN) return {};
  if (!NotificationTargetARN.startsWith('arn:aws:sns:')) {
    throw notImplemented('notification targets of lifecycle hooks other than topics');
  }
  if (!RoleARN) {
    throw validationError('A RoleARN must be specified together with a NotificationTargetARN.');
  }
  return { NotificationTargetARN, RoleARN };
}

/**
 * What a caller needs to hand Auto Scaling the role under which a hook publishes.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
 */
export function passRolePermissions(roleArn: string | undefined): Permission[] {
  if (!roleArn) return [];
  const context = { 'iam:PassedToService': 'autoscaling.amazonaws.com' };
  return [{ action: 'iam:PassRole', resources: [roleArn], context }];
}

/** @throws AwsError ValidationError when the hook's topic cannot be told */
export function testTarget(engine: Engine, group: GroupRecord, hook: LifecycleHook): void {
  const failure = notifyTarget(engine, group, hook, { Event: 'autoscaling:TEST_NOTIFICATION' });
  if (!failure) return;
  throw validationError(
    `Unable to publish test message to notification target ${hook.NotificationTargetARN} using ` +
      `IAM role ${hook.RoleARN}: ${failure.message}. Please check your target and role ` +
      'configuration and try to put lifecycle hook again.',
  );
}

function putOperation(engine: Engine): Operation<PutLifecycleHookCommandInput, object> {
  const put = groupOperation(
    engine.groups,
    'PutLifecycleHook',
    (group, input: PutLifecycleHookCommandInput) => putHook(engine, group, input),
  );
  return {
    ...put,
    permissions: (input) => [...put.permissions(input), ...passRolePermissions(input.RoleARN)],
  };
}

/** What an update leaves out stays as it was. */
function putHook(engine: Engine, group: GroupRecord, input: PutLifecycleHookCommandInput): object {
  const name = input.LifecycleHookName ?? '';
  const existing = group.hooks.get(name);
  if (!existing && group.hooks.size >= HOOKS_PER_GROUP) {
    throw new AwsError(
      'LimitExceeded',
      `The group ${group.name} cannot have more than ${HOOKS_PER_GROUP} lifecycle hooks.`,
    );
  }
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const merged = { ...existing, ...Object.fromEntries(given) } as PutLifecycleHookCommandInput;
  const hook = readHook({ ...merged, AutoScalingGroupName: group.name });
  testTarget(engine, group, hook);
  group.hooks.set(name, hook);
  return {};
}

/** Instances that wait for a deleted hook go on as its default result says. */
function deleteHook(
  engine: Engine,
  group: GroupRecord,
  input: DeleteLifecycleHookCommandInput,
): object {
  const name = input.LifecycleHookName ?? '';
  if (!group.hooks.delete(name)) {
    throw validationError(`No Lifecycle Hook found with name ${name}`);
  }
  for (const { hookActions } of group.members.values()) {
    for (const action of hookActions) {
      if (action.hookName === name) action.result ??= action.onTimeout;
    }
  }
  engine.wake(group);
  return {};
}

function isWaiting(member: Member): boolean {
  return member.phase === 'launchHook' || member.phase === 'terminateHook';
}

function findAction(
  group: GroupRecord,
  input: {
    LifecycleHookName: string | undefined;
    LifecycleActionToken?: string | undefined;
    InstanceId?: string | undefined;
  },
): HookAction {
  const { LifecycleActionToken: token, InstanceId: instanceId } = input;
  const action = [...group.members.values()]
    .filter(isWaiting)
    .filter((member) => token !== undefined || member.instanceId === instanceId)
    .flatMap((member) => member.hookActions)
    .find(
      (candidate) =>
        candidate.hookName === input.LifecycleHookName &&
        candidate.result === undefined &&
        (token === undefined || candidate.token === token),
    );
  if (action) return action;
  throw validationError(
    token === undefined
      ? `No active Lifecycle Action found with instance ID ${instanceId}`
      : `No active Lifecycle Action found with token ${token}`,
  );
}
