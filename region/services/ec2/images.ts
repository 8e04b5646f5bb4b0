/**
 * Images: what can be launched. A build elsewhere would register them; here they are added from
 * inside the process, with the program that they contain.
 */
import type {
  BlockDeviceMapping,
  DeregisterImageRequest,
  DescribeImagesRequest,
  Image,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { imageNotFound, invalidCombination, malformedId } from './errors.ts';
import { applyFilters } from './filters.ts';
import { describeOperation, ec2Operation } from './operation.ts';
import { ec2Page } from './paging.ts';
import { type SnapshotSeed, snapshotsOf } from './snapshots.ts';
import { ec2Arn, taggedPermission } from './tags.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Program } from '../../machines/program.ts';
import type { Architecture, Ec2State, ImageRecord, ImageState } from './state.ts';
import type { TagStore } from './tags.ts';

const DEFAULT_ROOT_DEVICE = '/dev/xvda';
const DEFAULT_VOLUME_GIB = 8;
const IMAGE_ID = /^ami-[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

/** What an image is made of. Only the name and the program have to be given. */
export interface ImageSeed {
  /** Such as `ami-` and 17 hex digits; from the seed when absent. */
  readonly imageId?: string;
  readonly name: string;
  readonly program: Program;
  readonly tags?: Readonly<Record<string, string>>;
  /** Default `available`. */
  readonly state?: ImageState;
  /** Default `x86_64`. */
  readonly architecture?: Architecture;
  /** Default: this account. */
  readonly ownerId?: string;
  /** Whether an image of another account is shared with this one. Default true. */
  readonly shared?: boolean;
  /** Default `/dev/xvda`. */
  readonly rootDeviceName?: string;
  /** Default: one root volume of 8 GiB. */
  readonly blockDeviceMappings?: readonly BlockDeviceMapping[];
  /** Default true. */
  readonly hasEna?: boolean;
  /** Epoch milliseconds from which the image is deprecated. Default: never. */
  readonly deprecatedAt?: number;
  /** What is different about its snapshots from its volumes. */
  readonly snapshots?: readonly SnapshotSeed[];
  /**
   * Makes every instance go from `pending` to `terminated`, as when the key of an encrypted
   * snapshot is not granted: `Client.InternalError`, `Client error on launch`.
   */
  readonly bootFailure?: { readonly code: string; readonly message: string };
}

/** Images, seen by whoever owns the region. */
export interface Images {
  /** Adds an image and answers its id. Emits an AMI state change unless it is `pending`. */
  add(seed: ImageSeed): string;
  /** Moves an image to another state and emits the change. */
  setState(imageId: string, state: ImageState): void;
  /** An image that this account may see. @throws AwsError InvalidAMIID.* */
  find(imageId: string): ImageRecord;
  /** GiB of the snapshot behind a volume; undefined for a volume without one. */
  snapshotSize(snapshotId: string | undefined): number | undefined;
}

interface ImageDependencies {
  readonly kernel: Kernel;
  readonly state: Ec2State;
  readonly tags: TagStore;
}

/**
 * Starts without images. A change of state is told to EventBridge, as EC2 does.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitor-ami-events.html
 */
export function createImages({ kernel, state, tags }: ImageDependencies): Images {
  const announce = (image: ImageRecord): void => {
    if (image.state === 'pending') return;
    kernel.emit({
      source: 'aws.ec2',
      detailType: 'EC2 AMI State Change',
      resources: [ec2Arn('image', image.id)],
      detail: {
        RequestId: requestId(kernel),
        ImageId: image.id,
        State: image.state,
        ErrorMessage: '',
      },
    });
  };
  return {
    add: (seed) => {
      const image = newImage(kernel, seed);
      if (state.images.has(image.id)) throw new Error(`There is an image ${image.id} already.`);
      state.images.set(image.id, image);
      for (const snapshot of snapshotsOf(image, seed.snapshots ?? [])) {
        state.snapshots.set(snapshot.id, snapshot);
      }
      tags.set(image.id, Object.entries(seed.tags ?? {}));
      announce(image);
      return image.id;
    },
    setState: (imageId, next) => {
      const image = state.images.get(imageId);
      if (!image) throw new Error(`There is no image ${imageId}.`);
      image.state = next;
      announce(image);
    },
    find: (imageId) => findImage(state, imageId),
    snapshotSize: (snapshotId) => state.snapshots.get(snapshotId ?? '')?.sizeGib,
  };
}

/** DescribeImages, DeregisterImage. */
export function imageOperations({ state, tags }: ImageDependencies, images: Images) {
  return {
    DescribeImages: describeOperation('DescribeImages', (input: DescribeImagesRequest) => {
      const ids = input.ImageIds ?? [];
      if (ids.length > 0 && input.MaxResults !== undefined) {
        throw invalidCombination(
          'The parameter imageIds cannot be used with the parameter maxResults',
        );
      }
      const unknown = ids.filter((id) => !isVisible(state.images.get(checkedId(id))));
      if (unknown.length > 0) throw imageNotFound(unknown);
      for (const id of ids) findImage(state, id);
      const page = ec2Page(selectImages(state, tags, input), input);
      return {
        Images: page.items.map((image) => describe(image, tags)),
        NextToken: page.nextToken,
      };
    }),
    DeregisterImage: ec2Operation(
      (input: DeregisterImageRequest) => [
        taggedPermission('ec2:DeregisterImage', tags, input.ImageId ?? ''),
      ],
      (input) => {
        const image = findImage(state, input.ImageId ?? '');
        if (image.ownerId !== ACCOUNT_ID) {
          throw new AwsError('AuthFailure', `Not authorized for image:${image.id}`, {
            httpStatus: 403,
          });
        }
        images.setState(image.id, 'deregistered');
        return { Return: true };
      },
    ),
  };
}

function newImage(kernel: Kernel, seed: ImageSeed): ImageRecord {
  const rootDeviceName = seed.rootDeviceName ?? DEFAULT_ROOT_DEVICE;
  const rootVolume: BlockDeviceMapping = {
    DeviceName: rootDeviceName,
    Ebs: {
      SnapshotId: `snap-${kernel.hex(17)}`,
      VolumeSize: DEFAULT_VOLUME_GIB,
      VolumeType: 'gp3',
      DeleteOnTermination: true,
      Encrypted: false,
    },
  };
  return {
    id: seed.imageId ?? `ami-${kernel.hex(17)}`,
    name: seed.name,
    ownerId: seed.ownerId ?? ACCOUNT_ID,
    architecture: seed.architecture ?? 'x86_64',
    rootDeviceName,
    blockDeviceMappings: seed.blockDeviceMappings ?? [rootVolume],
    program: seed.program,
    shared: seed.shared ?? true,
    hasEna: seed.hasEna ?? true,
    ...(seed.deprecatedAt !== undefined && { deprecatedAt: seed.deprecatedAt }),
    ...(seed.bootFailure && { bootFailure: seed.bootFailure }),
    createdAt: kernel.clock.now(),
    state: seed.state ?? 'available',
  };
}

function isVisible(image: ImageRecord | undefined): boolean {
  return image !== undefined && (image.ownerId === ACCOUNT_ID || image.shared);
}

function checkedId(imageId: string): string {
  if (!IMAGE_ID.test(imageId)) throw malformedId('InvalidAMIID.Malformed', imageId, 'ami');
  return imageId;
}

/** A deregistered image is told apart from one that never was, as AWS does for a while. */
function findImage(state: Ec2State, imageId: string): ImageRecord {
  const image = state.images.get(checkedId(imageId));
  if (!image || !isVisible(image)) throw imageNotFound([imageId]);
  if (image.state === 'deregistered') {
    throw new AwsError(
      'InvalidAMIID.Unavailable',
      `The image id '[${imageId}]' is no longer available`,
    );
  }
  return image;
}

function selectImages(state: Ec2State, tags: TagStore, input: DescribeImagesRequest) {
  const ids = input.ImageIds ?? [];
  const owners = (input.Owners ?? []).map((owner) => (owner === 'self' ? ACCOUNT_ID : owner));
  const candidates = [...state.images.values()].filter(
    (image) =>
      isVisible(image) &&
      image.state !== 'deregistered' &&
      (image.state !== 'disabled' || input.IncludeDisabled === true) &&
      (ids.length === 0 || ids.includes(image.id)) &&
      (owners.length === 0 || owners.includes(image.ownerId)),
  );
  return applyFilters(
    candidates,
    input.Filters,
    {
      name: (image) => [image.name],
      state: (image) => [image.state],
      architecture: (image) => [image.architecture],
      'image-id': (image) => [image.id],
      'owner-id': (image) => [image.ownerId],
      'root-device-name': (image) => [image.rootDeviceName],
      'root-device-type': () => ['ebs'],
      'virtualization-type': () => ['hvm'],
      'image-type': () => ['machine'],
    },
    (image) => tags.of(image.id),
  );
}

function describe(image: ImageRecord, tags: TagStore): Image {
  return {
    ImageId: image.id,
    Name: image.name,
    ImageLocation: `${image.ownerId}/${image.name}`,
    ImageType: 'machine',
    State: image.state,
    OwnerId: image.ownerId,
    Public: false,
    Architecture: image.architecture,
    CreationDate: new Date(image.createdAt).toISOString(),
    RootDeviceName: image.rootDeviceName,
    RootDeviceType: 'ebs',
    BlockDeviceMappings: image.blockDeviceMappings.map(withoutKey),
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: image.hasEna,
    ...(image.deprecatedAt !== undefined && {
      DeprecationTime: new Date(image.deprecatedAt).toISOString(),
    }),
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    Tags: tags.list(image.id),
  };
}

/** Only launches name keys; an image says no more than that a volume is encrypted. */
function withoutKey({ Ebs, ...mapping }: BlockDeviceMapping): BlockDeviceMapping {
  if (!Ebs) return mapping;
  const { KmsKeyId: _key, ...shown } = Ebs;
  return { ...mapping, Ebs: shown };
}

function requestId(kernel: Kernel): string {
  return [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
}
