/**
 * What happens when a hold is over, or was interrupted: the next weight, more patience, the end,
 * or the way back. This is the heart of Teal.
 */
import { neededCapacity, neededFor } from './capacity.ts';
import type { StepDirective } from './directive.ts';
import {
  answerForeignChange,
  describeForeignWeight,
  describeGoneRoute,
  findForeignWeight,
} from './foreign-changes.ts';
import { findClosedGate, GATE_SECONDS_MAX } from './gates.ts';
import { judgeAlarms } from './judge-alarms.ts';
import {
  approvalIsDue,
  approvalIsPending,
  describeApproval,
  holdIsNotOver,
  isPaused,
  ordersToGoBack,
  toOrdered,
} from './order-rules.ts';
import { describeSkip } from './orders.ts';
import type { Step } from './plan.ts';
import { reasonsToStop } from './reasons-to-stop.ts';
import { count, decideBy, type Rule, type Situation } from './situation.ts';
import { type Percent, secondsBetween } from './units.ts';

/** Seconds until a closed gate is looked at again. */
const GATE_POLL_SECONDS = 30;

/** Decides for DecideNextStep. */
export function decideNextStep(situation: Situation): StepDirective {
  return decideBy<StepDirective>(
    situation,
    [
      ...reasonsToStop,
      ...ordersToGoBack,
      routeIsGone,
      weightIsForeign,
      greenIsTooWeak,
      weightIsUnconfirmed,
      isPaused,
      holdIsNotOver,
      approvalIsPending,
      blueHasGrown,
      gateIsClosed,
      approvalIsDue,
      allStepsAreDone,
    ],
    takeNextStep,
  );
}

const routeIsGone: Rule<StepDirective> = ({ observation: { routes } }) => {
  const reason = describeGoneRoute(routes);
  return reason === undefined ? undefined : { type: 'rollBack', reason };
};

/** The first route at which somebody else moved the traffic. */
const findForeign = ({ progress, observation }: Situation) =>
  findForeignWeight(observation.routes, [
    progress.confirmedGreenWeightPercent,
    progress.writtenGreenWeightPercent,
  ]);

/** Somebody else moved the traffic: their change is not overwritten by a further step. */
const weightIsForeign: Rule<StepDirective> = (situation) => {
  const { plan, progress } = situation;
  const foreign = findForeign(situation);
  if (!foreign) return undefined;
  const answer = answerForeignChange(situation, foreign);
  if (answer?.type === 'pause')
    return greenCannotCarry(situation, greenSharePercent(situation)) ?? answer;
  if (answer) return answer;
  const reason = describeForeignWeight(foreign);
  const { stepIndex } = progress;
  // Nothing of ours is to be put back before the first step, which is taken when its time has come.
  if (stepIndex < 0) return undefined;
  const { greenWeightPercent } = plan.steps[stepIndex] as Step;
  return (
    answerUnwritable(situation, greenWeightPercent) ?? {
      type: 'shift',
      stepIndex,
      greenWeightPercent,
      isReassertion: true,
      reason: `${reason} ${greenWeightPercent} % was written over it.`,
    }
  );
};

/**
 * Green has fewer healthy targets than it was given traffic for, and blue still has its own. What
 * was written counts before it is confirmed: a route may stand there.
 */
const greenIsTooWeak: Rule<StepDirective> = (situation) => {
  const { writtenGreenWeightPercent, confirmedGreenWeightPercent } = situation.progress;
  const weight = Math.max(writtenGreenWeightPercent, confirmedGreenWeightPercent);
  return greenCannotCarry(situation, weight);
};

/** The way back where green is too weak for a weight, whoever gave it, and blue still has its own. */
function greenCannotCarry(situation: Situation, weight: Percent): StepDirective | undefined {
  const { blue, green } = situation.observation;
  const needed = neededFor(weight, neededCapacity(situation));
  if (green.healthyCount >= needed || blue.healthyCount === 0) return undefined;
  const complaint = green.complaints[0] ? `; ${green.complaints[0]}` : '';
  return {
    type: 'rollBack',
    reason: `Green had ${count(green.healthyCount, 'healthy target')} of the ${needed} that ${weight} % need${complaint}.`,
  };
}

/** The largest share of a route's traffic that green really gets, whoever wrote it. */
function greenSharePercent({ observation: { routes } }: Situation): Percent {
  const shares = routes.map(({ weights: { blue = 0, green = 0 } = {} }) =>
    green === 0 ? 0 : (100 * green) / (blue + green),
  );
  return Math.max(0, ...shares);
}

/**
 * A pause began before the last weight was read back on every route, or somebody else's weights
 * stood there for a time that no hold can count: the weight is written again, and held from then on.
 */
const weightIsUnconfirmed: Rule<StepDirective> = (situation) => {
  const { progress } = situation;
  const { stepIndex, writtenGreenWeightPercent: weight, foreignChange } = progress;
  const isConfirmed = weight === progress.confirmedGreenWeightPercent;
  if (stepIndex < 0 || (isConfirmed && !foreignChange)) return undefined;
  const reason = isConfirmed
    ? `The weights were put back, so ${weight} % was written again and is held anew.`
    : `Green's weight of ${weight} % was not confirmed yet, so it was written again.`;
  return (
    answerUnwritable(situation, weight) ?? {
      type: 'shift',
      stepIndex,
      greenWeightPercent: weight,
      reason,
    }
  );
};

/**
 * What to do instead of a write that ShiftTraffic would leave out, which would lead here again at
 * once; undefined where green can take the weight.
 */
function answerUnwritable(situation: Situation, weight: Percent): StepDirective | undefined {
  const needed = neededFor(weight, neededCapacity(situation));
  if (situation.observation.green.healthyCount >= needed) return undefined;
  return greenIsTooWeak(situation) ?? gateIsClosed(situation);
}

/** Blue needed more instances than the plan knew of, so green will need them as well. */
const blueHasGrown: Rule<StepDirective> = (situation) => {
  const { plan, progress, observation } = situation;
  const desiredCapacity = observation.blue.desiredCapacity;
  const isLastStep = progress.stepIndex >= plan.steps.length - 1;
  if (isLastStep || desiredCapacity <= neededCapacity(situation)) return undefined;
  return {
    type: 'grow',
    desiredCapacity,
    reason: `Blue grew to ${count(desiredCapacity, 'instance')}, so green was asked for as many before its next step.`,
  };
};

/** Something has to become better first, and is given time for it. */
const gateIsClosed: Rule<StepDirective> = (situation) => {
  const sentence = findClosedGate(situation);
  if (sentence === undefined) return undefined;
  const since = situation.progress.gateClosedSince ?? situation.now;
  return secondsBetween(since, situation.now) < GATE_SECONDS_MAX
    ? { type: 'hold', seconds: GATE_POLL_SECONDS, isGateClosed: true, reason: sentence }
    : { type: 'rollBack', reason: `${sentence} It did not change within ${GATE_SECONDS_MAX} s.` };
};

const allStepsAreDone: Rule<StepDirective> = (situation) => {
  const { plan, progress } = situation;
  if (progress.stepIndex < plan.steps.length - 1) return undefined;
  const remarks = `${describeApproval(situation)}${describeSilence(situation)}`;
  const skip = describeSkip(toOrdered(situation));
  const baked = skip ?? 'Green carried everything for its whole bake time.';
  return { type: 'retire', reason: `${baked}${remarks}` };
};

/** Alarms without data say nothing, which is said: nobody should believe that they had agreed. */
function describeSilence(situation: Situation): string {
  const silent = judgeAlarms(situation).filter(({ type }) => type === 'silent');
  return silent.map(({ reason }) => ` ${reason}`).join('');
}

function takeNextStep(situation: Situation): StepDirective {
  const { plan, progress, observation } = situation;
  const stepIndex = progress.stepIndex + 1;
  const { greenWeightPercent } = plan.steps[stepIndex] as Step;
  const skip = describeSkip(toOrdered(situation));
  const remarks = `${describeApproval(situation)}${skip ? ` ${skip}` : ''}`;
  return {
    type: 'shift',
    stepIndex,
    greenWeightPercent,
    ...(findForeign(situation) && { isReassertion: true }),
    reason:
      `Green held ${progress.confirmedGreenWeightPercent} % with ` +
      `${count(observation.green.healthyCount, 'healthy target')}; ` +
      `${greenWeightPercent} % was next.${remarks}${describeSilence(situation)}`,
  };
}
