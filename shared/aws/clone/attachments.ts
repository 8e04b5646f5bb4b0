/**
 * Both groups with everything that hangs on them, read at one moment.
 */
import type {
  AutoScalingClient,
  AutoScalingGroup,
  LifecycleHook,
  NotificationConfiguration,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { AwsUnavailable } from '../../core/errors.ts';
import { describeGroup } from '../groups.ts';
import {
  readHooks,
  readNotifications,
  readPolicies,
  readPolicyAlarms,
  readSchedules,
} from './reading.ts';

/** One group and what hangs on it. */
export interface GroupWithAttachments {
  readonly group: AutoScalingGroup;
  readonly hooks: readonly LifecycleHook[];
  readonly policies: readonly ScalingPolicy[];
  /** Those that call the group's step and simple policies. */
  readonly alarms: readonly MetricAlarm[];
  readonly schedules: readonly ScheduledUpdateGroupAction[];
  readonly notifications: readonly NotificationConfiguration[];
}

/** The clients by which a group and its alarms are read. */
export interface ReadingClients {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
}

/**
 * Reads one group with everything.
 * @throws AwsUnavailable while AWS does not describe it, which a new group may take a minute
 * @throws AwsRefused
 */
export async function readWithAttachments(
  { autoScaling, cloudWatch }: ReadingClients,
  groupName: string,
): Promise<GroupWithAttachments> {
  const group = await describeGroup(autoScaling, groupName);
  if (!group) {
    throw new AwsUnavailable(
      `Tried DescribeAutoScalingGroups on ${groupName}; AWS did not describe it; it is tried again.`,
      { facts: { on: groupName } },
    );
  }
  const policies = await readPolicies(autoScaling, groupName);
  return {
    group,
    hooks: await readHooks(autoScaling, groupName),
    policies,
    alarms: await readPolicyAlarms(cloudWatch, policies),
    schedules: await readSchedules(autoScaling, groupName),
    notifications: await readNotifications(autoScaling, groupName),
  };
}
