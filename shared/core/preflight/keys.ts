/**
 * Keys of encrypted volumes. Without one an instance goes from `pending` to `terminated` with
 * `Client.InternalError`, and nothing says why.
 */
import { admit, type Check, complain, type Finding, type Question } from './finding.ts';

/**
 * Complains about keys that nobody can use now. Whether Auto Scaling may use one is written in its
 * policy and grants, which is known only where blue runs from the same key.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 * @source https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export const checkKeys: Check = (question) => [
  ...complainAboutKeys(question),
  ...admitHidden(question),
];

function complainAboutKeys({ image, surroundings }: Question): Finding[] {
  return surroundings.keys.flatMap(({ keyArn, state, isManagedByAws, isUsedByBlue }) => {
    if (state === 'unreadable') {
      return isUsedByBlue
        ? []
        : [
            admit(
              `Whether key ${keyArn} of image ${image.imageId} can be used is not known: KMS does not let Teal read it.`,
            ),
          ];
    }
    if (state !== 'Enabled') {
      return [
        complain(
          `Key ${keyArn}, which encrypts a volume of image ${image.imageId}, is ${state}; enable it or encrypt the image with another.`,
        ),
      ];
    }
    if (isManagedByAws || isUsedByBlue) return [];
    return [
      admit(
        `Whether Auto Scaling may use key ${keyArn} of image ${image.imageId} is not known: blue does not use it; grant it to AWSServiceRoleForAutoScaling.`,
      ),
    ];
  });
}

/** The snapshots of an image that another account shares are not to be seen. */
function admitHidden({ image, surroundings }: Question): Finding[] {
  const isSeen = (id: string | undefined) =>
    surroundings.snapshots.some(({ snapshotId }) => snapshotId === id);
  return (image.volumes ?? [])
    .filter(({ isEncrypted, snapshotId }) => isEncrypted === true && !isSeen(snapshotId))
    .map(({ deviceName }) =>
      admit(
        `Which key encrypts ${deviceName} of image ${image.imageId} is not known: its snapshot is not shared with this account.`,
      ),
    );
}
