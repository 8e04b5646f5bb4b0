/**
 * Green's Auto Scaling group as a copy of blue's, as its ledger says.
 * Not for: calling AWS, nor what hangs on a group and has requests of its own.
 */
import type {
  AutoScalingGroup,
  CreateAutoScalingGroupCommandInput,
  LifecycleHook,
  Tag,
  TagDescription,
} from '@aws-sdk/client-auto-scaling';
import { GROUP_MEMBERS } from '../core/clone/group-ledgers.ts';
import type { Plan } from '../core/plan.ts';
import type { GreenParts } from '../ports/fleets.ts';
import { toHookSpecification } from './clone/hooks.ts';
import { copyMembers, isSet } from './clone/members.ts';
import { atVersion } from './clone/mixed-instances.ts';
import { deploymentTags, isForeignTag } from './deployment-tags.ts';

/**
 * The request that makes green's group. Empty members are not sent, because AWS describes what
 * was never set as an empty text or list, and takes neither. Lifecycle hooks are a part of it, so
 * that green's first instances meet them.
 */
export function toGreenGroup(
  blue: AutoScalingGroup,
  plan: Plan,
  parts: GreenParts,
  hooks: readonly LifecycleHook[] = [],
): CreateAutoScalingGroupCommandInput {
  const version = String(parts.greenLaunchTemplateVersion);
  return {
    ...copyMembers(GROUP_MEMBERS, blue),
    ...(isSet(blue.VPCZoneIdentifier) ? {} : { AvailabilityZones: blue.AvailabilityZones }),
    ...atVersion(blue, plan.blue.launchTemplateId, version),
    ...(hooks.length > 0 && { LifecycleHookSpecificationList: hooks.map(toHookSpecification) }),
    AutoScalingGroupName: plan.green.autoScalingGroupName,
    MinSize: plan.green.desiredCapacity,
    MaxSize: plan.green.maxSize,
    DesiredCapacity: plan.green.desiredCapacity,
    TargetGroupARNs: [parts.greenTargetGroupArn],
    Tags: greenTags(blue, plan),
  };
}

/**
 * Tags of green's group, those first that its instances must have from their launch on: the first
 * `TAGS_PER_CALL_MAX` go into the request that makes the group, all others follow.
 */
export function greenTags({ Tags = [] }: AutoScalingGroup, plan: Plan): Tag[] {
  const kept = keepTags(Tags);
  return [
    ...toDeploymentTags(plan),
    ...kept.filter(({ PropagateAtLaunch }) => PropagateAtLaunch),
    ...kept.filter(({ PropagateAtLaunch }) => !PropagateAtLaunch),
  ];
}

function keepTags(tags: readonly TagDescription[]): Tag[] {
  return tags
    .filter(isForeignTag)
    .map(({ Key, Value, PropagateAtLaunch }) => ({ Key, Value, PropagateAtLaunch }));
}

function toDeploymentTags(plan: Plan): Tag[] {
  return deploymentTags(plan).map((tag) => ({ ...tag, PropagateAtLaunch: true }));
}
