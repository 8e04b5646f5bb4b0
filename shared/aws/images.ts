/**
 * What EC2 says about an image: what the planner must know of it, and its tags.
 */
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  DescribeImagesCommand,
  type EC2Client,
  type Image,
  type LaunchTemplateBlockDeviceMapping,
} from '@aws-sdk/client-ec2';
import type { ImageReading, VolumeReading } from '../core/estate.ts';
import type { Images } from '../ports/estate.ts';
import { call, unlessRefused } from './call.ts';
import { describeGroup } from './groups.ts';
import { readLaunchTemplate } from './launch-templates.ts';

/**
 * How EC2 says that an image is not there, or not for this account.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const NO_SUCH_IMAGE = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'];

/** Makes the images of the account's region. */
export function createImages({
  autoScaling,
  ec2,
}: {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
}): Images {
  return {
    async read(imageId) {
      const image = await describeImage(ec2, imageId);
      if (!image) return undefined;
      const tags = Object.fromEntries((image.Tags ?? []).map(toEntry));
      return { ...toImageReading(imageId, image), tags };
    },
    async readServing(autoScalingGroupName) {
      const group = await describeGroup(autoScaling, autoScalingGroupName);
      const template = group && (await readLaunchTemplate(ec2, group));
      return template?.imageId === undefined ? undefined : readImage(ec2, template.imageId);
    },
  };
}

/** Reads what the planner looks at; undefined when there is no such image here. */
export async function readImage(
  client: EC2Client,
  imageId: string,
): Promise<ImageReading | undefined> {
  const image = await describeImage(client, imageId);
  if (!image) return undefined;
  return toImageReading(imageId, image);
}

/** A described image as the planner looks at it; what EC2 left out is left out. */
function toImageReading(imageId: string, image: Image): ImageReading {
  const details = {
    ownerId: image.OwnerId,
    isPublic: image.Public,
    isAllowed: image.ImageAllowed,
    deprecatedAt: image.DeprecationTime,
    createdAt: image.CreationDate,
    virtualization: image.VirtualizationType,
    hasEna: image.EnaSupport,
    bootMode: image.BootMode,
    needsTpm: image.TpmSupport === undefined ? undefined : true,
    rootDeviceName: image.RootDeviceName,
    volumes: image.BlockDeviceMappings && toVolumes(image.BlockDeviceMappings),
  };
  return {
    imageId,
    state: image.State ?? 'unknown',
    architecture: image.Architecture ?? 'unknown',
    ...dropAbsent(details),
  };
}

/** The volumes of a block device mapping; instance stores and suppressed devices are none. */
export function toVolumes(
  mappings: readonly LaunchTemplateBlockDeviceMapping[],
): readonly VolumeReading[] {
  return mappings.flatMap(({ DeviceName, Ebs }) =>
    DeviceName === undefined || Ebs === undefined
      ? []
      : [
          {
            deviceName: DeviceName,
            ...dropAbsent({
              snapshotId: Ebs.SnapshotId,
              sizeGib: Ebs.VolumeSize,
              keyArn: Ebs.KmsKeyId,
              isEncrypted: Ebs.Encrypted,
            }),
          },
        ],
  );
}

type Present<Members> = { [Name in keyof Members]?: NonNullable<Members[Name]> };

function dropAbsent<Members extends object>(members: Members): Present<Members> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Present<Members>;
}

async function describeImage(client: EC2Client, imageId: string): Promise<Image | undefined> {
  // Without these two, an image that is there and cannot be launched looks like one that never was.
  const command = new DescribeImagesCommand({
    ImageIds: [imageId],
    IncludeDeprecated: true,
    IncludeDisabled: true,
  });
  const calling = call('DescribeImages', imageId, () => client.send(command));
  const output = await unlessRefused(NO_SUCH_IMAGE, calling);
  return output?.Images?.[0];
}

function toEntry({ Key = '', Value = '' }: { Key?: string; Value?: string }): [string, string] {
  return [Key, Value];
}
