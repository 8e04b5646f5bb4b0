/**
 * Changes the sizes of fleets, and takes down what is over. Every call compares before it writes,
 * so that it may be made twice.
 * Not for: launch templates; EC2's client would add 31 kB to every function that resizes a fleet.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  SetInstanceProtectionCommand,
} from '@aws-sdk/client-auto-scaling';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { toRest, toResume, toSuspend, toWake } from '../core/freezes.ts';
import type { Plan } from '../core/plan.ts';
import type { IsoInstant } from '../core/units.ts';
import type { Fleets, GroupSize } from '../ports/fleets.ts';
import { call } from './call.ts';
import { drainWarmPool } from './clone/warm-pools.ts';
import { isInService } from './fleet-reading.ts';
import { removeFleet } from './fleet-removal.ts';
import { readSuspended, resumeProcesses, suspendProcesses } from './group-processes.ts';
import { describeLiveGroup, updateGroup } from './group-updates.ts';
import { chunksOf } from './pages.ts';
import { sizesAfterRest } from './schedules.ts';
import { attachSource, detachSources } from './traffic-sources.ts';

/**
 * Instances in one call.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SetInstanceProtection.html
 */
const PROTECTION_IDS_MAX = 50;

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
}

/** Makes the fleets of the account's region. */
export function createFleets(dependencies: Dependencies): Fleets {
  const { autoScaling } = dependencies;
  const resize = (name: string, size: GroupSize) => resizeGroup(autoScaling, name, size);
  return {
    resize,
    async pinBlue({ blue, green }) {
      const group = await describeLiveGroup(autoScaling, blue.autoScalingGroupName);
      if (!group) return;
      const { MinSize = 0, MaxSize = 0 } = group;
      const minSize = Math.max(MinSize, Math.min(green.desiredCapacity, MaxSize));
      await updateGroup(autoScaling, group, {
        MinSize: minSize,
        ...(group.CapacityRebalance && { CapacityRebalance: false }),
      });
      await suspendProcesses(
        autoScaling,
        blue.autoScalingGroupName,
        toSuspend(readSuspended(group)),
      );
    },
    releaseGreen: (plan, now) => releaseGreen(autoScaling, plan, now),
    deregister: (name) => detachSources(autoScaling, name),
    register: (name, targetGroupArn) => attachSource(autoScaling, name, targetGroupArn),
    empty: (name, { isForGood }) => emptyGroup(autoScaling, name, isForGood),
    rest: (name) => restGroup(autoScaling, name),
    wake: (plan) => wakeRetained(autoScaling, plan),
    remove: (fleet) => removeFleet(dependencies, fleet),
  };
}

async function wakeRetained(client: AutoScalingClient, { green }: Plan): Promise<void> {
  const { autoScalingGroupName, desiredCapacity, maxSize, retained } = green;
  const group = await describeLiveGroup(client, autoScalingGroupName);
  if (!group || !retained) return;
  await updateGroup(client, group, {
    MinSize: desiredCapacity,
    MaxSize: maxSize,
    DesiredCapacity: Math.max(desiredCapacity, group.DesiredCapacity ?? 0),
  });
  const suspended = readSuspended(group);
  await suspendProcesses(client, autoScalingGroupName, toSuspend(suspended));
  const resting = toWake(suspended, retained.suspendedProcesses);
  await resumeProcesses(client, autoScalingGroupName, resting);
}

async function releaseGreen(client: AutoScalingClient, plan: Plan, now: IsoInstant): Promise<void> {
  const { blue, green } = plan;
  const name = green.autoScalingGroupName;
  const { minSize, maxSize, suspendedProcesses, hasCapacityRebalance } = green.retained ?? blue;
  const group = await describeLiveGroup(client, name);
  if (!group) return;
  const resting = toResume(readSuspended(group), suspendedProcesses);
  const before = { minSize, maxSize, desiredCapacity: group.DesiredCapacity ?? 0 };
  const sizes = sizesAfterRest(before, group, { plan, resting, now });
  await updateGroup(client, group, {
    MinSize: sizes.minSize,
    MaxSize: sizes.maxSize,
    ...(sizes.desiredCapacity !== before.desiredCapacity && {
      DesiredCapacity: sizes.desiredCapacity,
    }),
    ...(hasCapacityRebalance && { CapacityRebalance: true }),
  });
  await resumeProcesses(client, name, resting);
}

async function resizeGroup(
  client: AutoScalingClient,
  name: string,
  { minSize, maxSize, desiredCapacity }: GroupSize,
): Promise<void> {
  const group = await describeLiveGroup(client, name);
  if (!group) return;
  await updateGroup(client, group, {
    ...(minSize !== undefined && { MinSize: minSize }),
    ...(maxSize !== undefined && { MaxSize: maxSize }),
    ...(desiredCapacity !== undefined && { DesiredCapacity: desiredCapacity }),
  });
}

/**
 * Warm pool, maximum and protected instances are their owner's where the group is kept; where it
 * goes, each of them would keep it from becoming empty.
 */
async function emptyGroup(
  client: AutoScalingClient,
  name: string,
  isForGood: boolean,
): Promise<void> {
  if (!isForGood) {
    await restGroup(client, name);
    await resizeGroup(client, name, { minSize: 0, desiredCapacity: 0 });
    return;
  }
  await drainWarmPool(client, name);
  const group = await describeLiveGroup(client, name);
  if (group) await unprotectInstances(client, group);
  await resizeGroup(client, name, { minSize: 0, maxSize: 0, desiredCapacity: 0 });
}

async function restGroup(client: AutoScalingClient, name: string): Promise<void> {
  const group = await describeLiveGroup(client, name);
  if (group) await suspendProcesses(client, name, toRest(readSuspended(group)));
}

/** Protection is taken off explicitly, and only from instances that AWS lets be changed. */
async function unprotectInstances(
  client: AutoScalingClient,
  { AutoScalingGroupName = '', Instances = [] }: AutoScalingGroup,
): Promise<void> {
  const ids = Instances.filter(isInService).flatMap(({ InstanceId, ProtectedFromScaleIn }) =>
    ProtectedFromScaleIn && InstanceId ? [InstanceId] : [],
  );
  for (const chunk of chunksOf(ids, PROTECTION_IDS_MAX)) {
    const command = new SetInstanceProtectionCommand({
      AutoScalingGroupName,
      InstanceIds: [...chunk],
      ProtectedFromScaleIn: false,
    });
    await call('SetInstanceProtection', AutoScalingGroupName, () => client.send(command));
  }
}
