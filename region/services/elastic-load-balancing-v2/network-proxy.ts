/**
 * The sockets of network load balancers: one TCP server per listener on a free port of 127.0.0.1.
 * A listener of protocol TLS passes bytes on as they are, as if the region's edge had already ended
 * the encryption.
 * Not for: deciding who gets a connection (`routing.ts`) or when it ends (`flows.ts`).
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Flows } from './flows.ts';
import type { RoutableRequest } from './matching.ts';
import type { ListenerView } from './propagation.ts';
import type { DataPlane, ProxyWorld } from './proxy.ts';
import type { Decision } from './routing.ts';
import type { Outcome } from './traffic.ts';

/**
 * What the access log says of a connection: that it was carried, that nobody was there, or that
 * there was nobody to choose. A real log has no status for connections; the region's needs one.
 */
const CARRIED = 200;
const REFUSED = 502;
const UNAVAILABLE = 503;

/** What the sockets need to know. */
export type NetworkProxyWorld = Omit<ProxyWorld, 'attribute'> & { readonly flows: Flows };

/** Starts without sockets. */
export function createNetworkDataPlane(world: NetworkProxyWorld): DataPlane {
  const servers = new Map<string, Server>();
  const clients = new Set<Socket>();
  let started = false;
  const open = (listenerArn: string): Promise<void> => {
    if (servers.has(listenerArn)) return Promise.resolve();
    const server = createServer((client) => {
      clients.add(client);
      client.on('close', () => clients.delete(client));
      // A client that breaks off is its own affair.
      client.on('error', () => client.destroy());
      serve(world, listenerArn, client);
    });
    servers.set(listenerArn, server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve());
    });
  };
  return {
    start: async () => {
      started = true;
      await Promise.all(world.views().map((view) => open(view.listenerArn)));
    },
    follow: (listenerArn, view) => {
      if (!started) return undefined;
      if (view) return open(listenerArn);
      servers.get(listenerArn)?.close();
      servers.delete(listenerArn);
      return undefined;
    },
    address: (listenerArn) => {
      const bound = servers.get(listenerArn)?.address() as AddressInfo | null | undefined;
      return bound ? { host: bound.address, port: bound.port } : undefined;
    },
    cut: (targetGroupArn, instanceId) => world.flows.cut(targetGroupArn, instanceId),
    close: async () => {
      world.flows.close();
      const closed = [...servers.values()].map(
        (server) => new Promise<void>((resolve) => void server.close(() => resolve())),
      );
      for (const client of clients) client.destroy();
      servers.clear();
      await Promise.all(closed);
    },
  };
}

function serve(world: NetworkProxyWorld, listenerArn: string, client: Socket): void {
  const view = world.view(listenerArn);
  if (!view) {
    client.destroy();
    return;
  }
  const decision = world.router.decide(view, connectionFrom(client.remoteAddress ?? '127.0.0.1'));
  if (decision.type === 'forward') {
    carry(world, view, client, decision);
    return;
  }
  client.resetAndDestroy();
  report(world, view, { elbStatusCode: UNAVAILABLE });
}

/** A connection as the router sees it: all that is known of it is where it comes from. */
export function connectionFrom(sourceIp: string): RoutableRequest {
  return { method: '', path: '/', query: '', host: '', sourceIp, header: () => [] };
}

function carry(
  world: NetworkProxyWorld,
  view: ListenerView,
  client: Socket,
  { targetGroupArn, target, failsOpen }: Extract<Decision, { type: 'forward' }>,
): void {
  const { listenerArn, loadBalancerArn } = view;
  const { instanceId } = target;
  const chosen = { targetGroupArn, instanceId, failsOpen };
  const origin = world.machines.origin(instanceId);
  if (!origin) {
    client.resetAndDestroy();
    report(world, view, { ...chosen, elbStatusCode: REFUSED, connectionFailed: true });
    return;
  }
  const upstream = connect(origin);
  const end = (): void => {
    client.resetAndDestroy();
    upstream.destroy();
  };
  const forget = world.flows.open({ listenerArn, loadBalancerArn, ...chosen, end });
  let connected = false;
  target.inFlight += 1;
  upstream.once('connect', () => {
    connected = true;
    report(world, view, { ...chosen, elbStatusCode: CARRIED });
  });
  upstream.on('error', () => {
    if (!connected) {
      report(world, view, { ...chosen, elbStatusCode: REFUSED, connectionFailed: true });
    }
    end();
  });
  upstream.once('close', () => {
    target.inFlight -= 1;
    forget();
    client.end();
  });
  client.once('close', () => upstream.destroy());
  client.pipe(upstream).pipe(client);
}

function report(
  world: NetworkProxyWorld,
  { loadBalancerArn }: ListenerView,
  outcome: Omit<Outcome, 'at' | 'loadBalancerArn' | 'requestMilliseconds'>,
): void {
  const at = world.kernel.clock.now();
  world.traffic.record({ ...outcome, at, loadBalancerArn, requestMilliseconds: 0 });
}
