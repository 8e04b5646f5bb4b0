/**
 * The loop that RetireBlue and CleanUpGreen share: look, decide, act, until there is nothing to do
 * but wait, or nothing at all. What differs is which fleet goes and what stays behind.
 */
import type { RemovalDirective } from '../shared/core/directive.ts';
import { invariant } from '../shared/core/errors.ts';
import type { LeaseName, OpenLease } from '../shared/core/leases.ts';
import type { Progress } from '../shared/core/progress.ts';
import { isOnErrand } from '../shared/core/record.ts';
import type { Situation } from '../shared/core/situation.ts';
import { instantAfter, type IsoInstant, secondsBetween } from '../shared/core/units.ts';
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

/**
 * Seconds in which a call may still take effect that an earlier task had begun. It asked the fence
 * before, and the task that asks here has moved the record on since, so that there is no second one.
 */
const LATE_WRITE_SECONDS = 30;

/**
 * Says whether something that the deployment froze is to be released now: until its row is closed,
 * and a little longer, because a late call may have frozen it once more. After that it is its
 * owner's, whatever is still to be taken down. `since` is when the fleets' parts were settled; absent
 * means that it was just now.
 */
export function isToRelease(
  leases: readonly OpenLease[],
  { kind, resource }: LeaseName,
  {
    record,
    since,
    now,
  }: {
    readonly record: PlannedDeployment;
    readonly since: IsoInstant | undefined;
    readonly now: IsoInstant;
  },
): boolean {
  const isOpen = leases.some((lease) => lease.kind === kind && lease.resource === resource);
  if (isOpen || isOnErrand(record)) return isOpen;
  return since === undefined || secondsBetween(since, now) < LATE_WRITE_SECONDS;
}

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
