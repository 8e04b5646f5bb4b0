/**
 * What EC2 checks before it launches: the same rules for a launch, for a dry run, and for the
 * warnings of a launch template.
 */
import type { ResponseLaunchTemplateData, ValidationWarning } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import {
  invalidCombination,
  invalidParameter,
  missingParameter,
  notImplemented,
} from './errors.ts';
import { instanceTypeNamed, refuseCpuOptions } from './instance-types.ts';
import { securityGroupNotFound } from './network.ts';
import { PARAMETER_REFERENCE } from './template-data.ts';
import type { Images } from './images.ts';
import type { Network } from './network.ts';
import type { ImageRecord } from './state.ts';

type Data = ResponseLaunchTemplateData;
type Rule = (data: Data) => void;

/** The same rules at three moments, from the mildest to the strictest. */
export interface LaunchCheck {
  /**
   * Refuses what a dry run of RunInstances refuses.
   * @throws AwsError with EC2's code, the first of all that apply
   */
  dryRun(data: Data): void;
  /** Refuses, besides, what shows only when an instance is really launched. @throws AwsError */
  launch(data: Data): ImageRecord;
  /** What is wrong with template data that was stored nevertheless; undefined when nothing is. */
  warning(data: Data): ValidationWarning | undefined;
}

/** `keyNames` are the key pairs that exist. */
export function createLaunchCheck(options: {
  images: Images;
  network: Network;
  keyNames: readonly string[];
}): LaunchCheck {
  const { images, network, keyNames } = options;
  const image = (data: Data): ImageRecord => launchableImage(images, data);
  const given: readonly Rule[] = [
    (data) => data.ImageId && checkVolumes(images, image(data), data),
    (data) => data.InstanceType && checkInstanceType(data),
    (data) => checkSecurityGroups(network, data),
    (data) => checkKey(keyNames, data),
  ];
  const runnable: readonly Rule[] = [requireMembers, refuseWhatIsMissing];
  const atLaunch: readonly Rule[] = [
    (data) => checkArchitecture(image(data), data),
    (data) => checkNetworkAdapter(image(data), data),
  ];
  const apply = (rules: readonly Rule[], data: Data): void => {
    for (const rule of rules) rule(data);
  };

  return {
    dryRun: (data) => apply([...runnable, ...given], data),
    launch: (data) => {
      apply([...runnable, ...given, ...atLaunch], data);
      return image(data);
    },
    warning: (data) => {
      if (data.ImageId?.startsWith(PARAMETER_REFERENCE)) return undefined;
      const Errors = given.flatMap((rule) => problemsOf(rule, data));
      return Errors.length > 0 ? { Errors } : undefined;
    },
  };
}

function problemsOf(rule: Rule, data: Data): { Code: string; Message: string }[] {
  try {
    rule(data);
    return [];
  } catch (error) {
    if (error instanceof AwsError) return [{ Code: error.code, Message: error.message }];
    throw error;
  }
}

function requireMembers(data: Data): void {
  if (!data.ImageId) throw missingParameter('ImageId');
  if (!data.InstanceType) throw missingParameter('InstanceType');
}

/** Features whose absence would make a launch something else than what was asked for. */
function refuseWhatIsMissing(data: Data): void {
  if (data.InstanceMarketOptions) throw notImplemented('Spot Instances (InstanceMarketOptions)');
  if (data.InstanceRequirements) throw notImplemented('InstanceRequirements');
  if (data.ImageId?.startsWith(PARAMETER_REFERENCE)) {
    throw notImplemented('image ids from Systems Manager parameters');
  }
}

function launchableImage(images: Images, data: Data): ImageRecord {
  const image = images.find(data.ImageId ?? '');
  if (image.state === 'available') return image;
  throw new AwsError(
    'InvalidAMIID.Unavailable',
    `The image ID '${image.id}' is in the state '${image.state}' and cannot be launched`,
  );
}

function instanceType(data: Data) {
  const type = instanceTypeNamed(data.InstanceType ?? '');
  if (type) return type;
  throw invalidParameter(`Invalid value '${data.InstanceType}' for InstanceType.`);
}

function checkInstanceType(data: Data): void {
  const type = instanceType(data);
  if (data.CpuOptions) refuseCpuOptions(type, data.CpuOptions);
}

function checkSecurityGroups(network: Network, data: Data): void {
  const ofInstance = [...(data.SecurityGroupIds ?? [])];
  if (ofInstance.length > 0 && data.NetworkInterfaces?.length) {
    throw invalidCombination(
      'Network interfaces and an instance-level security groups may not be specified on the ' +
        'same request',
    );
  }
  const ofInterfaces = (data.NetworkInterfaces ?? []).flatMap((face) => face.Groups ?? []);
  for (const id of [...ofInstance, ...ofInterfaces]) {
    if (!network.securityGroup(id)) throw securityGroupNotFound(id);
  }
  for (const name of data.SecurityGroups ?? []) {
    if (!network.securityGroupNamed(name)) throw securityGroupNotFound(name);
  }
}

function checkKey(keyNames: readonly string[], data: Data): void {
  if (data.KeyName === undefined || keyNames.includes(data.KeyName)) return;
  throw new AwsError('InvalidKeyPair.NotFound', `The key pair '${data.KeyName}' does not exist`);
}

/** A volume cannot be smaller than the snapshot it starts from. */
function checkVolumes(images: Images, image: ImageRecord, data: Data): void {
  for (const mapping of data.BlockDeviceMappings ?? []) {
    const source = image.blockDeviceMappings.find(
      (candidate) => candidate.DeviceName === mapping.DeviceName,
    );
    const least = images.snapshotSize(source?.Ebs?.SnapshotId) ?? source?.Ebs?.VolumeSize;
    const size = mapping.Ebs?.VolumeSize;
    if (size === undefined || least === undefined || size >= least) continue;
    throw new AwsError(
      'InvalidBlockDeviceMapping',
      `Volume of size ${size}GB is smaller than snapshot '${source?.Ebs?.SnapshotId}', ` +
        `expect size >= ${least}GB`,
    );
  }
}

function checkArchitecture(image: ImageRecord, data: Data): void {
  const { architecture } = instanceType(data);
  if (architecture === image.architecture) return;
  throw invalidParameter(
    `The architecture '${architecture}' of the specified instance type does not match the ` +
      `architecture '${image.architecture}' of the specified AMI. Specify an instance type and ` +
      'an AMI that have matching architectures, and try again.',
  );
}

/** Every type of the region needs the adapter. @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enhanced-networking-ena.html */
function checkNetworkAdapter(image: ImageRecord, data: Data): void {
  if (image.hasEna) return;
  throw invalidCombination(
    `Enhanced networking with the Elastic Network Adapter (ENA) is required for the ` +
      `'${data.InstanceType}' instance type. Ensure that you are using an AMI that is enabled for ENA.`,
  );
}
