/**
 * Weights that are not ours. Somebody else's change stops a deployment; whether it is waited out,
 * written over or answered with a rollback is the service's choice.
 */
import type { HoldDirective, RollBackDirective } from './directive.ts';
import { isAtWeight, type RouteReading } from './observation.ts';
import type { Situation } from './situation.ts';
import { secondsBetween } from './units.ts';

/** Longest pause for weights to be put back: a working day and a night. */
export const FOREIGN_PAUSE_SECONDS_MAX = 24 * 3600;

/** Seconds between two looks at weights that somebody else changed. */
const PAUSE_POLL_SECONDS = 60;

/** Times in one step that our weight is put back before we believe that somebody means it. */
export const REASSERTIONS_MAX = 3;

/** What to do about a foreign change; undefined where our weight is to be written again. */
export function answerForeignChange(
  { plan, progress, now }: Situation,
  reason: string,
): RollBackDirective | HoldDirective | undefined {
  const { onForeignChange } = plan;
  if (onForeignChange === 'pause') {
    const since = progress.gateClosedSince ?? now;
    if (secondsBetween(since, now) < FOREIGN_PAUSE_SECONDS_MAX) {
      return { type: 'hold', seconds: PAUSE_POLL_SECONDS, isGateClosed: true, reason };
    }
  }
  if (onForeignChange === 'reassert' && progress.reassertions < REASSERTIONS_MAX) return undefined;
  return { type: 'rollBack', reason };
}

/** The first route that stands at none of the weights that this deployment gave it. */
export function findForeignWeight(
  routes: readonly RouteReading[],
  ours: readonly number[],
): RouteReading | undefined {
  return routes.find((route) => route.weights && !ours.some((weight) => isAtWeight(route, weight)));
}

/** Names the route and what it says now. */
export function describeForeignWeight({ routeId, weights }: RouteReading): string {
  return (
    `Somebody else changed the weights of ${routeId} ` +
    `to blue ${weights?.blue ?? 'absent'} and green ${weights?.green ?? 'absent'}.`
  );
}

/** Says which route is gone; undefined when all are there. */
export function describeGoneRoute(routes: readonly RouteReading[]): string | undefined {
  const gone = routes.find(({ weights }) => !weights);
  return gone && `Route ${gone.routeId} was deleted by somebody else.`;
}
