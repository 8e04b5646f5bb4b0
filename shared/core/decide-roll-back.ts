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
      blueIsGone,
      blueLeftTheRoutes,
      blueAnswersNothing,
      blueLacksCapacity,
      blueCanTakeEverything,
      greenIsNoBetter,
      recoveryTookTooLong,
    ],
    waitForBlue,
  );
}

/** Green won before the failure, and still carries everything: blue's end is only clean-up. */
const blueIsBeingRetired: Rule<RollbackDirective> = (situation) => {
  const { progress, observation } = situation;
  if (progress.retirementStartedAt === undefined) return undefined;
  if (observation.green.healthyCount < neededCapacity(situation)) return undefined;
  if (!observation.routes.every(({ weights }) => (weights?.blue ?? 0) === 0)) return undefined;
  return {
    type: 'keepGreen',
    reason: `Green kept the traffic, because blue was already being retired: ${progress.rollbackReason ?? 'a task failed'}`,
  };
};

/** No weight above 0 was ever written, so blue has everything whatever its health. */
const trafficNeverLeftBlue: Rule<RollbackDirective> = ({ progress }) =>
  progress.stepIndex < 0
    ? { type: 'shiftBack', reason: 'Green had no traffic yet; blue kept everything.' }
    : undefined;

/** There is nothing to go back to, and waiting makes nothing of it. */
const blueIsGone: Rule<RollbackDirective> = (situation) =>
  situation.observation.blue.exists ? undefined : giveUp(situation, 'Blue was gone');

/**
 * Blue was taken out of a route on its way out. A load balancer checks the health only of what a
 * route names, so blue is named again, at weight 0, before anything is asked of it.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
const blueLeftTheRoutes: Rule<RollbackDirective> = ({ progress, observation }) => {
  if (progress.retirementStartedAt === undefined) return undefined;
  const { blue, routes } = observation;
  const isOut = routes.some(({ weights }) => weights && weights.blue === undefined);
  if (!isOut && blue.attachment === 'attached') return undefined;
  return { type: 'reattach', reason: 'Blue was put back into every route, without traffic yet.' };
};

/**
 * Blue is to have everything back, and is dead for now: what it still gets is lost, while green can
 * serve it. Only where nothing of blue is healthy, because something spoke against green.
 */
const blueAnswersNothing: Rule<RollbackDirective> = (situation) => {
  const { blue, green } = situation.observation;
  if (blue.healthyCount > 0 || !isGreenAble(situation) || !hasBlueTraffic(situation)) {
    return undefined;
  }
  return {
    type: 'lendToGreen',
    reason: `Nothing of blue was healthy, so its traffic was lent to green with ${count(green.healthyCount, 'healthy target')} until it recovers.`,
  };
};

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
  const carriesItsShare = green.healthyCount >= Math.max(1, greenNeeds);
  if (carriesItsShare && green.healthyCount > blue.healthyCount) return undefined;
  return {
    type: 'shiftBack',
    reason: `Blue took everything back with only ${count(blue.healthyCount, 'healthy target')}, because green had ${green.healthyCount}.`,
  };
};

const recoveryTookTooLong: Rule<RollbackDirective> = (situation) => {
  const { progress, observation, now } = situation;
  const startedAt = progress.rollbackStartedAt;
  if (!startedAt || secondsBetween(startedAt, now) < BLUE_RECOVERY_SECONDS_MAX) return undefined;
  const healthy = count(observation.blue.healthyCount, 'healthy target');
  return giveUp(
    situation,
    `Blue did not recover within ${BLUE_RECOVERY_SECONDS_MAX} s (${healthy})`,
  );
};

/**
 * A person decides from here on. Until then the better side serves: a load balancer goes on sending
 * blue its share even where nothing of it is healthy, while green could take all of it.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
function giveUp(situation: Situation, because: string): RollbackDirective {
  const { green } = situation.observation;
  const healthy = count(green.healthyCount, 'healthy target');
  if (!isGreenAble(situation)) {
    return {
      type: 'giveUp',
      reason: `${because}, so the weights were left as they were, with ${green.healthyCount} healthy on green.`,
    };
  }
  return hasBlueTraffic(situation)
    ? {
        type: 'favourGreen',
        reason: `${because}, so green was given everything with ${healthy}.`,
      }
    : { type: 'giveUp', reason: `${because}, so green kept everything with ${healthy}.` };
}

/** Says whether green could serve all that there is. */
function isGreenAble(situation: Situation): boolean {
  return situation.observation.green.healthyCount >= Math.max(1, neededCapacity(situation));
}

/** Says whether any route still sends blue something. */
function hasBlueTraffic({ observation: { routes } }: Situation): boolean {
  return routes.some(({ weights }) => (weights?.blue ?? 0) > 0);
}

function waitForBlue(situation: Situation): RollbackDirective {
  const { blue } = situation.observation;
  return {
    type: 'wait',
    seconds: RECOVERY_POLL_SECONDS,
    reason: `Blue had ${blue.healthyCount} of ${count(neededCapacity(situation), 'healthy target')}, so its traffic waited.`,
  };
}
