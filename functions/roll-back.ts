/** RollBack: capacity, then health, then traffic; blue takes everything back when it can. */
import { describeFailure, type Ending } from '../shared/core/decide-outcome.ts';
import { decideRollBack } from '../shared/core/decide-roll-back.ts';
import type { RollbackDirective } from '../shared/core/directive.ts';
import type { Route } from '../shared/core/estate.ts';
import type { RouteReading } from '../shared/core/observation.ts';
import type { Progress } from '../shared/core/progress.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Fleets } from '../shared/ports/fleets.ts';
import type { Fence, TrafficRouter } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import {
  advance,
  fenceOf,
  type Journal,
  openForWriting,
  type PlannedDeployment,
  type TaskInput,
} from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment to take back, and why; only the first reason is kept. */
export interface RollBackInput extends TaskInput {
  /** What led here: a directive of another state, or a failure. */
  readonly cause: Ending;
}

/** Sight of both fleets, and the means to size blue up and to give it its traffic back. */
export interface RollBackPorts extends Journal {
  readonly observer: Observer;
  readonly fleets: Fleets;
  readonly trafficRouter: TrafficRouter;
}

const SCOPE = { alarms: false, blue: true, green: true, routes: true };

/** Seconds until blue is looked at again after its capacity was asked for. */
const CAPACITY_POLL_SECONDS = 10;

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not write any more
 */
export const rollBack = (ports: RollBackPorts) => async (input: RollBackInput) => {
  const { now } = input;
  const opened = await openForWriting(ports, input);
  const { plan, abort } = opened;
  const progress = begin(opened.progress, input.cause, now);
  const observation = { ...(await ports.observer.observe(plan, progress, SCOPE)), at: now, abort };
  const directive = decideRollBack({ plan, progress, observation, now });
  const record = await advance(ports, opened, {
    state: 'RollBack',
    now,
    event: directive.type,
    progress: remember(progress, directive, isSticky(opened) ? now : undefined),
  });
  await act(ports, directive, record, { input, routes: observation.routes });
  return { directive: translate(directive) };
};

function begin(progress: Progress, cause: Ending, now: IsoInstant): Progress {
  if (progress.rollbackStartedAt) return progress;
  const reason = cause.failure ? describeFailure(cause.failure) : cause.directive?.reason;
  // Where blue was on its way out, these tell of blue; from here on it is green that may go.
  const { detachedAt: _detached, deregisteredAt: _left, emptiedAt: _emptied, ...rest } = progress;
  return {
    ...rest,
    phase: 'rollingBack',
    rollbackStartedAt: now,
    rollbackReason: reason ?? 'The rollback gave no reason.',
    confirmAttempts: 0,
  };
}

/** Before the write, like in ShiftTraffic: a crash must not hide what may have been written. */
function remember(
  progress: Progress,
  directive: RollbackDirective,
  detachedAt: IsoInstant | undefined,
): Progress {
  const { reason } = directive;
  if (directive.type === 'favourGreen' || directive.type === 'lendToGreen') {
    return { ...progress, reason, writtenGreenWeightPercent: 100 };
  }
  if (directive.type !== 'shiftBack') return { ...progress, reason };
  return {
    ...progress,
    reason,
    writtenGreenWeightPercent: 0,
    confirmAttempts: progress.confirmAttempts + 1,
    ...(detachedAt && { detachedAt }),
  };
}

/** Says whether some route keeps clients on one target group by cookie. */
function isSticky({ plan }: PlannedDeployment): boolean {
  return plan.routes.some(({ stickySeconds }) => stickySeconds !== undefined);
}

async function act(
  ports: RollBackPorts,
  directive: RollbackDirective,
  record: PlannedDeployment,
  { input, routes }: { input: TaskInput; routes: readonly RouteReading[] },
): Promise<void> {
  const { fleets } = ports;
  const { plan } = record;
  const { autoScalingGroupName, targetGroupArn, maxSize } = plan.blue;
  const fence = fenceOf(ports, record, input);
  const where = (isMeant: (weights: NonNullable<RouteReading['weights']>) => boolean) =>
    plan.routes.filter(({ id }) =>
      routes.some(({ routeId, weights }) => routeId === id && weights && isMeant(weights)),
    );
  switch (directive.type) {
    case 'reattach':
      await fleets.register(autoScalingGroupName, targetGroupArn);
      // Only where blue is not named: elsewhere it may have its traffic back already.
      return shift(ports, record, { routes: where(({ blue }) => blue === undefined), fence }, 100);
    case 'restoreCapacity': {
      const { desiredCapacity } = directive;
      return fleets.resize(autoScalingGroupName, {
        minSize: desiredCapacity,
        maxSize: Math.max(maxSize, desiredCapacity),
        desiredCapacity,
      });
    }
    case 'favourGreen':
    case 'lendToGreen':
      return shift(ports, record, { routes: plan.routes, fence }, 100);
    // Where green is not named there is nothing to take back, and a write would put it there, which
    // may be the very thing that AWS refused.
    case 'shiftBack':
      return shift(ports, record, { routes: where(({ green }) => green !== undefined), fence }, 0);
    // The weights stay as they are.
    case 'wait':
    case 'keepGreen':
    case 'giveUp':
      return;
  }
}

async function shift(
  { trafficRouter }: RollBackPorts,
  record: PlannedDeployment,
  { routes, fence }: { readonly routes: readonly Route[]; readonly fence: Fence },
  greenWeightPercent: 0 | 100,
): Promise<void> {
  const { plan, progress } = record;
  const blue = plan.blue.targetGroupArn;
  const green = progress.greenTargetGroupArn;
  if (!green) return;
  if (greenWeightPercent === 0 && isSticky(record)) {
    // A cookie beats a weight of 0: only out of the rule does green lose its clients.
    const removal = { keepTargetGroupArn: blue, removeTargetGroupArn: green };
    return trafficRouter.settle(routes, removal, fence);
  }
  const pair = { blueTargetGroupArn: blue, greenTargetGroupArn: green };
  return trafficRouter.shift(routes, pair, greenWeightPercent, fence);
}

/** Steps on the way back after which blue is looked at again. */
const STEPS_BACK = ['lendToGreen', 'restoreCapacity', 'reattach'];

/** To the state machine, whatever was done to have blue back is simply a wait. */
function translate(directive: RollbackDirective): RollbackDirective {
  if (!STEPS_BACK.includes(directive.type)) return directive;
  return { type: 'wait', seconds: CAPACITY_POLL_SECONDS, reason: directive.reason };
}

export const handler = withStack(
  rollBack({
    ...world.journal(),
    observer: world.observer(),
    fleets: world.fleets(),
    trafficRouter: world.trafficRouter(),
  }),
);
