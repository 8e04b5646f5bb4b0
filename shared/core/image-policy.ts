/**
 * Which images may start a deployment by becoming available, with nobody asking for it.
 * Not for: images that people name; what those must be, preflight tells.
 */
import * as z from 'zod/mini';

/** Accounts that a service may name as owners of its images. Our choice. */
const OWNERS_MAX = 20;

/** How a service calls the account that Teal runs in. */
const SELF = 'self';

/** The setting of a service. */
export const imagePolicySchema = z
  .strictObject({
    owners: z._default(
      z
        .array(
          z.string().check(
            z.regex(/^(?:self|[0-9]{12})$/, {
              error: 'must be the 12 digits of an account, or self',
            }),
          ),
        )
        .check(
          z.minLength(1),
          z.maxLength(OWNERS_MAX),
          z.meta({
            description: 'Accounts whose images are deployed; `self` is the one that Teal runs in.',
            examples: [['self', '123456789012']],
          }),
        ),
      [SELF],
    ),
    onlyNewer: z._default(
      z.boolean().check(z.describe('Whether images that are older than what runs are left alone.')),
      true,
    ),
  })
  .check(
    z.describe(
      'Which images that carry the tag `teal:service` are deployed when they become available. ' +
        'Absent means those of the account itself that are newer than what runs.',
    ),
  );

/** Owners whose images are deployed, and whether they must be newer than what runs. */
export type ImagePolicy = z.infer<typeof imagePolicySchema>;

/** What counts where a service has chosen nothing. */
const USUAL_POLICY: ImagePolicy = { owners: [SELF], onlyNewer: true };

/** The policy of a service. */
export function imagePolicyOf(definition: {
  readonly images?: ImagePolicy | undefined;
}): ImagePolicy {
  return definition.images ?? USUAL_POLICY;
}

/** Says whether a policy names the owner of an image. `accountId` is the account Teal runs in. */
export function mayOwn(
  policy: ImagePolicy,
  ownerId: string | undefined,
  accountId: string,
): boolean {
  const owners = policy.owners.map((owner) => (owner === SELF ? accountId : owner));
  return ownerId !== undefined && owners.includes(ownerId);
}
