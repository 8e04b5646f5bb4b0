/**
 * Compares green's group, and all that hangs on it, with blue's.
 * Not for: reading them, nor target groups and launch templates (see `compare-launch.ts`).
 */
import type {
  AutoScalingGroup,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import type { CloneDifference } from '../../core/clone/report.ts';
import { RESTING_PROCESSES } from '../../core/freezes.ts';
import type { Plan } from '../../core/plan.ts';
import type { IsoInstant } from '../../core/units.ts';
import type { GreenParts } from '../../ports/fleets.ts';
import { toGreenGroup } from '../green-group.ts';
import { readSuspended } from '../group-processes.ts';
import { toGreenAlarm } from './alarms.ts';
import type { GroupWithAttachments } from './attachments.ts';
import { compareLists, compareMembers } from './differences.ts';
import type { FleetNames } from './green-names.ts';
import { toGreenWarmPool } from './hooks.ts';
import { isEnabled, pairPolicyArns, toGreenPolicy } from './policies.ts';
import { comparable, toGreenSchedule } from './schedules.ts';

/** Both groups, and what green was made from. */
export interface GroupComparison {
  readonly plan: Plan;
  readonly parts: GreenParts;
  readonly names: FleetNames;
  readonly blue: GroupWithAttachments;
  readonly green: GroupWithAttachments;
  readonly now: IsoInstant;
}

/** Everything in which green's group and what hangs on it are not as they should be. */
export function compareGroups(comparison: GroupComparison): readonly CloneDifference[] {
  return COMPARISONS.flatMap((compare) => compare(comparison));
}

/** Names of the metrics that a group collects, sorted. */
export function metricNamesOf({ EnabledMetrics = [] }: AutoScalingGroup): readonly string[] {
  return EnabledMetrics.flatMap(({ Metric }) => Metric ?? []).toSorted();
}

const COMPARISONS: readonly ((comparison: GroupComparison) => readonly CloneDifference[])[] = [
  compareGroup,
  compareHooks,
  comparePolicies,
  compareAlarms,
  compareSchedules,
  compareNotifications,
  compareWarmPools,
];

function compareGroup({ plan, parts, blue, green }: GroupComparison) {
  // Scaling out is no difference: how many instances there are is watched by other means.
  const { DesiredCapacity: _desired, ...request } = toGreenGroup(blue.group, plan, parts);
  const suspended = new Set([...RESTING_PROCESSES, ...plan.blue.suspendedProcesses]);
  return compareMembers('AutoScalingGroup', {
    of: `group ${plan.green.autoScalingGroupName}`,
    blue: inOrder(blue.group),
    wanted: {
      ...request,
      Tags: byKey(request.Tags ?? []),
      EnabledMetrics: metricNamesOf(blue.group),
      SuspendedProcesses: [...suspended].toSorted(),
    },
    found: inOrder(green.group),
  });
}

/** Lists whose order means nothing, in one order. */
function inOrder(group: AutoScalingGroup): object {
  return {
    ...group,
    VPCZoneIdentifier: group.VPCZoneIdentifier?.split(',').toSorted(),
    Tags: byKey(group.Tags ?? []),
    EnabledMetrics: metricNamesOf(group),
    SuspendedProcesses: readSuspended(group),
  };
}

function byKey<Tag extends { readonly Key?: string | undefined }>(tags: readonly Tag[]): Tag[] {
  return tags.toSorted((left, right) => ((left.Key ?? '') < (right.Key ?? '') ? -1 : 1));
}

function compareHooks({ blue, green }: GroupComparison) {
  return compareLists({
    shape: 'LifecycleHook',
    keyMember: 'LifecycleHookName',
    noun: 'lifecycle hook',
    blue: new Map(
      blue.hooks.map((hook) => [hook.LifecycleHookName ?? '', { described: hook, wanted: {} }]),
    ),
    found: new Map(green.hooks.map((hook) => [hook.LifecycleHookName ?? '', hook])),
  });
}

function comparePolicies({ blue, green, names }: GroupComparison) {
  const wanted = (policy: ScalingPolicy) => toGreenPolicy(policy, names, isEnabled(policy));
  return compareLists({
    shape: 'ScalingPolicy',
    keyMember: 'PolicyName',
    noun: 'policy',
    blue: new Map(
      blue.policies.map((policy) => [
        policy.PolicyName ?? '',
        { described: policy, wanted: wanted(policy) },
      ]),
    ),
    found: new Map(
      green.policies.map((policy) => [
        policy.PolicyName ?? '',
        { ...policy, Enabled: isEnabled(policy) },
      ]),
    ),
  });
}

function compareAlarms({ plan, blue, green, names }: GroupComparison) {
  const greenArns = new Map(
    green.policies.map(({ PolicyName = '', PolicyARN = '' }) => [PolicyName, PolicyARN]),
  );
  const policyArns = pairPolicyArns(blue.policies, greenArns);
  const context = { plan, names, policyArns, blueTags: [] };
  return compareLists({
    shape: 'MetricAlarm',
    keyMember: 'AlarmName',
    noun: 'alarm',
    blue: new Map(
      blue.alarms.map((alarm) => {
        const wanted = toGreenAlarm(alarm, context);
        return [wanted.AlarmName ?? '', { described: alarm, wanted }];
      }),
    ),
    found: new Map(green.alarms.map((alarm) => [alarm.AlarmName ?? '', alarm])),
  });
}

function compareSchedules({ blue, green, names, now }: GroupComparison) {
  const wanted = (action: ScheduledUpdateGroupAction) => {
    const request = toGreenSchedule(action, names.greenGroupName, now);
    return request && comparable(request);
  };
  return compareLists({
    shape: 'ScheduledUpdateGroupAction',
    keyMember: 'ScheduledActionName',
    noun: 'scheduled action',
    blue: new Map(
      blue.schedules.flatMap((action) => {
        const request = wanted(action);
        const name = action.ScheduledActionName ?? '';
        return request ? [[name, { described: action, wanted: request }] as const] : [];
      }),
    ),
    found: new Map(green.schedules.map((action) => [action.ScheduledActionName ?? '', action])),
  });
}

function compareNotifications({ blue, green }: GroupComparison) {
  return compareLists({
    shape: 'NotificationConfiguration',
    keyMember: 'NotificationType',
    noun: 'notification',
    blue: new Map(keyRows(blue).map(([key, row]) => [key, { described: row, wanted: {} }])),
    found: new Map(keyRows(green)),
  });
}

function keyRows({ notifications }: GroupWithAttachments) {
  return notifications.map((row) => [`${row.TopicARN} ${row.NotificationType}`, row] as const);
}

function compareWarmPools({ blue, green, names }: GroupComparison) {
  const described = toGreenWarmPool(blue.group.WarmPoolConfiguration, names.greenGroupName);
  return compareMembers('WarmPoolConfiguration', {
    of: `the warm pool of ${names.greenGroupName}`,
    blue: described ?? {},
    wanted: {},
    found: green.group.WarmPoolConfiguration ?? {},
  });
}
