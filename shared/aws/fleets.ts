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
import { toResume, toSuspend } from '../core/freezes.ts';
import type { Fleets, GroupSize } from '../ports/fleets.ts';
import { call } from './call.ts';
import { drainWarmPool } from './clone/warm-pools.ts';
import { removeFleet } from './fleet-removal.ts';
import { readSuspended, resumeProcesses, suspendProcesses } from './group-processes.ts';
import { describeLiveGroup, updateGroup } from './group-updates.ts';
import { chunksOf } from './pages.ts';

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
      await updateGroup(autoScaling, group, { MinSize: minSize });
      await suspendProcesses(
        autoScaling,
        blue.autoScalingGroupName,
        toSuspend(readSuspended(group)),
      );
    },
    async releaseGreen({ blue, green }) {
      const name = green.autoScalingGroupName;
      await resize(name, { minSize: blue.minSize, maxSize: blue.maxSize });
      const group = await describeLiveGroup(autoScaling, name);
      if (!group) return;
      const resting = toResume(readSuspended(group), blue.suspendedProcesses);
      await resumeProcesses(autoScaling, name, resting);
    },
    drainWarmPool: (name) => drainWarmPool(autoScaling, name),
    remove: (fleet) => removeFleet(dependencies, fleet),
  };
}

async function resizeGroup(
  client: AutoScalingClient,
  name: string,
  { minSize, maxSize, desiredCapacity }: GroupSize,
): Promise<void> {
  const group = await describeLiveGroup(client, name);
  if (!group) return;
  if (desiredCapacity === 0) await unprotectInstances(client, group);
  await updateGroup(client, group, {
    ...(minSize !== undefined && { MinSize: minSize }),
    ...(maxSize !== undefined && { MaxSize: maxSize }),
    ...(desiredCapacity !== undefined && { DesiredCapacity: desiredCapacity }),
  });
}

/** An instance that is protected from scaling in would keep its group from becoming empty. */
async function unprotectInstances(
  client: AutoScalingClient,
  { AutoScalingGroupName = '', Instances = [] }: AutoScalingGroup,
): Promise<void> {
  const ids = Instances.flatMap(({ InstanceId, ProtectedFromScaleIn }) =>
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
