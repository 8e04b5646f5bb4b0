/**
 * Whether blue could take everything back now. It is asked at every step, recorded and exported,
 * because a way back that nobody has looked at is not a way back.
 */
import { neededCapacity } from './capacity.ts';
import { count, type Situation } from './situation.ts';
import { secondsBetween, type Percent, type Seconds } from './units.ts';

/** The answer, as a number and in words. */
export interface RevertReadiness {
  /** Healthy targets of blue in percent of what 100 % of the traffic needs; 100 is ready. */
  readonly percent: Percent;
  /** Targets that are missing; 0 when blue is ready. */
  readonly missingTargets: number;
  /** Seconds until blue could be ready, going by how long green took; 0 when it is. */
  readonly secondsUntilReady: Seconds;
  /** What is missing, in words. */
  readonly sentence: string;
}

/** Seconds that an instance is expected to need where green has not shown it yet. */
const BOOT_SECONDS_GUESS = 300;

/** Judges blue's readiness to take 100 % back. */
export function judgeRevertReadiness(situation: Situation): RevertReadiness {
  const { blue } = situation.observation;
  const needed = neededCapacity(situation);
  const missingTargets = Math.max(0, needed - blue.healthyCount);
  const percent = Math.min(100, Math.floor((100 * blue.healthyCount) / Math.max(1, needed)));
  return {
    percent,
    missingTargets,
    secondsUntilReady: missingTargets === 0 ? 0 : bootSeconds(situation),
    sentence:
      missingTargets === 0
        ? `Blue could take everything back with ${count(blue.healthyCount, 'healthy target')}.`
        : `Blue had ${blue.healthyCount} of the ${count(needed, 'healthy target')} that it needs to take everything back.`,
  };
}

/** How long green took from being asked for to being whole. */
function bootSeconds({ progress }: Situation): Seconds {
  const { greenRequestedAt, greenReadyAt } = progress;
  if (!greenRequestedAt || !greenReadyAt) return BOOT_SECONDS_GUESS;
  return Math.ceil(secondsBetween(greenRequestedAt, greenReadyAt));
}
