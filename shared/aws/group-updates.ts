/**
 * Writes to Auto Scaling groups that may be made twice: what a group says already is not written,
 * and a group that is gone is left alone.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsRefused } from '../core/errors.ts';
import { call } from './call.ts';
import { type LaunchSource, templateOf } from './clone/mixed-instances.ts';
import { DELETION_STATUS, describeGroup } from './groups.ts';

/** What Teal changes about a group that exists. */
export type GroupChange = Pick<
  UpdateAutoScalingGroupCommandInput,
  'MinSize' | 'MaxSize' | 'DesiredCapacity' | 'CapacityRebalance' | 'DeletionProtection'
> &
  LaunchSource;

/** How Auto Scaling says that a group is not there, or will not be for long. It has no code. */
const GONE_MESSAGE = /AutoScalingGroup name not found|pending delete/;

/** Undefined when there is no such group, or AWS is deleting it already. */
export async function describeLiveGroup(
  client: AutoScalingClient,
  autoScalingGroupName: string,
): Promise<AutoScalingGroup | undefined> {
  const group = await describeGroup(client, autoScalingGroupName);
  return group?.Status === DELETION_STATUS ? undefined : group;
}

/**
 * Writes what differs from the group as it was described.
 * @throws AwsUnavailable, AwsRefused
 */
export async function updateGroup(
  client: AutoScalingClient,
  group: AutoScalingGroup,
  { LaunchTemplate, MixedInstancesPolicy, ...plain }: GroupChange,
): Promise<void> {
  const different = Object.entries(plain).filter(
    ([member, value]) => group[member as keyof typeof plain] !== value,
  );
  const wanted = templateOf({ LaunchTemplate, MixedInstancesPolicy });
  const isOtherVersion = wanted && wanted.Version !== templateOf(group)?.Version;
  if (different.length === 0 && !isOtherVersion) return;
  const name = group.AutoScalingGroupName ?? '';
  const command = new UpdateAutoScalingGroupCommand({
    AutoScalingGroupName: name,
    ...Object.fromEntries(different),
    ...(isOtherVersion && LaunchTemplate && { LaunchTemplate }),
    ...(isOtherVersion && MixedInstancesPolicy && { MixedInstancesPolicy }),
  });
  await unlessGone(call('UpdateAutoScalingGroup', name, () => client.send(command)));
}

/**
 * Waits for a write to a group, and takes it for done where the group is gone.
 * @throws AwsUnavailable, AwsRefused
 */
export async function unlessGone(calling: Promise<unknown>): Promise<void> {
  try {
    await calling;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** Says whether a call failed because its group is not there, or will not be for long. */
export function isGone(error: unknown): boolean {
  const answer = error instanceof AwsRefused ? error.cause : undefined;
  return answer instanceof Error && GONE_MESSAGE.test(answer.message);
}
