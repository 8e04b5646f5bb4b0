/**
 * How to take production traffic back: capacity first, then health, then traffic, and never onto
 * a fleet that cannot carry it. Rolling back is a decision with laws of its own.
 */
import type { RollbackDirective } from './directive.ts';
import { neededCapacity, neededFor } from './capacity.ts';
import { count, decideBy, type Rule, type Situation } from './situation.ts';
import { secondsBetween } from './units.ts';

/**
 * Longest wait for blue to become able to take the traffic back. Booting and two health checks
 * take a few minutes; after that a person is of more use than patience.
 */
export const BLUE_RECOVERY_SECONDS_MAX = 900;

/** Seconds between looks at a blue that is recovering. */
const RECOVERY_POLL_SECONDS = 10;

/** Decides for RollBack. */
export function decideRollBack(situation: Situation): RollbackDirective {
  return decideBy<RollbackDirective>(
    situation,
    [
      blueIsBeingRetired,
      trafficNeverLeftBlue,
      blueLacksCapacity,
      blueCanTakeEverything,
      greenIsNoBetter,
      recoveryTookTooLong,
    ],
    waitForBlue,
  );
}

/** Green won before the failure; what is left is clean-up, and clean-up never undoes a success. */
const blueIsBeingRetired: Rule<RollbackDirective> = ({ progress }) =>
  progress.retirementStartedAt === undefined
    ? undefined
    : {
        type: 'keepGreen',
        reason: `Green kept the traffic, because blue was already being retired: ${progress.rollbackReason ?? 'a task failed'}`,
      };

/** No weight above 0 was ever written, so blue has everything whatever its health. */
const trafficNeverLeftBlue: Rule<RollbackDirective> = ({ progress }) =>
  progress.stepIndex < 0
    ? { type: 'shiftBack', reason: 'Green had no traffic yet; blue kept everything.' }
    : undefined;

/** Blue was shrunk by something; it gets its size back before its traffic. */
const blueLacksCapacity: Rule<RollbackDirective> = (situation) => {
  const { blue } = situation.observation;
  const desiredCapacity = neededCapacity(situation);
  if (!blue.exists || blue.desiredCapacity >= desiredCapacity) return undefined;
  return {
    type: 'restoreCapacity',
    desiredCapacity,
    reason: `Blue was asked for ${count(desiredCapacity, 'instance')} again; it had ${blue.desiredCapacity}.`,
  };
};

const blueCanTakeEverything: Rule<RollbackDirective> = (situation) => {
  const { blue } = situation.observation;
  if (blue.healthyCount < neededCapacity(situation)) return undefined;
  return {
    type: 'shiftBack',
    reason: `Blue took everything back with ${count(blue.healthyCount, 'healthy target')}.`,
  };
};

/** A weak blue is still the better side when green is weaker than its share, or no stronger. */
const greenIsNoBetter: Rule<RollbackDirective> = (situation) => {
  const { progress, observation } = situation;
  const { blue, green } = observation;
  if (blue.healthyCount === 0) return undefined;
  const greenNeeds = neededFor(progress.writtenGreenWeightPercent, neededCapacity(situation));
  const isGreenAble = green.healthyCount >= Math.max(1, greenNeeds);
  if (isGreenAble && green.healthyCount > blue.healthyCount) return undefined;
  return {
    type: 'shiftBack',
    reason: `Blue took everything back with only ${count(blue.healthyCount, 'healthy target')}, because green had ${green.healthyCount}.`,
  };
};

const recoveryTookTooLong: Rule<RollbackDirective> = ({ progress, observation, now }) => {
  const startedAt = progress.rollbackStartedAt;
  if (!startedAt || secondsBetween(startedAt, now) < BLUE_RECOVERY_SECONDS_MAX) return undefined;
  const { blue, green } = observation;
  return {
    type: 'giveUp',
    reason:
      `Blue did not recover within ${BLUE_RECOVERY_SECONDS_MAX} s (${count(blue.healthyCount, 'healthy target')}), ` +
      `so the weights were left as they were, with ${green.healthyCount} healthy on green.`,
  };
};

function waitForBlue(situation: Situation): RollbackDirective {
  const { blue } = situation.observation;
  return {
    type: 'wait',
    seconds: RECOVERY_POLL_SECONDS,
    reason: `Blue had ${blue.healthyCount} of ${count(neededCapacity(situation), 'healthy target')}, so its traffic waited.`,
  };
}
