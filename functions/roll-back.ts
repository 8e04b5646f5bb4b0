/** RollBack: capacity, then health, then traffic; blue takes everything back when it can. */
import { describeFailure, type Ending } from '../shared/core/decide-outcome.ts';
import { decideRollBack } from '../shared/core/decide-roll-back.ts';
import type { RollbackDirective } from '../shared/core/directive.ts';
import type { RouteReading } from '../shared/core/observation.ts';
import type { Progress } from '../shared/core/progress.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Fleets } from '../shared/ports/fleets.ts';
import type { TrafficRouter } from '../shared/ports/traffic-router.ts';
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
  return {
    ...progress,
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
  const { fleets, trafficRouter } = ports;
  const { plan, progress } = record;
  if (directive.type === 'restoreCapacity') {
    const { desiredCapacity } = directive;
    await fleets.resize(plan.blue.autoScalingGroupName, {
      minSize: desiredCapacity,
      maxSize: Math.max(plan.blue.maxSize, desiredCapacity),
      desiredCapacity,
    });
  }
  const green = progress.greenTargetGroupArn;
  if (directive.type === 'shiftBack' && green) {
    // Where green is not named there is nothing to take back, and a write would put it there, which
    // may be the very thing that AWS refused.
    const remaining = plan.routes.filter(({ id }) =>
      routes.some(({ routeId, weights }) => routeId === id && weights?.green !== undefined),
    );
    const pair = { blueTargetGroupArn: plan.blue.targetGroupArn, greenTargetGroupArn: green };
    const fence = fenceOf(ports, record, input);
    if (isSticky(record)) {
      // A cookie beats a weight of 0: only out of the rule does green lose its clients.
      const removal = {
        keepTargetGroupArn: plan.blue.targetGroupArn,
        removeTargetGroupArn: green,
      };
      await trafficRouter.settle(remaining, removal, fence);
    } else {
      await trafficRouter.shift(remaining, pair, 0, fence);
    }
  }
}

/** To the state machine, capacity that was asked for is simply a wait. */
function translate(directive: RollbackDirective): RollbackDirective {
  if (directive.type !== 'restoreCapacity') return directive;
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
