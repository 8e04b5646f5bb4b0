/**
 * Whether a weight may be written after all. What was decided a moment ago is looked at once more,
 * because the write may come late.
 */
import { neededCapacity, neededFor } from './capacity.ts';
import { describeForeignWeight, findForeignWeight } from './foreign-changes.ts';
import { activePause } from './orders.ts';
import { count, decideBy, type Rule, type Situation } from './situation.ts';
import type { Percent } from './units.ts';

/** What ShiftTraffic does: write, or leave the routes as they are and let the policy look again. */
export type ShiftDirective =
  | { readonly type: 'write'; readonly reason: string }
  | { readonly type: 'leave'; readonly reason: string };

/** Decides for ShiftTraffic. */
export function decideShiftTraffic(
  situation: Situation,
  shift: {
    readonly stepIndex: number;
    readonly greenWeightPercent: Percent;
    readonly isReassertion: boolean;
  },
): ShiftDirective {
  const { stepIndex, greenWeightPercent, isReassertion } = shift;
  const greenIsTooWeak: Rule<ShiftDirective> = () => {
    const { green } = situation.observation;
    const needed = neededFor(greenWeightPercent, neededCapacity(situation));
    if (green.healthyCount >= needed) return undefined;
    return {
      type: 'leave',
      reason: `${greenWeightPercent} % were not written, because green had ${count(green.healthyCount, 'healthy target')} of ${needed}.`,
    };
  };
  // Whoever had been promised the way back sees no further weight, not even the rest of a step.
  const abortIsAsked: Rule<ShiftDirective> = ({ observation: { abort } }) =>
    abort && {
      type: 'leave',
      reason: `${greenWeightPercent} % were not written, because ${abort.by} asked to abort: ${abort.reason}`,
    };
  // A step that was begun is finished: it is further ones that a pause keeps from being taken.
  const isPaused: Rule<ShiftDirective> = ({ progress, observation, now }) => {
    const pause = activePause(observation.orders, now);
    if (!pause || stepIndex <= progress.stepIndex) return undefined;
    return {
      type: 'leave',
      reason: `${greenWeightPercent} % were not written, because ${pause.by} paused it: ${pause.reason}`,
    };
  };
  const weightIsForeign: Rule<ShiftDirective> = ({ progress, observation }) => {
    const ours = [
      greenWeightPercent,
      progress.confirmedGreenWeightPercent,
      progress.writtenGreenWeightPercent,
    ];
    const foreign = isReassertion ? undefined : findForeignWeight(observation.routes, ours);
    return foreign && { type: 'leave', reason: describeForeignWeight(foreign) };
  };
  return decideBy<ShiftDirective>(
    situation,
    [abortIsAsked, isPaused, greenIsTooWeak, weightIsForeign],
    ({ plan }) => ({
      type: 'write',
      reason: `Green was given ${greenWeightPercent} % on ${count(plan.routes.length, 'route')}.`,
    }),
  );
}
