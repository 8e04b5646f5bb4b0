/**
 * Deletes what is left of a fleet: its target group, and its empty group.
 * Not for: emptying it.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DeleteAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteTargetGroupCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsRefused } from '../core/errors.ts';
import { DEPLOYMENT_TAG, toTagValue } from '../core/names.ts';
import type { Fleets } from '../ports/fleets.ts';
import { call, unlessRefused } from './call.ts';
import { describeLiveGroup, unlessGone, updateGroup } from './group-updates.ts';
import { describeTags, describeTargetGroup, NO_SUCH_TARGET_GROUP, tagValue } from './groups.ts';

/** The protection under which AWS refuses even to delete an empty group. */
export const FULL_PROTECTION = 'prevent-all-deletion';

type Fleet = Parameters<Fleets['remove']>[0];

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
}

/**
 * Deletes a fleet. A fleet that is known by its names alone must carry Teal's tag; one that is
 * said to be a deployment's must carry that deployment's.
 * @throws AwsUnavailable while a route still names the target group, or the group is still busy
 * @throws AwsRefused when the group's owner protected it from deletion
 */
export async function removeFleet(
  { autoScaling, loadBalancing }: Dependencies,
  fleet: Fleet,
): Promise<void> {
  const group = await findGroup(autoScaling, fleet);
  if (group) await lowerProtection(autoScaling, group, fleet);
  if (group) await deleteGroup(autoScaling, fleet.autoScalingGroupName);
  // Last, so that no group is ever attached to a target group that is gone.
  const targetGroupArn = await findTargetGroup(loadBalancing, fleet);
  if (targetGroupArn !== undefined) await deleteTargetGroup(loadBalancing, targetGroupArn);
}

async function findGroup(
  client: AutoScalingClient,
  fleet: Fleet,
): Promise<AutoScalingGroup | undefined> {
  const group = await describeLiveGroup(client, fleet.autoScalingGroupName);
  return group && mayDelete(fleet, tagValue(group.Tags ?? [], DEPLOYMENT_TAG)) ? group : undefined;
}

async function findTargetGroup(
  client: ElasticLoadBalancingV2Client,
  fleet: Fleet,
): Promise<string | undefined> {
  const { targetGroupArn, targetGroupName } = fleet;
  if (targetGroupArn === undefined && targetGroupName === undefined) return undefined;
  const by =
    targetGroupArn === undefined ? { name: targetGroupName ?? '' } : { arn: targetGroupArn };
  const arn = (await describeTargetGroup(client, by))?.TargetGroupArn;
  if (arn === undefined) return undefined;
  return mayDelete(fleet, tagValue(await describeTags(client, arn), DEPLOYMENT_TAG))
    ? arn
    : undefined;
}

/** Nothing is deleted that Teal did not create and was not given by its ARN. */
function mayDelete({ targetGroupArn, createdBy }: Fleet, maker: string | undefined): boolean {
  if (createdBy !== undefined) return maker === toTagValue(createdBy);
  return targetGroupArn !== undefined || maker !== undefined;
}

/** Protection is the owner's word against a deletion: only the owner's word for one outweighs it. */
async function lowerProtection(
  client: AutoScalingClient,
  group: AutoScalingGroup,
  { liftsProtection }: Fleet,
): Promise<void> {
  if (group.DeletionProtection !== FULL_PROTECTION) return;
  if (!liftsProtection) {
    throw new AwsRefused(
      `Tried to delete group ${group.AutoScalingGroupName}; its owner protected it from deletion ` +
        `(${FULL_PROTECTION}); lift that, or let Teal keep the group at zero.`,
      { facts: { on: group.AutoScalingGroupName } },
    );
  }
  await updateGroup(client, group, { DeletionProtection: 'none' });
}

async function deleteTargetGroup(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<void> {
  const command = new DeleteTargetGroupCommand({ TargetGroupArn: targetGroupArn });
  const calling = call('DeleteTargetGroup', targetGroupArn, () => client.send(command));
  await unlessRefused(NO_SUCH_TARGET_GROUP, calling);
}

async function deleteGroup(client: AutoScalingClient, name: string): Promise<void> {
  const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name });
  await unlessGone(call('DeleteAutoScalingGroup', name, () => client.send(command)));
}
