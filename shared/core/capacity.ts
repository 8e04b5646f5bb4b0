/**
 * How many instances a fleet needs for a part of the traffic.
 */
import type { Situation } from './situation.ts';
import type { Percent } from './units.ts';

/**
 * Instances that a fleet needs for all of the traffic: what the plan says, or more since blue had
 * to grow under the load.
 */
export function neededCapacity({ plan, progress }: Pick<Situation, 'plan' | 'progress'>): number {
  return Math.max(plan.green.desiredCapacity, progress.neededCapacity ?? 0);
}

/** Healthy targets that a fleet sized for 100 % needs for a part of the traffic; at least one. */
export function neededFor(weightPercent: Percent, fullCapacity: number): number {
  return weightPercent === 0 ? 0 : Math.max(1, Math.ceil((fullCapacity * weightPercent) / 100));
}
