/**
 * What EC2 says about an image: what the planner must know of it, and its tags.
 */
import { DescribeImagesCommand, type EC2Client, type Image } from '@aws-sdk/client-ec2';
import type { ImageReading } from '../core/estate.ts';
import type { Images } from '../ports/estate.ts';
import { call, unlessRefused } from './call.ts';

/**
 * How EC2 says that an image is not there, or not for this account.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const NO_SUCH_IMAGE = ['InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable'];

/** Makes the images of the account's region. */
export function createImages(client: EC2Client): Images {
  return {
    async readTags(imageId) {
      const image = await describeImage(client, imageId);
      return image && Object.fromEntries((image.Tags ?? []).map(toEntry));
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
  return {
    imageId,
    state: image.State ?? 'unknown',
    architecture: image.Architecture ?? 'unknown',
  };
}

async function describeImage(client: EC2Client, imageId: string): Promise<Image | undefined> {
  const command = new DescribeImagesCommand({ ImageIds: [imageId] });
  const calling = call('DescribeImages', imageId, () => client.send(command));
  const output = await unlessRefused(NO_SUCH_IMAGE, calling);
  return output?.Images?.[0];
}

function toEntry({ Key = '', Value = '' }: { Key?: string; Value?: string }): [string, string] {
  return [Key, Value];
}
