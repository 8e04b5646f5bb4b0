/**
 * What callers do to single instances of a group: protect, condemn, terminate.
 */
import type {
  SetInstanceHealthCommandInput,
  SetInstanceProtectionCommandInput,
  TerminateInstanceInAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { causeTime, describeActivity } from './activities.ts';
import { instanceNotManaged, notImplemented, validationError } from './errors.ts';
import { isInGrace, markUnhealthy, USER_REQUEST } from './health.ts';
import { activeMembers } from './state.ts';
import { groupOperation, groupPermission, refusePendingDelete } from './store.ts';
import { beginTermination, endRetained } from './terminating.ts';
import type { Operation } from '../../kernel/service.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member, Phase } from './state.ts';
import type { GroupStore } from './store.ts';

/** Ids in one SetInstanceProtection call. */
const PROTECTED_PER_CALL = 50;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html */
const PROTECTABLE: readonly Phase[] = ['inService', 'enteringStandby', 'standby'];

interface Located {
  readonly group: GroupRecord;
  readonly member: Member;
}

interface NamesInstance {
  readonly InstanceId?: string | undefined;
  readonly InstanceIds?: readonly string[] | undefined;
}

/** SetInstanceProtection, SetInstanceHealth, TerminateInstanceInAutoScalingGroup. */
export function memberOperations(engine: Engine) {
  const { groups } = engine;
  return {
    SetInstanceProtection: groupOperation(groups, 'SetInstanceProtection', setProtection),
    SetInstanceHealth: memberOperation(
      groups,
      'SetInstanceHealth',
      (located, input: SetInstanceHealthCommandInput) => setHealth(engine, located, input),
    ),
    TerminateInstanceInAutoScalingGroup: memberOperation(
      groups,
      'TerminateInstanceInAutoScalingGroup',
      (located, input: TerminateInstanceInAutoScalingGroupCommandInput) =>
        terminateMember(engine, located, input),
    ),
  };
}

/** An operation on an instance, which needs permission on the instance's group. */
function memberOperation<Input extends NamesInstance, Output>(
  groups: GroupStore,
  name: string,
  run: (located: Located, input: Input) => Output,
): Operation<Input, Output> {
  return {
    permissions: (input) => [
      groupPermission(groups, name, locate(groups, input.InstanceId)?.group.name),
    ],
    run: (input) => {
      if (input.InstanceIds?.length) throw notImplemented('several instances in one call');
      const located = locate(groups, input.InstanceId);
      if (!located) throw instanceNotManaged(input.InstanceId ?? 'null');
      refusePendingDelete(located.group);
      return run(located, input);
    },
  };
}

function locate(groups: GroupStore, instanceId: string | undefined): Located | undefined {
  for (const group of groups.values()) {
    const member = group.members.get(instanceId ?? '');
    if (member) return { group, member };
  }
  return undefined;
}

function setProtection(group: GroupRecord, input: SetInstanceProtectionCommandInput): object {
  const ids = input.InstanceIds ?? [];
  if (ids.length > PROTECTED_PER_CALL) {
    throw validationError(
      `At most ${PROTECTED_PER_CALL} instances can be given in one call, not ${ids.length}.`,
    );
  }
  const members = ids.map((id) => {
    const member = group.members.get(id);
    if (!member) {
      throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    }
    if (!PROTECTABLE.includes(member.phase)) {
      throw validationError(
        `The instance ${id} is not in InService or EnteringStandby or Standby.`,
      );
    }
    return member;
  });
  for (const member of members) member.protectedFromScaleIn = input.ProtectedFromScaleIn ?? false;
  return {};
}

function setHealth(
  engine: Engine,
  { group, member }: Located,
  input: SetInstanceHealthCommandInput,
): object {
  const { HealthStatus: status } = input;
  if (status !== 'Healthy' && status !== 'Unhealthy') {
    throw validationError(`Valid instance health states are: [Healthy, Unhealthy].`);
  }
  if (status === 'Healthy') {
    member.healthStatus = 'Healthy';
    return {};
  }
  const respectsGrace = input.ShouldRespectGracePeriod ?? true;
  if (respectsGrace && isInGrace(group, member, engine.kernel.clock.now())) return {};
  markUnhealthy(member, USER_REQUEST);
  engine.wake(group);
  return {};
}

function terminateMember(
  engine: Engine,
  { group, member }: Located,
  input: TerminateInstanceInAutoScalingGroupCommandInput,
) {
  if (member.phase === 'retained' || member.phase === 'standby') {
    return terminateUncounted(engine, group, member);
  }
  if (!activeMembers(group).includes(member)) {
    throw new AwsError(
      'ScalingActivityInProgress',
      `Scaling activity ${member.activity.id} is in progress and blocks this action`,
    );
  }
  const { settings } = group;
  const decrements = input.ShouldDecrementDesiredCapacity ?? false;
  if (decrements && settings.DesiredCapacity <= settings.MinSize) {
    throw validationError(
      `Currently, desiredSize equals minSize (${settings.MinSize}). Terminating instance without ` +
        "replacement will violate group's min size constraint. Either set " +
        "shouldDecrementDesiredCapacity flag to false or lower group's min size.",
    );
  }
  const now = causeTime(engine.kernel.clock.now());
  const from = settings.DesiredCapacity;
  if (decrements) settings.DesiredCapacity -= 1;
  const shrinking = decrements ? `, shrinking the capacity from ${from} to ${from - 1}` : '';
  beginTermination(engine, group, member, {
    cause:
      `At ${now} instance ${member.instanceId} was taken out of service in response to a user ` +
      `request${shrinking}.`,
    replaced: !decrements,
  });
  if (!decrements) group.replacementsDue += 1;
  engine.wake(group);
  return { Activity: describeActivity(member.activity, true) };
}

/** What is in standby or was retained is no capacity of its group: nothing takes its place. */
function terminateUncounted(engine: Engine, group: GroupRecord, member: Member) {
  const at = causeTime(engine.kernel.clock.now());
  const cause = `At ${at} instance ${member.instanceId} was terminated in response to a user request.`;
  if (member.phase === 'retained') endRetained(engine, group, member, cause);
  else beginTermination(engine, group, member, { cause, replaced: false });
  engine.wake(group);
  return { Activity: describeActivity(member.activity, true) };
}
