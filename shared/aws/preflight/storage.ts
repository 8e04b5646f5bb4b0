/**
 * Snapshots behind an image's volumes, and the keys of encrypted ones.
 */
import { DescribeSnapshotsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { ImageReading, VolumeReading } from '../../core/estate.ts';
import type { KeyReading, SnapshotReading } from '../../core/preflight/surroundings.ts';
import { call, hasCode } from '../call.ts';

/**
 * How KMS says that the caller may not look, or that there is no such key.
 * @source https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
const KEY_STATES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'unreadable',
  NotFoundException: 'absent',
};

/**
 * Snapshots by id; those that the account may not see are left out, because a filter, unlike a
 * list of ids, does not ask for what is not there.
 * @throws AwsUnavailable, AwsRefused
 */
export async function readSnapshots(
  ec2: EC2Client,
  volumes: readonly VolumeReading[],
): Promise<readonly SnapshotReading[]> {
  const ids = [...new Set(volumes.flatMap(({ snapshotId }) => snapshotId ?? []))].toSorted();
  if (ids.length === 0) return [];
  const command = new DescribeSnapshotsCommand({ Filters: [{ Name: 'snapshot-id', Values: ids }] });
  const output = await call('DescribeSnapshots', ids.join(', '), () => ec2.send(command));
  return (output.Snapshots ?? []).map((snapshot) => ({
    snapshotId: snapshot.SnapshotId ?? '',
    state: snapshot.State ?? 'unknown',
    sizeGib: snapshot.VolumeSize ?? 0,
    isArchived: snapshot.StorageTier === 'archive',
    ...(snapshot.KmsKeyId && { keyArn: snapshot.KmsKeyId }),
  }));
}

/** Every key that a volume of green needs, read where KMS allows it. @throws AwsUnavailable, AwsRefused */
export async function readKeys(
  kms: KMSClient,
  images: { readonly green: ImageReading; readonly blue: ImageReading | undefined },
  own: readonly VolumeReading[],
  snapshots: readonly SnapshotReading[],
): Promise<readonly KeyReading[]> {
  const keysOf = (image: ImageReading | undefined) => [
    ...own.flatMap(({ keyArn }) => keyArn ?? []),
    ...(image?.volumes ?? []).flatMap((volume) => keyOf(volume, own, snapshots) ?? []),
  ];
  const ofBlue = new Set(images.blue ? keysOf(images.blue) : []);
  const keys: KeyReading[] = [];
  for (const keyArn of new Set(keysOf(images.green))) {
    keys.push({ keyArn, isUsedByBlue: ofBlue.has(keyArn), ...(await readKey(kms, keyArn)) });
  }
  return keys;
}

/** A template that maps the device with a key of its own encrypts it anew. */
function keyOf(
  { deviceName, snapshotId }: VolumeReading,
  own: readonly VolumeReading[],
  snapshots: readonly SnapshotReading[],
): string | undefined {
  const mapped = own.find((volume) => volume.deviceName === deviceName);
  return mapped?.keyArn ?? snapshots.find((one) => one.snapshotId === snapshotId)?.keyArn;
}

async function readKey(
  kms: KMSClient,
  keyArn: string,
): Promise<Pick<KeyReading, 'state' | 'isManagedByAws'>> {
  try {
    const command = new DescribeKeyCommand({ KeyId: keyArn });
    const output = await call('DescribeKey', keyArn, () => kms.send(command));
    const { KeyState: state = 'unknown', KeyManager } = output.KeyMetadata ?? {};
    return { state, isManagedByAws: KeyManager === 'AWS' };
  } catch (error) {
    // A key that nobody lets Teal see is said to be unknown; it may still be usable.
    const code = Object.keys(KEY_STATES).find((one) => hasCode(error, one));
    if (code === undefined) throw error;
    return { state: KEY_STATES[code] ?? 'unreadable', isManagedByAws: false };
  }
}
