/**
 * Several kinds of traffic routers as one: each route is read and written by the router of its kind.
 * Not for: choosing where traffic is found; that is the router of the service's definition.
 */
import type { FoundRoute, Route } from '../core/estate.ts';
import type { RouteReading } from '../core/observation.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';

/** The routers by the kinds of routes that they know. */
export type Routers = Readonly<Record<Route['type'], TrafficRouter>>;

/** A router that is made when it is first asked: most services have no routes of its kind. */
export function whenUsed(make: () => TrafficRouter): TrafficRouter {
  let made: TrafficRouter | undefined;
  const router = () => (made ??= make());
  return {
    find: (...asked) => router().find(...asked),
    read: (...asked) => router().read(...asked),
    shift: (...asked) => router().shift(...asked),
    settle: (...asked) => router().settle(...asked),
  };
}

/** Puts routers together. Kinds of routes are handled in the order of their first route. */
export function combineRouters(routers: Routers): TrafficRouter {
  const all = [...new Set(Object.values(routers))];
  const parts = (routes: readonly Route[]) =>
    all.flatMap((router) => {
      const own = routes.filter(({ type }) => routers[type] === router);
      return own.length > 0 ? [{ router, own }] : [];
    });
  return {
    async find(targetGroupArn) {
      const found: FoundRoute[] = [];
      for (const router of all) found.push(...(await router.find(targetGroupArn)));
      return found;
    },
    async read(routes, pair) {
      const readings = new Map<string, RouteReading>();
      for (const { router, own } of parts(routes)) {
        for (const reading of await router.read(own, pair)) readings.set(reading.routeId, reading);
      }
      return routes.map(({ id }) => readings.get(id) ?? { routeId: id, weights: undefined });
    },
    async shift(routes, pair, greenWeightPercent, fence) {
      for (const { router, own } of parts(routes)) {
        await router.shift(own, pair, greenWeightPercent, fence);
      }
    },
    async settle(routes, fleets, fence) {
      for (const { router, own } of parts(routes)) await router.settle(own, fleets, fence);
    },
  };
}
