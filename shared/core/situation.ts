/**
 * What every decision is made from, and how its rules are written down.
 */
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';
import type { IsoInstant } from './units.ts';

/** The four inputs of a decision; the same four always give the same directive. */
export interface Situation {
  readonly plan: Plan;
  readonly progress: Progress;
  readonly observation: Observation;
  readonly now: IsoInstant;
}

/** One rule of a decision: a directive where it applies, undefined where it does not. */
export type Rule<Directive> = (situation: Situation) => Directive | undefined;

/**
 * Applies rules in the order they are written; the first that speaks decides, and `otherwise`
 * decides when none does.
 */
export function decideBy<Directive>(
  situation: Situation,
  rules: readonly Rule<Directive>[],
  otherwise: (situation: Situation) => Directive,
): Directive {
  for (const rule of rules) {
    const directive = rule(situation);
    if (directive !== undefined) return directive;
  }
  return otherwise(situation);
}

/** `1 instance`, `2 instances`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
