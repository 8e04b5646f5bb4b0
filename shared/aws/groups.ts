/**
 * Auto Scaling groups and target groups as AWS describes them, for the ports that read or change
 * them.
 * Not for: what their numbers mean.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  type Tag,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { call, unlessRefused } from './call.ts';

/** How ELB says that a target group is not there. */
export const NO_SUCH_TARGET_GROUP = ['TargetGroupNotFound'];

/** The state that AWS gives to a group while it deletes it. */
export const DELETION_STATUS = 'Delete in progress';

/** Undefined when there is no such group. */
export async function describeGroup(
  client: AutoScalingClient,
  autoScalingGroupName: string,
): Promise<AutoScalingGroup | undefined> {
  const groups = await describeGroups(client, [autoScalingGroupName]);
  return groups.get(autoScalingGroupName);
}

/** Groups by name; names that AWS does not know are missing. */
export async function describeGroups(
  client: AutoScalingClient,
  autoScalingGroupNames: readonly string[],
): Promise<ReadonlyMap<string, AutoScalingGroup>> {
  const command = new DescribeAutoScalingGroupsCommand({
    AutoScalingGroupNames: [...autoScalingGroupNames],
  });
  const on = autoScalingGroupNames.join(', ');
  const output = await call('DescribeAutoScalingGroups', on, () => client.send(command));
  const groups = output.AutoScalingGroups ?? [];
  return new Map(groups.map((group) => [group.AutoScalingGroupName ?? '', group]));
}

/** Undefined when there is no such target group. */
export async function describeTargetGroup(
  client: ElasticLoadBalancingV2Client,
  by: { readonly arn: string } | { readonly name: string },
): Promise<TargetGroup | undefined> {
  const command = new DescribeTargetGroupsCommand(
    'arn' in by ? { TargetGroupArns: [by.arn] } : { Names: [by.name] },
  );
  const on = 'arn' in by ? by.arn : by.name;
  const calling = call('DescribeTargetGroups', on, () => client.send(command));
  return (await unlessRefused(NO_SUCH_TARGET_GROUP, calling))?.TargetGroups?.[0];
}

/** A target group's attributes by key; those that AWS leaves empty are missing. */
export async function describeAttributes(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<ReadonlyMap<string, string>> {
  const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn });
  const output = await call('DescribeTargetGroupAttributes', targetGroupArn, () =>
    client.send(command),
  );
  const entries = (output.Attributes ?? []).flatMap(({ Key, Value }) =>
    Key && Value ? [[Key, Value] as const] : [],
  );
  return new Map(entries);
}

/** The tags of a target group. */
export async function describeTags(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<readonly Tag[]> {
  const command = new DescribeTagsCommand({ ResourceArns: [targetGroupArn] });
  const output = await call('DescribeTags', targetGroupArn, () => client.send(command));
  return output.TagDescriptions?.[0]?.Tags ?? [];
}

/** The health of every target; none when there is no such target group. AWS has no pages here. */
export async function describeHealth(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<readonly TargetHealthDescription[]> {
  const command = new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn });
  const calling = call('DescribeTargetHealth', targetGroupArn, () => client.send(command));
  return (await unlessRefused(NO_SUCH_TARGET_GROUP, calling))?.TargetHealthDescriptions ?? [];
}

/** The value of a tag in either service's list; undefined when there is none. */
export function tagValue(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
  key: string,
): string | undefined {
  return tags.find(({ Key }) => Key === key)?.Value;
}
