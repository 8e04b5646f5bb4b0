/**
 * Traffic over connections without sockets: clients of a network load balancer that keep a number of
 * connections open, send their requests over them, and open a new one where one was ended.
 * Not for: requests that each find their own target (see `traffic-model.ts`).
 */
import type { Cancel } from '../../kernel/clock.ts';
import type { Flows } from './flows.ts';
import { connectionFrom } from './network-proxy.ts';
import type { ListenerView } from './propagation.ts';
import type { Decision } from './routing.ts';
import type { TrafficModelWorld } from './traffic-model.ts';
import { fateOf } from './traffic-model.ts';

/** How many clients are modelled, and what they do. */
export interface ConnectionModel {
  readonly loadBalancerArn: string;
  /** Port of the listener. */
  readonly port: number;
  readonly connections: number;
  /** Requests over all connections together; may be a fraction. */
  readonly requestsPerSecond: number;
  /** Region seconds after which a client closes a connection and opens another; absent means never. */
  readonly connectionSeconds?: number;
}

/** What modelled connections need to know. */
export type ConnectionModelWorld = Omit<TrafficModelWorld, 'dnsName'> & { readonly flows: Flows };

interface Connection {
  decision: Decision;
  isOpen: boolean;
  readonly until: number;
  readonly close: () => void;
}

/**
 * Starts the clients. Each opens its connection with its first request.
 * @returns how to stop them
 */
export function startConnectionModel(
  world: ConnectionModelWorld,
  model: ConnectionModel,
): () => void {
  const { clock } = world.kernel;
  const slots: (Connection | undefined)[] = Array.from({ length: model.connections });
  let owed = 0;
  let turn = 0;
  let cancel: Cancel | undefined;
  const sendOne = (): void => {
    const slot = turn % model.connections;
    turn += 1;
    const view = world.view(model.loadBalancerArn, model.port);
    const kept = slots[slot];
    const usable = kept?.isOpen && clock.now() < kept.until;
    if (!usable) kept?.close();
    slots[slot] = usable ? kept : view && connectOne(world, model, view);
    const connection = slots[slot];
    if (!connection) return;
    world.traffic.record({
      at: clock.now(),
      loadBalancerArn: model.loadBalancerArn,
      count: 1,
      ...fateOf(world.machines, connection.decision, 1),
    });
  };
  const next = (): void => {
    cancel = clock.schedule(clock.now() + 1000, () => {
      for (owed += model.requestsPerSecond; owed >= 1; owed -= 1) sendOne();
      next();
    });
  };
  next();
  return () => {
    cancel?.();
    for (const connection of slots) connection?.close();
  };
}

function connectOne(
  world: ConnectionModelWorld,
  { loadBalancerArn, connectionSeconds = Number.POSITIVE_INFINITY }: ConnectionModel,
  view: ListenerView,
): Connection {
  // A documentation address (RFC 5737): modelled clients come from nowhere in particular.
  const decision = world.router.decide(view, connectionFrom('198.51.100.1'));
  const until = world.kernel.clock.now() + connectionSeconds * 1000;
  if (decision.type !== 'forward')
    return { decision, isOpen: false, until, close: () => undefined };
  const forget = world.flows.open({
    listenerArn: view.listenerArn,
    loadBalancerArn,
    targetGroupArn: decision.targetGroupArn,
    instanceId: decision.target.instanceId,
    end: () => {
      connection.isOpen = false;
    },
  });
  const connection: Connection = { decision, isOpen: true, until, close: forget };
  return connection;
}
