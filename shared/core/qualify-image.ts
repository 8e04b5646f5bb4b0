/**
 * Whether an image that became available may be deployed with nobody asking for it. What it must
 * be besides, preflight tells when the deployment is planned.
 */
import type { ImageReading } from './estate.ts';
import { imagePolicyOf, mayOwn } from './image-policy.ts';
import type { ServiceDefinition } from './spec.ts';
import type { IsoInstant } from './units.ts';

/** An image, a service, and what the service runs. */
export interface Candidacy {
  readonly image: ImageReading;
  readonly definition: ServiceDefinition;
  /** What the service launches now; undefined where EC2 knows it no more. */
  readonly serving: ImageReading | undefined;
  /** The account that Teal runs in. */
  readonly accountId: string;
  readonly now: IsoInstant;
}

/** A refusal is nothing that went wrong: most images are nobody's release. */
export type Qualification =
  | { readonly type: 'qualified' }
  | { readonly type: 'ignored'; readonly reason: string };

type Rule = (candidacy: Candidacy) => string | undefined;

const isUnavailable: Rule = ({ image: { imageId, state } }) =>
  state === 'available' ? undefined : `Image ${imageId} was ${state}.`;

const isForeign: Rule = ({ image: { imageId, ownerId }, definition, accountId }) => {
  const policy = imagePolicyOf(definition);
  if (mayOwn(policy, ownerId, accountId)) return undefined;
  return `Image ${imageId} belonged to account ${ownerId ?? 'unknown'}, and ${definition.service} takes images of ${policy.owners.join(', ')}.`;
};

/** What is not shared with the account is not seen at all; this is the account's own veto. */
const isForbidden: Rule = ({ image: { imageId, isAllowed } }) =>
  isAllowed === false
    ? `Image ${imageId} was not among the images that the account allows, so it could not be launched.`
    : undefined;

const isDeprecated: Rule = ({ image: { imageId, deprecatedAt }, now }) =>
  deprecatedAt !== undefined && Date.parse(deprecatedAt) <= Date.parse(now)
    ? `Image ${imageId} was deprecated at ${deprecatedAt}.`
    : undefined;

const isWhatRuns: Rule = ({ image: { imageId }, serving, definition }) =>
  serving?.imageId === imageId
    ? `Image ${imageId} was what ${definition.service} runs.`
    : undefined;

const isForAnotherProcessor: Rule = ({ image, serving, definition }) =>
  serving && serving.architecture !== image.architecture
    ? `Image ${image.imageId} was built for ${image.architecture}, and ${definition.service} runs ${serving.imageId} on ${serving.architecture}.`
    : undefined;

const isOlder: Rule = ({ image, serving, definition }) =>
  imagePolicyOf(definition).onlyNewer ? complainAboutAge(image, serving) : undefined;

const RULES: readonly Rule[] = [
  isUnavailable,
  isForeign,
  isForbidden,
  isDeprecated,
  isWhatRuns,
  isForAnotherProcessor,
  isOlder,
];

/** Decides about one image; the first rule that speaks counts. */
export function qualifyImage(candidacy: Candidacy): Qualification {
  for (const rule of RULES) {
    const reason = rule(candidacy);
    if (reason) return { type: 'ignored', reason };
  }
  return { type: 'qualified' };
}

/**
 * Why an image is not newer than another one, or undefined: it is, or EC2 does not say when one of
 * them was made.
 */
export function complainAboutAge(
  image: ImageReading,
  other: ImageReading | undefined,
): string | undefined {
  if (!image.createdAt || !other?.createdAt) return undefined;
  if (Date.parse(image.createdAt) > Date.parse(other.createdAt)) return undefined;
  return `Image ${image.imageId} was made at ${image.createdAt}, and is not newer than ${other.imageId}, made at ${other.createdAt}.`;
}

/** Why an image cannot be launched by anybody, or undefined. */
export function complainAboutAbsence(
  imageId: string,
  image: ImageReading | undefined,
): string | undefined {
  if (!image) {
    return `EC2 knows no image ${imageId} that this account may use; check the id and the image's launch permissions.`;
  }
  return image.state === 'available'
    ? undefined
    : `Image ${imageId} is ${image.state}; wait until it is available or choose another.`;
}

/**
 * Why an image cannot take the place of anything that is under way, or undefined. The whole of what
 * an image must be is asked when its deployment is planned.
 */
export function complainBeforeDisplacing({
  imageId,
  image,
  serving,
}: {
  readonly imageId: string;
  /** Undefined when EC2 knows no such image. */
  readonly image: ImageReading | undefined;
  /** What the service launches now; undefined where EC2 knows it no more. */
  readonly serving: ImageReading | undefined;
}): string | undefined {
  const absence = complainAboutAbsence(imageId, image);
  if (absence || !image || !serving || serving.architecture === image.architecture) return absence;
  return `Image ${imageId} is built for ${image.architecture}, and what runs, ${serving.imageId}, for ${serving.architecture}; build the image for that.`;
}
