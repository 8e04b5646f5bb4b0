/**
 * How a fleet that is not needed any more is taken down: out of the routes, drained, emptied,
 * deleted, in the order that AWS demands and that loses no request. Blue goes this way after a
 * success, green after a rollback. What is waited for is looked at, not slept through.
 */
import type { RemovalDirective } from './directive.ts';
import type { FleetReading, Observation } from './observation.ts';
import { isRetentionOver, type Retention } from './plan-retirement.ts';
import { secondsUntilSettled } from './settled-blue.ts';
import { count, decideBy, type Situation } from './situation.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/**
 * Seconds after the last change of a weight in which some node of a load balancer may still go by
 * the one before. AWS documents none; a minute is an assumption on the safe side.
 */
const ROUTES_SETTLE_SECONDS = 60;

/** Shortest wait between two looks at a fleet that is going down. */
const REMOVAL_POLL_SECONDS_MIN = 10;

/**
 * Longest such wait. Between the two it is an eighth of the time that has passed, so that a
 * lifecycle hook that takes an hour costs some forty looks.
 */
const REMOVAL_POLL_SECONDS_MAX = 600;

/**
 * Seconds for which a deployment waits for AWS to do what it was asked; what takes longer, such as
 * a lifecycle hook of hours, is left to the sweeper, so that the service can be deployed again.
 */
export const REMOVAL_SECONDS_MAX = 3600;

/** Seconds after which instances that are still protected from scaling in are released again. */
const RELEASE_AGAIN_SECONDS = 60;

/** What becomes of the fleet in the end. */
type Ending =
  | { readonly type: 'delete' }
  | { readonly type: 'keepAtZero'; readonly because?: string | undefined }
  | { readonly type: 'retain'; readonly retention: Retention };

/** What is being taken down, as the rules see it. */
interface Removal {
  readonly situation: Situation;
  readonly colour: 'blue' | 'green';
  readonly fleet: FleetReading;
  readonly ending: Ending;
  /** When the weights last changed; absent where the fleet never had traffic. */
  readonly quietSince: IsoInstant | undefined;
}

/** Decides for RetireBlue. */
export function decideRetireBlue(situation: Situation): RemovalDirective {
  const { progress, observation } = situation;
  return decideRemoval({
    situation,
    colour: 'blue',
    fleet: observation.blue,
    ending: endingOfBlue(situation),
    // A cookie beats a weight of 0: only out of the routes does a sticky fleet lose its clients.
    quietSince: isSticky(situation) ? progress.detachedAt : progress.confirmedAt,
  });
}

/** Decides for CleanUpGreen. Green that never had traffic has nothing to wait for. */
export function decideCleanUpGreen(situation: Situation): RemovalDirective {
  const { plan, progress, observation } = situation;
  const { retained } = plan.green;
  return decideRemoval({
    situation,
    colour: 'green',
    fleet: observation.green,
    ending: retained ? { type: 'retain', retention: retained.retention } : { type: 'delete' },
    quietSince:
      progress.stepIndex < 0 ? undefined : (progress.rollbackConfirmedAt ?? progress.detachedAt),
  });
}

function endingOfBlue({ plan, progress, now }: Situation): Ending {
  const { retention, retirement, keptBecause } = plan.blue;
  if (retention && !isRetentionOver(progress.retainedUntil, now)) {
    return { type: 'retain', retention };
  }
  if (retirement === 'delete') return { type: 'delete' };
  return { type: 'keepAtZero', because: keptBecause };
}

function isSticky({ plan }: Situation): boolean {
  return plan.routes.some(({ stickySeconds }) => stickySeconds !== undefined);
}

function decideRemoval(removal: Removal): RemovalDirective {
  return decideBy<RemovalDirective>(
    removal.situation,
    [
      () => detachFirst(removal),
      () => letBlueSettle(removal),
      () => retainAtFullSize(removal),
      () => letClientsFollow(removal),
      () => leaveTargetGroup(removal),
      () => letRequestsEnd(removal),
      () => emptyGroup(removal),
      () => awaitInstances(removal),
      () => retainAtZero(removal),
      () => finishAtZero(removal),
      () => leaveWhatStays(removal),
    ],
    () => deleteOrFinish(removal),
  );
}

function detachFirst({ situation, colour }: Removal): RemovalDirective | undefined {
  const { routes } = situation.observation;
  if (!isInAnyRoute(routes, colour)) return undefined;
  return { type: 'detach', reason: `${capital(colour)} was taken out of every route.` };
}

/** Green is whole until blue has shown for some minutes that it carries everything. */
function letBlueSettle({ situation, colour }: Removal): RemovalDirective | undefined {
  const left = colour === 'green' ? secondsUntilSettled(situation) : 0;
  if (left === 0) return undefined;
  return {
    type: 'wait',
    seconds: left,
    reason: `Blue was kept at its size for ${left} s more, until its metrics show its traffic.`,
  };
}

function retainAtFullSize({ colour, fleet, ending }: Removal): RemovalDirective | undefined {
  if (!fleet.exists || ending.type !== 'retain' || ending.retention.blue !== 'full') {
    return undefined;
  }
  return retain(colour, 'at its full size', ending.retention);
}

/** Until every node and every resolver goes by the new weights, requests may still come. */
function letClientsFollow({ situation, colour, fleet, quietSince }: Removal) {
  const { plan, now } = situation;
  if (!fleet.exists || quietSince === undefined) return undefined;
  const settleSeconds = ROUTES_SETTLE_SECONDS + (plan.tailSeconds ?? 0);
  const left = Math.ceil(settleSeconds - secondsBetween(quietSince, now));
  if (left <= 0) return undefined;
  return {
    type: 'wait',
    seconds: left,
    reason: `Clients that went by the weights before had ${left} s left to come to ${colour}.`,
  } as const;
}

/** Only a fleet that is deleted gives up its target group; the owner of another one keeps it. */
function leaveTargetGroup({ colour, fleet, ending }: Removal): RemovalDirective | undefined {
  if (ending.type !== 'delete' || !fleet.exists || fleet.attachment !== 'attached') {
    return undefined;
  }
  return {
    type: 'deregister',
    reason: `${capital(colour)}'s ${count(fleet.instanceCount, 'instance')} left the target group.`,
  };
}

/**
 * AWS shows a target as draining until its last request has ended or the deregistration delay is
 * over, and the source as being removed until the last target is. No metric counts open
 * connections of one target group, so that this is all there is to see.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
function letRequestsEnd({ situation, colour, fleet, ending }: Removal) {
  const { plan, progress, now } = situation;
  const isLeaving = fleet.attachment === 'leaving' || fleet.drainingCount > 0;
  if (ending.type !== 'delete' || !fleet.exists || !isLeaving) return undefined;
  const since = progress.deregisteredAt ?? now;
  const passed = secondsBetween(since, now);
  if (passed >= REMOVAL_SECONDS_MAX + plan.drainSeconds) return undefined;
  const delay = plan.drainSeconds - (plan.tailSeconds ?? 0);
  return {
    type: 'wait',
    seconds: Math.max(REMOVAL_POLL_SECONDS_MIN, Math.ceil(delay - passed)),
    reason:
      fleet.drainingCount > 0
        ? `Requests on ${count(fleet.drainingCount, 'draining target')} of ${colour} were ending.`
        : `${capital(colour)} was still leaving its target group.`,
  } as const;
}

function emptyGroup(removal: Removal): RemovalDirective | undefined {
  const { colour, fleet, ending } = removal;
  if (!fleet.exists || (fleet.desiredCapacity === 0 && !isHeldByProtection(removal))) {
    return undefined;
  }
  return {
    type: 'empty',
    isForGood: ending.type === 'delete',
    reason: `${capital(colour)} was asked to end its ${count(fleet.instanceCount, 'instance')}.`,
  };
}

/** Somebody protected an instance again after the group had been emptied for good. */
function isHeldByProtection({ situation, fleet, ending }: Removal): boolean {
  const { progress, now } = situation;
  if (ending.type !== 'delete' || fleet.protectedCount === 0) return false;
  const since = progress.emptiedAt;
  return since === undefined || secondsBetween(since, now) >= RELEASE_AGAIN_SECONDS;
}

function awaitInstances(removal: Removal): RemovalDirective | undefined {
  const { situation, colour, fleet } = removal;
  const { progress, now } = situation;
  const going = countGoing(removal);
  if (going === 0) return undefined;
  const passed = progress.emptiedAt ? secondsBetween(progress.emptiedAt, now) : 0;
  if (passed >= REMOVAL_SECONDS_MAX) return undefined;
  const seconds = Math.min(
    REMOVAL_POLL_SECONDS_MAX,
    Math.max(REMOVAL_POLL_SECONDS_MIN, Math.ceil(passed / 8)),
  );
  return {
    type: 'wait',
    seconds,
    reason: `${capital(colour)} still had ${count(fleet.instanceCount, 'instance')}.`,
  };
}

/** Instances on their way out: all but those that a person, a hook or a protection keeps. */
function countGoing({ fleet, ending }: Removal): number {
  if (!fleet.exists) return 0;
  // What is protected in a group that its owner gets back is the owner's decision.
  const isProtected = ending.type === 'delete' ? 0 : fleet.protectedCount;
  return Math.max(0, fleet.instanceCount - fleet.keptInstances.length - isProtected);
}

function retainAtZero({ colour, fleet, ending }: Removal): RemovalDirective | undefined {
  if (!fleet.exists || ending.type !== 'retain') return undefined;
  return retain(colour, 'at zero instances', ending.retention);
}

/** Green was there before, and the deployment that kept it then still answers for it. */
function retain(colour: Removal['colour'], size: string, { seconds }: Retention): RemovalDirective {
  if (colour === 'green') {
    return { type: 'finish', reason: `Green was kept ${size} again, as it was.`, isKept: true };
  }
  return {
    type: 'retain',
    seconds,
    reason: `${capital(colour)} was kept ${size} for ${seconds} s, to take everything back if asked.`,
  };
}

function finishAtZero(removal: Removal): RemovalDirective | undefined {
  const { colour, fleet, ending } = removal;
  if (ending.type !== 'keepAtZero') return undefined;
  const because = ending.because === undefined ? '' : `, because ${ending.because}`;
  const left = describeLeft(removal);
  return {
    type: 'finish',
    reason: `${capital(colour)} was kept at zero instances${left && ` but for ${left}`}${because}.`,
    ...((because || (fleet.exists && left)) && { isKept: true }),
  };
}

/** A group with an instance is not deleted by force, which would skip its lifecycle hooks. */
function leaveWhatStays(removal: Removal): RemovalDirective | undefined {
  const { colour, fleet } = removal;
  if (!fleet.exists || fleet.instanceCount === 0) return undefined;
  return {
    type: 'leave',
    reason:
      `${capital(colour)} was left without traffic, but not deleted, because of ` +
      `${describeLeft(removal)}; it is tried again when nothing is left in it.`,
  };
}

/** What is still in the group, in words; empty when nothing is. */
function describeLeft(removal: Removal): string {
  const { fleet, ending } = removal;
  const going = countGoing(removal);
  const isProtected = ending.type !== 'delete' && fleet.protectedCount > 0;
  return [
    ...fleet.keptInstances,
    ...(isProtected
      ? [`${count(fleet.protectedCount, 'instance')} protected from scaling in`]
      : []),
    ...(going > 0 ? [`${count(going, 'instance')} on the way out`] : []),
  ].join(', ');
}

function deleteOrFinish({ colour, fleet }: Removal): RemovalDirective {
  return fleet.exists
    ? { type: 'delete', reason: `${capital(colour)} had no instance left and was deleted.` }
    : { type: 'finish', reason: `${capital(colour)} was gone.` };
}

/** Says whether a fleet's target group is still named by any route, whatever its weight. */
function isInAnyRoute(routes: Observation['routes'], colour: 'blue' | 'green'): boolean {
  return routes.some(({ weights }) => weights?.[colour] !== undefined);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
