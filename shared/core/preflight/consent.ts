/**
 * What blue runs now against what the last release left: a change that nobody meant would be
 * cloned into green, and so it is asked about by name.
 */
import type { GroupReading } from '../estate.ts';
import { complain, type Finding } from './finding.ts';
import type { Surroundings } from './surroundings.ts';

/** What a request may agree to, by the name of what has changed. */
export const CONSENTS = ['subnets', 'securityGroups', 'size', 'instanceType'] as const;

/** One of them. */
export type Consent = (typeof CONSENTS)[number];

/**
 * How many times as large or as small a fleet may have become. Scaling by load moves a fleet by
 * two or three times between night and day; more than four times is somebody's change or a fault.
 */
const SIZE_FACTOR_MAX = 4;

/** Where and as what a fleet runs, kept with each plan to compare the next one with. */
export interface Footprint {
  /** Sorted, as are the other lists. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly instanceTypes: readonly string[];
  /** Instances that green had to have. */
  readonly size: number;
}

/** The release before, as its record tells it. */
export interface LastRelease {
  readonly deploymentId: string;
  readonly footprint: Footprint;
}

/** One thing that is not as the last release left it. */
export interface Difference {
  readonly consent: Consent;
  readonly was: string;
  readonly is: string;
}

/** The footprint that green is to have. */
export function footprintOf(
  { launch, subnets }: Surroundings,
  group: GroupReading,
  size: number,
): Footprint {
  const places = subnets.length > 0 ? subnets.map(({ subnetId }) => subnetId) : group.zones;
  return {
    subnetIds: places.toSorted(),
    securityGroupIds: launch.securityGroupIds,
    instanceTypes: launch.instanceTypes,
    size,
  };
}

/** What changed between two footprints, in the order of `CONSENTS`. */
export function compareFootprints(before: Footprint, now: Footprint): readonly Difference[] {
  const lists: readonly (readonly [Consent, readonly string[], readonly string[]])[] = [
    ['subnets', before.subnetIds, now.subnetIds],
    ['securityGroups', before.securityGroupIds, now.securityGroupIds],
    ['instanceType', before.instanceTypes, now.instanceTypes],
  ];
  const differences = lists
    .map(([consent, was, is]): Difference => ({ consent, was: toText(was), is: toText(is) }))
    .filter(({ was, is }) => was !== is);
  const [small, large] = [before.size, now.size].toSorted((a, b) => a - b) as [number, number];
  const size: Difference = { consent: 'size', was: String(before.size), is: String(now.size) };
  return [...differences, ...(large > small * SIZE_FACTOR_MAX ? [size] : [])].toSorted(
    (a, b) => CONSENTS.indexOf(a.consent) - CONSENTS.indexOf(b.consent),
  );
}

/** What each consent is about, in words. */
const SUBJECTS: Readonly<Record<Consent, string>> = {
  subnets: 'subnets are',
  securityGroups: 'security groups are',
  size: 'size is',
  instanceType: 'instance types are',
};

/** Complains about every difference that the request does not agree to. */
export function askConsent(
  differences: readonly Difference[],
  given: readonly Consent[],
  deploymentId: string,
): readonly Finding[] {
  return differences
    .filter(({ consent }) => !given.includes(consent))
    .map(({ consent, was, is }) =>
      complain(
        `Blue's ${SUBJECTS[consent]} ${is}, and ${was} when ${deploymentId} succeeded; put that right, or start again with consent to "${consent}".`,
      ),
    );
}

function toText(names: readonly string[]): string {
  return names.join(', ') || 'none by name';
}
