/** ShiftTraffic: writes green's weight to every route. */
import { neededCapacity, neededFor } from '../shared/core/capacity.ts';
import { decideShiftTraffic } from '../shared/core/decide-shift-traffic.ts';
import { invariant } from '../shared/core/errors.ts';
import type { Percent } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { GreenGuard } from '../shared/ports/green-guard.ts';
import type { Progress } from '../shared/core/progress.ts';
import type { TrafficRouter } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import { advance, fenceOf, type Journal, openForWriting, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment and the step whose weight is to be written. */
export interface ShiftTrafficInput extends TaskInput {
  /** DecideNextStep's `shift`, or ConfirmTraffic's `shiftAgain` for the step already written. */
  readonly directive: {
    readonly type: 'shift' | 'shiftAgain';
    readonly stepIndex?: number;
    readonly isReassertion?: boolean;
  };
}

/** The journal, the eyes, the guard, and the one port of the forward path that writes weights. */
export interface ShiftTrafficPorts extends Journal {
  readonly observer: Observer;
  readonly greenGuard: GreenGuard;
  readonly trafficRouter: TrafficRouter;
}

const SCOPE = { alarms: false, blue: false, green: true, routes: true };

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not write any more
 * @throws RecordChanged when an order came meanwhile, which the next attempt hears
 */
export const shiftTraffic = (ports: ShiftTrafficPorts) => async (input: ShiftTrafficInput) => {
  const { now } = input;
  const record = await openForWriting(ports, input);
  const { plan, progress, abort, orders } = record;
  const { isReassertion = false } = input.directive;
  const stepIndex = input.directive.stepIndex ?? progress.stepIndex;
  const greenWeightPercent = plan.steps[stepIndex]?.greenWeightPercent;
  const green = progress.greenTargetGroupArn;
  invariant(
    greenWeightPercent !== undefined && green,
    `step ${stepIndex} of ${record.deploymentId} is written before green.`,
  );
  const readings = await ports.observer.observe(plan, progress, SCOPE);
  const observation = { ...readings, at: now, abort, orders };
  const directive = decideShiftTraffic(
    { plan, progress, observation, now },
    { stepIndex, greenWeightPercent, isReassertion },
  );
  const { reason } = directive;
  // Saved before the write: whoever comes after a crash knows what may stand on the load balancer.
  const saved = await advance(ports, record, {
    state: 'ShiftTraffic',
    now,
    event: directive.type === 'write' ? 'shift' : 'leave',
    progress:
      directive.type === 'write'
        ? written(progress, { stepIndex, greenWeightPercent, isReassertion, reason })
        : { ...progress, reason, isShiftLeft: true },
    // What was ordered a moment ago is heard before the write that it is to prevent.
    condition: { isUnlessOrdered: directive.type === 'write' },
  });
  if (directive.type === 'write') {
    const pair = { blueTargetGroupArn: plan.blue.targetGroupArn, greenTargetGroupArn: green };
    const fence = fenceOf(ports, saved, { now, isUnlessAborted: true });
    const neededTargets = neededFor(greenWeightPercent, neededCapacity(saved));
    await fence();
    await ports.greenGuard.set(plan, { targetGroupArn: green, neededTargets });
    await ports.trafficRouter.shift(plan.routes, pair, greenWeightPercent, fence);
  }
  return { directive: { type: 'confirm', reason } } as const;
};

function written(
  progress: Progress,
  shift: {
    readonly stepIndex: number;
    readonly greenWeightPercent: Percent;
    readonly isReassertion: boolean;
    readonly reason: string;
  },
): Progress {
  const { stepIndex, greenWeightPercent, isReassertion, reason } = shift;
  const isSameStep = stepIndex === progress.stepIndex;
  // Another step's hold: the next one begins when the new weight is confirmed.
  const { holdUntil: _over, ...rest } = progress;
  const reassertions = isSameStep ? progress.reassertions : 0;
  return {
    ...(isSameStep ? progress : rest),
    phase: 'shifting',
    reason,
    stepIndex,
    writtenGreenWeightPercent: greenWeightPercent,
    confirmAttempts: isSameStep ? progress.confirmAttempts + 1 : 1,
    reassertions: isReassertion ? reassertions + 1 : reassertions,
    isShiftLeft: false,
  };
}

export const handler = withStack(
  shiftTraffic({
    ...world.journal(),
    observer: world.observer(),
    greenGuard: world.greenGuard(),
    trafficRouter: world.trafficRouter(),
  }),
);
