/**
 * What a launch meets besides its own data: the account's vCPUs, and keys that may not be used.
 */
import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { vcpuQuota } from '../../kernel/quotas.ts';
import { vcpusOf } from './instance-types.ts';
import type { Ec2State, ImageRecord, InstanceRecord } from './state.ts';

/** Instances in these states count. */
const COUNTED = new Set(['pending', 'running']);

/** How an instance is bought; quotas count one apart from the other. */
export type Lifecycle = 'on-demand' | 'spot';

/**
 * vCPUs of all instances of one lifecycle that run or are about to. A Capacity Reservation counts as
 * On-Demand, with all its places from its beginning; what runs in one is not counted besides.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
 */
export function vcpusInUse({ instances, reservations }: Ec2State, lifecycle: Lifecycle): number {
  const running = [...instances.values()]
    .filter((one) => COUNTED.has(one.state) && (one.lifecycle ?? 'on-demand') === lifecycle)
    .filter((one) => one.capacityReservationId === undefined)
    .map(({ instanceType, data }) => vcpusOf(instanceType, data.CpuOptions));
  const reserved =
    lifecycle === 'spot'
      ? []
      : [...reservations.values()].map((one) => vcpusOf(one.instanceType) * one.instanceCount);
  return [...running, ...reserved].reduce((sum, one) => sum + one, 0);
}

/**
 * The quota counts the vCPUs that everything that runs uses; the region's types are all in one
 * bucket. Not for: what is launched into a Capacity Reservation, which was counted when it was made.
 * @throws AwsError VcpuLimitExceeded, MaxSpotInstanceCountExceeded
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function refuseTooManyProcessors(
  { kernel, state }: { readonly kernel: Kernel; readonly state: Ec2State },
  launch: {
    readonly data: ResponseLaunchTemplateData;
    readonly lifecycle: Lifecycle;
    readonly count: number;
  },
): void {
  const { data, lifecycle, count } = launch;
  const limit = vcpuQuota(kernel.quotas, lifecycle);
  const needed = count * vcpusOf(data.InstanceType ?? '', data.CpuOptions);
  if (vcpusInUse(state, lifecycle) + needed <= limit) return;
  if (lifecycle === 'spot') {
    throw new AwsError('MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded');
  }
  throw new AwsError(
    'VcpuLimitExceeded',
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for ` +
      'the instance bucket that the specified instance type belongs to. Please visit ' +
      'http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.',
  );
}

/**
 * Why an instance ends instead of booting: a volume of it is encrypted with a key that Auto Scaling
 * may not use, or that nobody may use now.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html
 */
export function keyFailure(
  {
    state,
    isKeyUsable,
  }: { readonly state: Ec2State; readonly isKeyUsable: (keyArn: string) => boolean },
  { data }: InstanceRecord,
  image: ImageRecord,
): { readonly code: string; readonly message: string } | undefined {
  const keys = image.blockDeviceMappings.map(({ DeviceName, Ebs }) => {
    const own = data.BlockDeviceMappings?.find((mapping) => mapping.DeviceName === DeviceName);
    return own?.Ebs?.KmsKeyId ?? state.snapshots.get(Ebs?.SnapshotId ?? '')?.keyArn;
  });
  if (keys.every((keyArn) => keyArn === undefined || isKeyUsable(keyArn))) return undefined;
  return { code: 'Client.InternalError', message: 'Client error on launch' };
}
