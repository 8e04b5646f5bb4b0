/**
 * The image by itself: whose it is, and how long it will be there.
 * Not for: whether it exists and is available, without which there is no plan at all.
 */
import { type Check, warn } from './finding.ts';

/**
 * Warns of an image that may go away while green still has to launch from it: deprecated, another
 * account's, or outside of what the account allows.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-allowed-amis.html
 */
export const checkImage: Check = ({ image, surroundings, now }) => {
  const { imageId, ownerId, deprecatedAt } = image;
  const isForeign = ownerId !== undefined && ownerId !== surroundings.accountId;
  return [
    ...(deprecatedAt !== undefined && deprecatedAt <= now
      ? [
          warn(
            `Image ${imageId} is deprecated since ${deprecatedAt}; it still launches, but deploy a newer one soon.`,
          ),
        ]
      : []),
    ...(isForeign && !image.isPublic
      ? [
          warn(
            `Image ${imageId} belongs to account ${ownerId}, which can take it back; green could then launch nothing more. Copy it into this account.`,
          ),
        ]
      : []),
    ...(image.isAllowed === false
      ? [
          warn(
            `Image ${imageId} does not meet the account's allowed images settings; where they are enforced it cannot be launched.`,
          ),
        ]
      : []),
  ];
};
