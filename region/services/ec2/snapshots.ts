/**
 * Snapshots, which come with the images that are made of them.
 * Not for: making and deleting them one by one.
 */
import type { BlockDeviceMapping, DescribeSnapshotsRequest } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { applyFilters } from './filters.ts';
import { describeOperation } from './operation.ts';
import { ec2Page } from './paging.ts';
import type { Ec2State, ImageRecord, SnapshotRecord } from './state.ts';

/** What is different about a snapshot from the volume that its image maps. */
export type SnapshotSeed = Pick<SnapshotRecord, 'id'> & Partial<SnapshotRecord>;

/** The snapshots of an image's volumes, completed by what was said about them. */
export function snapshotsOf(
  image: Pick<ImageRecord, 'ownerId' | 'blockDeviceMappings' | 'createdAt'>,
  seeds: readonly SnapshotSeed[],
): readonly SnapshotRecord[] {
  return image.blockDeviceMappings.flatMap(({ Ebs }: BlockDeviceMapping) => {
    if (!Ebs?.SnapshotId) return [];
    const seed = seeds.find(({ id }) => id === Ebs.SnapshotId);
    return [
      {
        id: Ebs.SnapshotId,
        ownerId: image.ownerId,
        sizeGib: Ebs.VolumeSize ?? 1,
        state: 'completed',
        storageTier: 'standard',
        createdAt: image.createdAt,
        ...(Ebs.Encrypted && Ebs.KmsKeyId && { keyArn: Ebs.KmsKeyId }),
        ...seed,
      },
    ];
  });
}

/** DescribeSnapshots. Sharing an image does not share what it is made of. */
export function snapshotOperations({ snapshots }: Pick<Ec2State, 'snapshots'>) {
  return {
    DescribeSnapshots: describeOperation('DescribeSnapshots', (input: DescribeSnapshotsRequest) => {
      const visible = [...snapshots.values()].filter(({ ownerId }) => ownerId === ACCOUNT_ID);
      const ids = input.SnapshotIds ?? [];
      for (const id of ids) {
        if (!visible.some((snapshot) => snapshot.id === id)) {
          throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
        }
      }
      const matching = applyFilters(
        visible.filter(({ id }) => ids.length === 0 || ids.includes(id)),
        input.Filters,
        {
          'snapshot-id': ({ id }) => [id],
          status: ({ state }) => [state],
          'storage-tier': ({ storageTier }) => [storageTier],
          encrypted: ({ keyArn }) => [String(keyArn !== undefined)],
        },
        () => new Map(),
      );
      const page = ec2Page(matching, input);
      return { Snapshots: page.items.map(describe), NextToken: page.nextToken };
    }),
  };
}

function describe(snapshot: SnapshotRecord) {
  return {
    SnapshotId: snapshot.id,
    OwnerId: snapshot.ownerId,
    VolumeSize: snapshot.sizeGib,
    State: snapshot.state,
    StorageTier: snapshot.storageTier,
    StartTime: new Date(snapshot.createdAt),
    Progress: snapshot.state === 'completed' ? '100%' : '50%',
    Encrypted: snapshot.keyArn !== undefined,
    ...(snapshot.keyArn !== undefined && { KmsKeyId: snapshot.keyArn }),
  };
}
