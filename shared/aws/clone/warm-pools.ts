/**
 * The end of a warm pool. Its instances are no members of the group, and the group is not deleted
 * before the pool is gone.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DeleteWarmPoolCommand,
} from '@aws-sdk/client-auto-scaling';
import { call } from '../call.ts';
import { describeLiveGroup, unlessGone } from '../group-updates.ts';
import { POOL_IS_GOING } from './hooks.ts';

/** Begins to delete a group's warm pool; none, or one that is going already, is fine. */
export async function drainWarmPool(client: AutoScalingClient, groupName: string): Promise<void> {
  const group = await describeLiveGroup(client, groupName);
  const pool = group?.WarmPoolConfiguration;
  if (!pool || pool.Status === POOL_IS_GOING) return;
  const command = new DeleteWarmPoolCommand({ AutoScalingGroupName: groupName });
  await unlessGone(call('DeleteWarmPool', groupName, () => client.send(command)));
}

/** Instances of a warm pool that is going; 0 where there is none, or it stays. */
export function countGoing(group: AutoScalingGroup | undefined): number {
  const isGoing = group?.WarmPoolConfiguration?.Status === POOL_IS_GOING;
  return isGoing ? Math.max(group?.WarmPoolSize ?? 0, 1) : 0;
}
