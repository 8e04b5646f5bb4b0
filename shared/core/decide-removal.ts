/**
 * How a fleet that is not needed any more is taken down: out of the routes, drained, emptied,
 * deleted, in the order that AWS demands and that loses no request. Blue goes this way after a
 * success, green after a rollback.
 */
import type { RemovalDirective } from './directive.ts';
import type { FleetReading, Observation } from './observation.ts';
import { count, decideBy, type Situation } from './situation.ts';
import { secondsBetween, type Seconds } from './units.ts';

/** Longest wait between two looks at a fleet that is going down. */
const REMOVAL_POLL_SECONDS_MAX = 30;

/** Shortest such wait; a fleet that is nearly gone is looked at sooner than one that has to drain. */
const REMOVAL_POLL_SECONDS_MIN = 10;

/** What is being taken down, as the rules see it. */
interface Removal {
  readonly situation: Situation;
  readonly colour: 'blue' | 'green';
  readonly fleet: FleetReading;
  /** What becomes of the fleet at the end. */
  readonly ending: 'delete' | 'scaleToZero';
  /** Seconds for requests that were under way when the fleet left the routes. */
  readonly drainSeconds: Seconds;
}

/** Decides for RetireBlue. */
export function decideRetireBlue(situation: Situation): RemovalDirective {
  const { plan, observation } = situation;
  return decideRemoval({
    situation,
    colour: 'blue',
    fleet: observation.blue,
    ending: plan.blue.retirement,
    drainSeconds: plan.drainSeconds,
  });
}

/** Decides for CleanUpGreen. Green that never had traffic has nothing to drain. */
export function decideCleanUpGreen(situation: Situation): RemovalDirective {
  const { plan, progress, observation } = situation;
  return decideRemoval({
    situation,
    colour: 'green',
    fleet: observation.green,
    ending: 'delete',
    drainSeconds: progress.stepIndex < 0 ? 0 : plan.drainSeconds,
  });
}

function decideRemoval(removal: Removal): RemovalDirective {
  return decideBy<RemovalDirective>(
    removal.situation,
    [
      () => detachFirst(removal),
      () => letRequestsEnd(removal),
      () => emptyGroup(removal),
      () => awaitInstances(removal),
      () => finishAtZero(removal),
    ],
    () => deleteOrFinish(removal),
  );
}

function detachFirst({ situation, colour }: Removal): RemovalDirective | undefined {
  const { routes } = situation.observation;
  if (!isInAnyRoute(routes, colour)) return undefined;
  return { type: 'detach', reason: `${capital(colour)} was taken out of every route.` };
}

function letRequestsEnd({ situation, colour, fleet, drainSeconds }: Removal) {
  const { progress, now } = situation;
  if (!fleet.exists || !progress.detachedAt) return undefined;
  const left = Math.ceil(drainSeconds - secondsBetween(progress.detachedAt, now));
  if (left <= 0) return undefined;
  return {
    type: 'wait',
    seconds: Math.max(1, left),
    reason: `Requests that ${colour} was still answering had ${left} s left to end.`,
  } as const;
}

function emptyGroup({ colour, fleet }: Removal): RemovalDirective | undefined {
  if (!fleet.exists || fleet.desiredCapacity === 0) return undefined;
  return {
    type: 'empty',
    reason: `${capital(colour)} was asked to end its ${count(fleet.instanceCount, 'instance')}.`,
  };
}

function awaitInstances({ colour, fleet, drainSeconds }: Removal): RemovalDirective | undefined {
  if (!fleet.exists || fleet.instanceCount === 0) return undefined;
  const seconds = Math.min(
    REMOVAL_POLL_SECONDS_MAX,
    Math.max(REMOVAL_POLL_SECONDS_MIN, drainSeconds),
  );
  return {
    type: 'wait',
    seconds,
    reason: `${capital(colour)} still had ${count(fleet.instanceCount, 'instance')}.`,
  };
}

function finishAtZero({ colour, ending }: Removal): RemovalDirective | undefined {
  if (ending !== 'scaleToZero') return undefined;
  return { type: 'finish', reason: `${capital(colour)} was kept at zero instances.` };
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
