/**
 * Whether the load balancer says what was written to it. A write is not done until it is read back.
 */
import type { TrafficDirective } from './directive.ts';
import {
  answerForeignChange,
  describeForeignWeight,
  describeGoneRoute,
  findForeignWeight,
} from './foreign-changes.ts';
import { isAtWeight } from './observation.ts';
import { count, decideBy, type Rule, type Situation } from './situation.ts';

/** Times that a weight is written again before the deployment gives up on it. */
export const CONFIRM_ATTEMPTS_MAX = 3;

/** Decides for ConfirmTraffic. */
export function decideConfirmTraffic(situation: Situation): TrafficDirective {
  return decideBy<TrafficDirective>(
    situation,
    [routeIsGone, writeWasLeftOut, everyRouteAgrees, weightIsForeign, attemptsAreUsedUp],
    writeAgain,
  );
}

const routeIsGone: Rule<TrafficDirective> = ({ observation: { routes } }) => {
  const reason = describeGoneRoute(routes);
  return reason === undefined ? undefined : { type: 'rollBack', reason };
};

/** Nothing was written, so there is nothing to confirm; the policy looks at everything again. */
const writeWasLeftOut: Rule<TrafficDirective> = ({ progress }) =>
  progress.isShiftLeft ? { type: 'decide', reason: progress.reason } : undefined;

const everyRouteAgrees: Rule<TrafficDirective> = ({ plan, progress, observation }) => {
  const { routes } = observation;
  const weight = progress.writtenGreenWeightPercent;
  if (!routes.every((route) => isAtWeight(route, weight))) return undefined;
  const tail = plan.tailSeconds ?? 0;
  const isLastStep = progress.stepIndex >= plan.steps.length - 1;
  const isSkipped = observation.orders?.promotedAll !== undefined && !isLastStep;
  const hold = plan.steps[progress.stepIndex]?.holdSeconds ?? 0;
  const seconds = isSkipped ? 0 : hold + tail;
  const follow = tail > 0 ? `; clients may take ${count(tail, 'second')} to follow` : '';
  const reason = `Green was confirmed at ${weight} % on ${count(plan.routes.length, 'route')}${follow}.`;
  return seconds > 0 ? { type: 'hold', seconds, reason } : { type: 'decide', reason };
};

/** Neither the weight before nor the weight written: somebody else writes too. */
const weightIsForeign: Rule<TrafficDirective> = (situation) => {
  const { progress, observation } = situation;
  const ours = [progress.writtenGreenWeightPercent, progress.confirmedGreenWeightPercent];
  const foreign = findForeignWeight(observation.routes, ours);
  if (!foreign) return undefined;
  const answer = answerForeignChange(situation, foreign);
  if (answer?.type !== 'pause') return answer;
  // Whether it can be waited out depends on the fleets, at which DecideNextStep looks.
  return { type: 'decide', isUnconfirmed: true, reason: describeForeignWeight(foreign) };
};

const attemptsAreUsedUp: Rule<TrafficDirective> = ({ progress }) => {
  if (progress.confirmAttempts < CONFIRM_ATTEMPTS_MAX) return undefined;
  return {
    type: 'rollBack',
    reason: `Green's weight of ${progress.writtenGreenWeightPercent} % was written ${progress.confirmAttempts} times and never read back.`,
  };
};

function writeAgain({ progress }: Situation): TrafficDirective {
  return {
    type: 'shiftAgain',
    reason: `Not every route said ${progress.writtenGreenWeightPercent} % for green, so it was written again.`,
  };
}
