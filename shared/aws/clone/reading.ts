/**
 * What hangs on an Auto Scaling group, as AWS describes it: hooks, policies, schedules,
 * notifications, and the alarms that call policies.
 */
import {
  type AutoScalingClient,
  DescribeLifecycleHooksCommand,
  DescribeNotificationConfigurationsCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
  type LifecycleHook,
  type NotificationConfiguration,
  type ScalingPolicy,
  type ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  type Tag,
} from '@aws-sdk/client-cloudwatch';
import { call } from '../call.ts';
import { readPages } from '../pages.ts';
import { hasOwnAlarms } from './policies.ts';

/** A group's lifecycle hooks. AWS has no pages here. @throws AwsUnavailable, AwsRefused */
export async function readHooks(
  client: AutoScalingClient,
  groupName: string,
): Promise<readonly LifecycleHook[]> {
  const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: groupName });
  const output = await call('DescribeLifecycleHooks', groupName, () => client.send(command));
  return output.LifecycleHooks ?? [];
}

/** A group's scaling policies. @throws AwsUnavailable, AwsRefused */
export async function readPolicies(
  client: AutoScalingClient,
  groupName: string,
): Promise<readonly ScalingPolicy[]> {
  return readPages(async (NextToken) => {
    const command = new DescribePoliciesCommand({ AutoScalingGroupName: groupName, NextToken });
    const output = await call('DescribePolicies', groupName, () => client.send(command));
    return { items: output.ScalingPolicies, next: output.NextToken };
  });
}

/** A group's scheduled actions. @throws AwsUnavailable, AwsRefused */
export async function readSchedules(
  client: AutoScalingClient,
  groupName: string,
): Promise<readonly ScheduledUpdateGroupAction[]> {
  return readPages(async (NextToken) => {
    const command = new DescribeScheduledActionsCommand({
      AutoScalingGroupName: groupName,
      NextToken,
    });
    const output = await call('DescribeScheduledActions', groupName, () => client.send(command));
    return { items: output.ScheduledUpdateGroupActions, next: output.NextToken };
  });
}

/** A group's notifications, a line for each topic and type. @throws AwsUnavailable, AwsRefused */
export async function readNotifications(
  client: AutoScalingClient,
  groupName: string,
): Promise<readonly NotificationConfiguration[]> {
  const operation = 'DescribeNotificationConfigurations';
  return readPages(async (NextToken) => {
    const command = new DescribeNotificationConfigurationsCommand({
      AutoScalingGroupNames: [groupName],
      NextToken,
    });
    const output = await call(operation, groupName, () => client.send(command));
    return { items: output.NotificationConfigurations, next: output.NextToken };
  });
}

/**
 * The alarms that call these policies, each once. Only step and simple policies are asked about,
 * because all others have alarms that AWS makes itself.
 * @throws AwsUnavailable, AwsRefused
 */
export async function readPolicyAlarms(
  client: CloudWatchClient,
  policies: readonly ScalingPolicy[],
): Promise<readonly MetricAlarm[]> {
  const found = new Map<string, MetricAlarm>();
  for (const { PolicyARN = '' } of policies.filter(hasOwnAlarms)) {
    const alarms = await describeAlarms(client, { ActionPrefix: PolicyARN });
    for (const alarm of alarms) found.set(alarm.AlarmName ?? '', alarm);
  }
  return [...found.values()].toSorted((left, right) =>
    (left.AlarmName ?? '') < (right.AlarmName ?? '') ? -1 : 1,
  );
}

/** Metric alarms by the beginning of their name or of an action. @throws AwsUnavailable, AwsRefused */
export async function describeAlarms(
  client: CloudWatchClient,
  by: { readonly ActionPrefix: string } | { readonly AlarmNamePrefix: string },
): Promise<readonly MetricAlarm[]> {
  return readPages(async (NextToken) => {
    const command = new DescribeAlarmsCommand({ ...by, AlarmTypes: ['MetricAlarm'], NextToken });
    const on = Object.values(by).join('');
    const output = await call('DescribeAlarms', on, () => client.send(command));
    return { items: output.MetricAlarms, next: output.NextToken };
  });
}

/** An alarm's tags. @throws AwsUnavailable, AwsRefused */
export async function readAlarmTags(
  client: CloudWatchClient,
  { AlarmArn = '' }: MetricAlarm,
): Promise<readonly Tag[]> {
  const command = new ListTagsForResourceCommand({ ResourceARN: AlarmArn });
  const output = await call('ListTagsForResource', AlarmArn, () => client.send(command));
  return output.Tags ?? [];
}
