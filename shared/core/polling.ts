/**
 * How often a deployment looks again while others look too: the account's request rates are shared,
 * so that each deployment takes its part of what one would take alone.
 */
import type { OpenLease } from './leases.ts';
import type { Seconds } from './units.ts';

/** Up to which part of itself a pause is longer, so that deployments do not look in step. */
const SPREAD = 0.25;

/**
 * The pause between two looks of one deployment among several under way; never shorter than alone.
 * The same deployment always gets the same part of the spread.
 * @param deployments how many are under way, this one included; below 1 counts as 1
 */
export function pauseSeconds(
  alone: Seconds,
  { deploymentId, deployments }: { readonly deploymentId: string; readonly deployments: number },
): number {
  return alone * Math.max(1, deployments) * (1 + SPREAD * fractionOf(deploymentId));
}

/** How many deployments are under way, of all services: each has a lock, from its plan to its end. */
export function countUnderWay(leases: readonly Pick<OpenLease, 'kind'>[]): number {
  return leases.filter(({ kind }) => kind === 'lock').length;
}

/** 32 bits of FNV-1a, as a number from 0 to below 1: close ids give numbers far apart. */
function fractionOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  }
  return (hash >>> 0) / 2 ** 32;
}
