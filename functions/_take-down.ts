/**
 * The loop that RetireBlue and CleanUpGreen share: look, decide, act, until there is nothing to do
 * but wait, or nothing at all. What differs is which fleet goes and what stays behind.
 */
import type { RemovalDirective } from '../shared/core/directive.ts';
import { invariant } from '../shared/core/errors.ts';
import type { Progress } from '../shared/core/progress.ts';
import type { Situation } from '../shared/core/situation.ts';
import { instantAfter, type IsoInstant } from '../shared/core/units.ts';
import type { ObservationScope, Observer } from '../shared/ports/estate.ts';
import type { FleetAlarms, Fleets } from '../shared/ports/fleets.ts';
import type { Leases } from '../shared/ports/ledger.ts';
import type { StandbyListeners } from '../shared/ports/standby.ts';
import type { Fence, TrafficRouter } from '../shared/ports/traffic-router.ts';
import { advance, fenceOf, type Journal, type PlannedDeployment } from './_journal.ts';

/** The journal, sight of both fleets, and the means to take one out of the routes and remove it. */
export interface TakeDownPorts extends Journal {
  readonly observer: Observer;
  readonly fleets: Fleets;
  readonly fleetAlarms: FleetAlarms;
  readonly trafficRouter: TrafficRouter;
  readonly standby: StandbyListeners;
  readonly leases: Leases;
}

/** Detach, deregister, empty, delete, and one look after each: a fleet that obeys needs no more. */
const ACTIONS_MAX = 5;

/** Directives after which there is nothing more to do now. */
const LAST: readonly RemovalDirective['type'][] = ['wait', 'finish', 'retain', 'leave'];

/** What one of the two tasks brings along. */
export interface TakeDown {
  readonly state: string;
  readonly now: IsoInstant;
  readonly record: PlannedDeployment;
  readonly scope: ObservationScope;
  readonly decide: (situation: Situation) => RemovalDirective;
  /** Carries a directive out; asks the fence before each write to a route. */
  readonly act: (
    directive: RemovalDirective,
    record: PlannedDeployment,
    fence: Fence,
  ) => Promise<void>;
}

/** Takes a fleet down as far as it goes now; answers `wait` or `finish`. */
export async function takeDown(
  ports: TakeDownPorts,
  { state, now, record: opened, scope, decide, act }: TakeDown,
): Promise<{ directive: RemovalDirective }> {
  let record = opened;
  for (let actions = 0; actions <= ACTIONS_MAX; actions += 1) {
    const { plan, progress, abort } = record;
    const observation = {
      ...(await ports.observer.observe(plan, progress, scope)),
      at: now,
      abort,
    };
    const directive = decide({ plan, progress, observation, now });
    // Saved before it is done: a crash in between does it again rather than forgetting the time.
    record = await advance(ports, record, {
      state,
      now,
      event: directive.type,
      progress: remember(progress, directive, now),
    });
    await act(directive, record, fenceOf(ports, record, { now }));
    if (LAST.includes(directive.type)) return { directive };
  }
  invariant(false, `${state} of ${record.deploymentId} acted ${ACTIONS_MAX} times to no effect.`);
}

function remember(progress: Progress, directive: RemovalDirective, now: IsoInstant): Progress {
  const { reason } = directive;
  switch (directive.type) {
    case 'detach':
      return { ...progress, reason, detachedAt: now };
    case 'deregister':
      return { ...progress, reason, deregisteredAt: now };
    case 'empty':
      return { ...progress, reason, emptiedAt: now };
    case 'retain': {
      const { retainedUntil = instantAfter(now, directive.seconds) } = progress;
      return { ...progress, reason, retainedUntil };
    }
    case 'delete':
    case 'wait':
    case 'leave':
    case 'finish':
      return { ...progress, reason };
  }
}
