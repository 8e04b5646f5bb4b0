/**
 * What the checks before a deployment answer, and the question that all of them are asked.
 */
import type { GroupReading, ImageReading } from '../estate.ts';
import type { DeploymentSpec } from '../spec.ts';
import type { IsoInstant } from '../units.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * One sentence about a deployment that has not begun: a `complaint` refuses it, a `warning` is
 * said and stops nothing, an `unknown` says what nobody could find out beforehand.
 */
export interface Finding {
  readonly type: 'complaint' | 'warning' | 'unknown';
  readonly sentence: string;
}

/** What a check goes by. */
export interface Question {
  readonly spec: DeploymentSpec;
  readonly image: ImageReading;
  readonly group: GroupReading;
  readonly surroundings: Surroundings;
  /** Instances that green is to have; 1 or more. */
  readonly greenCapacity: number;
  readonly now: IsoInstant;
}

/** One concern; empty where there is nothing to say. */
export type Check = (question: Question) => readonly Finding[];

/** Something that refuses the deployment: what is wrong, and what to do about it. */
export const complain = (sentence: string): Finding => ({ type: 'complaint', sentence });

/** Something that people should know and that stops nothing. */
export const warn = (sentence: string): Finding => ({ type: 'warning', sentence });

/** Something that could not be found out. */
export const admit = (sentence: string): Finding => ({ type: 'unknown', sentence });

/** Names in a sentence that are told one by one; more become a number. */
const NAMES_TOLD_MAX = 5;

/** `a, b and 3 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length - NAMES_TOLD_MAX;
  const told = names.slice(0, NAMES_TOLD_MAX).join(', ');
  return more > 0 ? `${told} and ${more} more` : told;
}
