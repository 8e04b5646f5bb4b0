/**
 * Weights that are not ours. Somebody else's change stops a deployment; whether it is waited out,
 * written over or answered with a rollback is the service's choice.
 */
import type { PauseDirective, RollBackDirective } from './directive.ts';
import { isAtWeight, type RouteReading } from './observation.ts';
import type { ForeignChange, Progress } from './progress.ts';
import type { Situation } from './situation.ts';
import { instantAfter, type IsoInstant, secondsBetween } from './units.ts';

/** Longest pause for weights to be put back: a working day and a night. */
export const FOREIGN_PAUSE_SECONDS_MAX = 24 * 3600;

/**
 * Seconds until weights that somebody else changed are looked at again, unless an operator resumes
 * before. A day of it costs 288 rounds of some 14 history events, far from the 25,000 of an
 * execution.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const LOOK_AGAIN_SECONDS = 300;

/** Times in one step that our weight is put back before we believe that somebody means it. */
export const REASSERTIONS_MAX = 3;

/** What to do about a foreign change; undefined where our weight is to be written again. */
export function answerForeignChange(
  { plan, progress, now }: Situation,
  foreign: RouteReading,
): RollBackDirective | PauseDirective | undefined {
  const { onForeignChange } = plan;
  const reason = describeForeignWeight(foreign);
  if (onForeignChange === 'reassert' && progress.reassertions < REASSERTIONS_MAX) return undefined;
  if (onForeignChange !== 'pause') return { type: 'rollBack', reason };
  const { routeId } = foreign;
  const until = foreignPauseEndsAt(progress.foreignChange ?? { since: now });
  const left = Math.ceil(secondsBetween(now, until));
  if (left <= 0) {
    const seconds = FOREIGN_PAUSE_SECONDS_MAX;
    return { type: 'rollBack', reason: `${reason} Nobody put them back within ${seconds} s.` };
  }
  return {
    type: 'pause',
    seconds: Math.min(LOOK_AGAIN_SECONDS, left),
    foreignRouteId: routeId,
    reason: `${reason} It was paused until they are put back, or else until ${until}.`,
  };
}

/** When blue takes everything back, unless the weights were put back before. */
export function foreignPauseEndsAt({ since }: Pick<ForeignChange, 'since'>): IsoInstant {
  return instantAfter(since, FOREIGN_PAUSE_SECONDS_MAX);
}

/** The pause over a foreign change as it is remembered; one that goes on keeps its beginning. */
export function noteForeignChange(
  { foreignChange }: Progress,
  { foreignRouteId: routeId }: Pick<PauseDirective, 'foreignRouteId'>,
  now: IsoInstant,
): Pick<Progress, 'foreignChange'> {
  if (routeId === undefined) return {};
  return { foreignChange: { routeId, since: foreignChange?.since ?? now, lookedAt: now } };
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
