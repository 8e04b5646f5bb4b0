/**
 * Gives blue back what was taken from it: its sizes, and the version of its launch template that
 * it followed. Every call compares before it writes, so that it may be made twice.
 * Not for: traffic, and what else green leaves behind.
 */
import type { AutoScalingClient, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { toResume } from '../core/freezes.ts';
import type { Plan } from '../core/plan.ts';
import type { BlueRestorer } from '../ports/fleets.ts';
import { atVersion, type LaunchSource, templateOf } from './clone/mixed-instances.ts';
import { readSuspended, resumeProcesses } from './group-processes.ts';
import { describeLiveGroup, updateGroup } from './group-updates.ts';
import { discardVersion, LATEST_VERSION, readVersion } from './launch-templates.ts';
import { sizesAfterRest } from './schedules.ts';

/** Makes the restorer of blue. */
export function createBlueRestorer(dependencies: {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
}): BlueRestorer {
  const { autoScaling, ec2 } = dependencies;
  return {
    async restoreBlue(plan, now) {
      const group = await describeLiveGroup(autoScaling, plan.blue.autoScalingGroupName);
      if (!group) return;
      const { autoScalingGroupName, minSize, maxSize, suspendedProcesses } = plan.blue;
      const resting = toResume(readSuspended(group), suspendedProcesses);
      // What blue scaled out to meanwhile is what its traffic needed.
      const desired = Math.max(group.DesiredCapacity ?? 0, plan.blue.desiredCapacity);
      const before = { minSize, maxSize, desiredCapacity: Math.min(desired, maxSize) };
      const sizes = sizesAfterRest(before, group, { plan, resting, now });
      await updateGroup(autoScaling, group, {
        MinSize: sizes.minSize,
        MaxSize: sizes.maxSize,
        DesiredCapacity: sizes.desiredCapacity,
        ...(plan.blue.hasCapacityRebalance && { CapacityRebalance: true }),
        ...(await toOriginalVersion(ec2, group, plan)),
      });
      await resumeProcesses(autoScaling, autoScalingGroupName, resting);
    },
    async discardLaunchTemplateVersion(plan, version) {
      if (version === undefined) return;
      await discardVersion(ec2, plan, version);
      // Only now may `$Latest` be what blue follows again.
      const group = await describeLiveGroup(autoScaling, plan.blue.autoScalingGroupName);
      if (group) await updateGroup(autoScaling, group, await toOriginalVersion(ec2, group, plan));
    },
  };
}

/**
 * The version as blue named it before, if blue still stands at the number it was bound to.
 * `$Latest` is put back only while it means that same number: after green's version was made, it
 * would give blue green's image at its next launch.
 */
async function toOriginalVersion(
  ec2: EC2Client,
  group: AutoScalingGroup,
  { blue }: Plan,
): Promise<LaunchSource> {
  const { launchTemplateId, launchTemplateVersion, configuredVersion } = blue;
  if (configuredVersion === String(launchTemplateVersion)) return {};
  if (templateOf(group)?.Version !== String(launchTemplateVersion)) return {};
  if (configuredVersion === LATEST_VERSION) {
    const version = await readVersion(ec2, launchTemplateId, LATEST_VERSION);
    if (version !== launchTemplateVersion) return {};
  }
  return atVersion(group, launchTemplateId, configuredVersion);
}
