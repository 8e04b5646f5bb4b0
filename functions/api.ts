/**
 * The HTTP API for release tooling: definitions, starts, lists, records and orders.
 * Not for: what reads AWS itself, which has functions and roles of its own.
 */
import type { Deployments, Leases, Services, Timeline } from '../shared/ports/ledger.ts';
import { type DeploymentRoutePorts, deploymentRoutes } from './_deployment-routes.ts';
import { withStack } from './_handler.ts';
import type { HttpEvent } from './_http.ts';
import { type OrderRoutePorts, orderRoutes } from './_order-routes.ts';
import * as world from './_ports.ts';
import { createRouter } from './_router.ts';
import { type ServiceRoutePorts, serviceRoutes } from './_service-routes.ts';
import { type StartRoutePorts, startRoutes } from './_start-routes.ts';

/** What requests read and change: definitions, records, and the executions behind them. */
export type ApiPorts = ServiceRoutePorts &
  StartRoutePorts &
  DeploymentRoutePorts &
  OrderRoutePorts & {
    readonly services: Services;
    readonly deployments: Deployments;
    readonly timeline: Timeline;
    readonly leases: Pick<Leases, 'list'>;
  };

/** Makes the function. */
export const api = (ports: ApiPorts) =>
  createRouter('api', {
    ...serviceRoutes(ports),
    ...startRoutes(ports),
    ...deploymentRoutes(ports),
    ...orderRoutes(ports),
  });

const routes = api({
  services: world.services(),
  deployments: world.deployments(),
  requests: world.requests(),
  timeline: world.timeline(),
  locks: world.locks(),
  holds: world.holds(),
  queue: world.queue(),
  leases: world.leases(),
  executions: world.executions(),
  timepiece: world.timepiece(),
});

export const handler = withStack(
  async (event: HttpEvent, context: Parameters<typeof routes.resolve>[1]) =>
    routes.resolve(event, context),
);
