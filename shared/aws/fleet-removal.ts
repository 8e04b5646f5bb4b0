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
import { DEPLOYMENT_TAG } from '../core/names.ts';
import type { Fleets } from '../ports/fleets.ts';
import { call, unlessRefused } from './call.ts';
import { describeLiveGroup, unlessGone, updateGroup } from './group-updates.ts';
import { describeTags, describeTargetGroup, NO_SUCH_TARGET_GROUP, tagValue } from './groups.ts';

/** The protection under which AWS refuses even to delete an empty group. */
const FULL_PROTECTION = 'prevent-all-deletion';

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
  if (group) await lowerOwnProtection(autoScaling, group);
  const targetGroupArn = await findTargetGroup(loadBalancing, fleet);
  // The group is what the next attempt looks for, so that it goes last.
  if (targetGroupArn !== undefined) await deleteTargetGroup(loadBalancing, targetGroupArn);
  if (group) await deleteGroup(autoScaling, fleet.autoScalingGroupName);
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
  if (createdBy !== undefined) return maker === createdBy;
  return targetGroupArn !== undefined || maker !== undefined;
}

/** Green copies blue's protection from deletion, and Teal takes it off what Teal made. */
async function lowerOwnProtection(
  client: AutoScalingClient,
  group: AutoScalingGroup,
): Promise<void> {
  if (group.DeletionProtection !== FULL_PROTECTION) return;
  if (tagValue(group.Tags ?? [], DEPLOYMENT_TAG) === undefined) {
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
