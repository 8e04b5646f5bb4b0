/**
 * What a launch meets besides its own data: the account's vCPUs, and keys that may not be used.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { instanceTypeNamed } from './instance-types.ts';
import type { Ec2State, ImageRecord, InstanceRecord } from './state.ts';

/** Instances in these states count. */
const COUNTED = new Set(['pending', 'running']);

/**
 * The quota counts the vCPUs of everything that runs; the region's types are all in one bucket.
 * @throws AwsError VcpuLimitExceeded
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
export function refuseTooManyProcessors(
  { kernel, state }: { readonly kernel: Kernel; readonly state: Ec2State },
  instanceType: string,
  count: number,
): void {
  const limit = kernel.quotas?.['running-vcpus'];
  if (limit === undefined) return;
  const running = [...state.instances.values()]
    .filter((instance) => COUNTED.has(instance.state))
    .reduce((sum, instance) => sum + vcpusOf(instance.instanceType), 0);
  if (running + count * vcpusOf(instanceType) <= limit) return;
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

function vcpusOf(instanceType: string): number {
  return instanceTypeNamed(instanceType)?.vcpus ?? 0;
}
