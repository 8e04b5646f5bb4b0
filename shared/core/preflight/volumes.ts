/**
 * The image's volumes against those that blue's template maps, and the snapshots they start from.
 * Not for: the keys of encrypted ones (see `keys.ts`).
 */
import type { VolumeReading } from '../estate.ts';
import { type Check, complain, type Finding, type Question, warn } from './finding.ts';

/** All that is about volumes. */
export const checkVolumes: Check = (question) => [
  ...complainAboutRootDevice(question),
  ...question.surroundings.launch.volumes.flatMap((volume) => complainAboutSize(question, volume)),
  ...(question.image.volumes ?? []).flatMap((volume) => complainAboutSnapshot(question, volume)),
];

/**
 * A template that maps blue's root device says nothing about an image with another one: green
 * would start from the image's own, smaller root, with an empty volume beside it.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-device-mapping-concepts.html
 */
function complainAboutRootDevice({ image, surroundings }: Question): Finding[] {
  const { blueImage, launch } = surroundings;
  const mapped = launch.volumes.map(({ deviceName }) => deviceName);
  const { imageId, rootDeviceName } = image;
  if (rootDeviceName === undefined || mapped.length === 0) return [];
  const blueRoot = blueImage?.rootDeviceName;
  if (mapped.includes(rootDeviceName) || blueRoot === rootDeviceName) return [];
  if (blueRoot === undefined) {
    return [
      warn(
        `Image ${imageId} has its root at ${rootDeviceName}, and blue's template maps ${mapped.join(', ')}; whether one of them is meant for the root is not known, because blue's own image is gone.`,
      ),
    ];
  }
  if (!mapped.includes(blueRoot)) return [];
  return [
    complain(
      `Image ${imageId} has its root at ${rootDeviceName}, but blue's template maps its root at ${blueRoot}: green would get the image's own root and an extra volume; build the image with the root at ${blueRoot}, or map ${rootDeviceName} in blue's template.`,
    ),
  ];
}

/** EC2 goes by the snapshot; where that cannot be seen, the image's own size is all there is. */
function complainAboutSize({ image, surroundings }: Question, mapped: VolumeReading): Finding[] {
  const own = image.volumes?.find(({ deviceName }) => deviceName === mapped.deviceName);
  const snapshotId = mapped.snapshotId ?? own?.snapshotId;
  const snapshot = surroundings.snapshots.find((one) => one.snapshotId === snapshotId);
  const least = snapshot?.sizeGib ?? own?.sizeGib;
  const { deviceName, sizeGib } = mapped;
  if (least === undefined || sizeGib === undefined || sizeGib >= least) return [];
  const sentence = `Blue's template maps ${deviceName} with ${sizeGib} GiB, but the volume of image ${image.imageId} has ${least} GiB; enlarge it in blue's template, or build the image smaller.`;
  return [snapshot ? complain(sentence) : warn(sentence)];
}

/** @source https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive.html */
function complainAboutSnapshot(
  { image, surroundings }: Question,
  { deviceName, snapshotId }: VolumeReading,
): Finding[] {
  const snapshot = surroundings.snapshots.find((one) => one.snapshotId === snapshotId);
  if (!snapshot) return [];
  const { state, isArchived } = snapshot;
  if (!isArchived && state === 'completed') return [];
  const what = isArchived ? 'is archived' : `is ${state}`;
  return [
    complain(
      `Snapshot ${snapshotId} of ${deviceName} in image ${image.imageId} ${what}, so that no volume can be made from it; restore it or build the image again.`,
    ),
  ];
}
