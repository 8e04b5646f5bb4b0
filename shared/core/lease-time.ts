/**
 * How long a deployment holds its lock between two writes.
 */
import { BLUE_RECOVERY_SECONDS_MAX } from './decide-roll-back.ts';
import type { Plan } from './plan.ts';
import type { Seconds } from './units.ts';

/** Added to the longest planned wait: retries, throttling, a function that wakes up late. */
const SLACK_SECONDS = 3600;

/** Seconds for which a lock is taken or renewed: the longest time a deployment does not write. */
export function leaseSeconds(plan: Plan): Seconds {
  const longestHold = Math.max(0, ...plan.steps.map(({ holdSeconds }) => holdSeconds));
  const longestWait = Math.max(
    longestHold,
    plan.greenHealthyDeadlineSeconds,
    plan.drainSeconds,
    BLUE_RECOVERY_SECONDS_MAX,
  );
  return longestWait + SLACK_SECONDS;
}
