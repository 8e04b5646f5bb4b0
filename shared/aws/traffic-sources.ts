/**
 * How a group gives up its target group: it is asked once, and AWS then takes every instance out,
 * each of which drains.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/load-balancer-status.html
 */
import {
  AttachTrafficSourcesCommand,
  type AutoScalingClient,
  DescribeTrafficSourcesCommand,
  DetachTrafficSourcesCommand,
} from '@aws-sdk/client-auto-scaling';
import { AwsRefused } from '../core/errors.ts';
import { call } from './call.ts';
import { describeLiveGroup, isGone, unlessGone } from './group-updates.ts';
import { readPages } from './pages.ts';

/** How Auto Scaling says that it has taken the target group off already. It has no code. */
const NOT_ATTACHED_MESSAGE = /not part of the group/;

/** The state of a source whose instances are being taken out. */
const LEAVING = 'Removing';

/**
 * Takes every target group off a group; one that has none, or is gone, is left alone.
 * @throws AwsUnavailable, AwsRefused
 */
export async function detachSources(client: AutoScalingClient, groupName: string): Promise<void> {
  const group = await describeLiveGroup(client, groupName);
  const sources = group?.TrafficSources ?? [];
  const identifiers = new Set([
    ...(group?.TargetGroupARNs ?? []),
    ...sources.flatMap(({ Identifier }) => Identifier ?? []),
  ]);
  if (identifiers.size === 0) return;
  const command = new DetachTrafficSourcesCommand({
    AutoScalingGroupName: groupName,
    TrafficSources: [...identifiers].map((Identifier) => ({ Identifier })),
  });
  try {
    await unlessGone(call('DetachTrafficSources', groupName, () => client.send(command)));
  } catch (error) {
    // Groups are described a moment late, so that a second run may still see what it detached.
    const answer = error instanceof AwsRefused ? error.cause : undefined;
    if (!(answer instanceof Error) || !NOT_ATTACHED_MESSAGE.test(answer.message)) throw error;
  }
}

/**
 * Gives a group its target group back, so that AWS puts its instances in again; one that has it, or
 * is gone, is left alone.
 * @throws AwsUnavailable, AwsRefused
 */
export async function attachSource(
  client: AutoScalingClient,
  groupName: string,
  targetGroupArn: string,
): Promise<void> {
  const group = await describeLiveGroup(client, groupName);
  const { TargetGroupARNs = [], TrafficSources = [] } = group ?? {};
  const isThere =
    TargetGroupARNs.includes(targetGroupArn) ||
    TrafficSources.some(({ Identifier }) => Identifier === targetGroupArn);
  if (!group || isThere) return;
  const command = new AttachTrafficSourcesCommand({
    AutoScalingGroupName: groupName,
    TrafficSources: [{ Identifier: targetGroupArn, Type: 'elbv2' }],
  });
  await unlessGone(call('AttachTrafficSources', groupName, () => client.send(command)));
}

/**
 * Says whether AWS is still taking a group's instances out of a target group.
 * @throws AwsUnavailable, AwsRefused
 */
export async function isLeavingSource(
  client: AutoScalingClient,
  groupName: string,
): Promise<boolean> {
  const states = await readPages(async (NextToken) => {
    const command = new DescribeTrafficSourcesCommand({
      AutoScalingGroupName: groupName,
      NextToken,
    });
    try {
      const output = await call('DescribeTrafficSources', groupName, () => client.send(command));
      return { items: output.TrafficSources, next: output.NextToken };
    } catch (error) {
      if (isGone(error)) return { items: [], next: undefined };
      throw error;
    }
  });
  return states.some(({ State }) => State === LEAVING);
}
