/**
 * What the read-back of green found: what was cloned, in what green differs from blue, and which
 * differences the service waived.
 */
import { CloneDiffers } from '../errors.ts';
import { count } from '../situation.ts';

/** Most differences that a record keeps; a clone that went wrong altogether has hundreds. */
const DIFFERENCES_KEPT_MAX = 50;

/** Most differences that a sentence tells. */
const DIFFERENCES_TOLD_MAX = 3;

/** One member in which green is not what blue, written for green, should be. */
export interface CloneDifference {
  /** Shape and member, such as `ScalingPolicy.Cooldown`; the name by which it is waived. */
  readonly name: string;
  /** Which thing it is about, such as `policy cpu`. */
  readonly of: string;
  /** What green should have, as text; `nothing` where it should have none. */
  readonly expected: string;
  /** What green has, as text. */
  readonly found: string;
}

/** Kept in the deployment's record. */
export interface CloneReport {
  /** Everything that was cloned, in the order in which it was. */
  readonly items: readonly string[];
  /** Differences that nobody waived; empty when the clone is proven. */
  readonly differences: readonly CloneDifference[];
  readonly waived: readonly CloneDifference[];
  /** What is as it should be and still not as good as blue's, in sentences. */
  readonly warnings: readonly string[];
}

/** Sorts differences into those that the service waived by name and all others. */
export function reportClone(input: {
  readonly items: readonly string[];
  readonly differences: readonly CloneDifference[];
  readonly warnings: readonly string[];
  readonly waivers: readonly string[];
}): CloneReport {
  const { items, differences, warnings, waivers } = input;
  const isWaived = ({ name }: CloneDifference) => waivers.includes(name);
  return {
    items,
    differences: differences.filter((one) => !isWaived(one)).slice(0, DIFFERENCES_KEPT_MAX),
    waived: differences.filter(isWaived).slice(0, DIFFERENCES_KEPT_MAX),
    warnings,
  };
}

/** One past-tense sentence about a clone that may go on. */
export function describeClone({ items, waived, warnings }: CloneReport): string {
  const names = [...new Set(waived.map(({ name }) => name))];
  const but = names.length > 0 ? ` but for what was waived (${names.join(', ')})` : '';
  const sentence = `${count(items.length, 'item')} of blue were cloned and read back without a difference${but}.`;
  return [sentence, ...warnings].join(' ');
}

/**
 * Stops a deployment whose green is not what blue is.
 * @throws CloneDiffers naming the differences that nobody waived
 */
export function refuseDifferences(report: CloneReport): void {
  const { differences } = report;
  if (differences.length === 0) return;
  const told = differences
    .slice(0, DIFFERENCES_TOLD_MAX)
    .map(
      ({ name, of, expected, found }) => `${name} of ${of} should be ${expected} and is ${found}`,
    );
  const more = differences.length - told.length;
  throw new CloneDiffers(
    `Green was read back and differs from blue: ${told.join('; ')}` +
      `${more > 0 ? `; and ${more} more` : ''}. Find out who changed it, or waive ` +
      `${[...new Set(differences.map(({ name }) => name))].join(', ')} in the service.`,
    { facts: { differences } },
  );
}
