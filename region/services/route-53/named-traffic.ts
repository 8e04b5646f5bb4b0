/**
 * Modelled clients that find their load balancer by name: each asks its resolver, which may still
 * know the answer of a minute ago.
 * Not for: clients with an address of their own choice; see the load balancers' traffic model.
 */
import type { Cancel } from '../../kernel/clock.ts';
import type { BalancerTraffic, LoadBalancerNames } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { AddressType, Resolve } from './dns.ts';
import { createResolver } from './resolver.ts';

/** Resolvers that the clients share unless told. */
const DEFAULT_RESOLVERS = 20;

/** How much traffic is modelled, and which name it asks for. */
export interface NamedTraffic {
  readonly name: string;
  /** Port of the listener. */
  readonly port: number;
  /** May be a fraction. */
  readonly requestsPerSecond: number;
  /** Resolvers between the clients and the name servers; absent means 20. */
  readonly resolvers?: number;
  /** Part of the resolvers whose clients ask for AAAA, 0 to 1; absent means 0. */
  readonly ipv6Share?: number;
  /** Absent means `/`. */
  readonly path?: string;
}

/** Running traffic. */
export interface RunningTraffic {
  stop(): void;
  /** Requests whose name had no address, or none that the region knows. */
  unresolved(): number;
}

/** What clients need of the region. */
export interface NamedTrafficWorld {
  readonly kernel: Kernel;
  readonly resolve: Resolve;
  readonly loadBalancers: LoadBalancerNames;
  readonly traffic: BalancerTraffic;
}

/** Starts the traffic: once a second, every resolver's clients send their part. */
export function startNamedTraffic(world: NamedTrafficWorld, model: NamedTraffic): RunningTraffic {
  const { kernel, resolve } = world;
  const { clock } = kernel;
  const count = model.resolvers ?? DEFAULT_RESOLVERS;
  const resolvers = Array.from({ length: count }, (_, index) => ({
    type: typeOf(index / count, model),
    resolver: createResolver({ resolve, now: () => clock.now(), firstShare: kernel.random() }),
  }));
  let unresolved = 0;
  let owed = 0;
  let turn = 0;
  let cancel: Cancel | undefined;
  const sendOne = (): void => {
    const { type, resolver } = resolvers[turn % count] ?? {};
    turn += 1;
    const [value] = (type && resolver?.lookUp(model.name, type)?.values) ?? [];
    const balancer = value === undefined ? undefined : world.loadBalancers.find(value);
    if (!balancer) {
      unresolved += 1;
      return;
    }
    const { port, path = '/', name: host } = model;
    world.traffic.send({ loadBalancerArn: balancer.loadBalancerArn, port, path, host, count: 1 });
  };
  const next = (): void => {
    cancel = clock.schedule(clock.now() + 1000, () => {
      for (owed += model.requestsPerSecond; owed >= 1; owed -= 1) sendOne();
      next();
    });
  };
  next();
  return { stop: () => cancel?.(), unresolved: () => unresolved };
}

function typeOf(place: number, { ipv6Share = 0 }: NamedTraffic): AddressType {
  return place < ipv6Share ? 'AAAA' : 'A';
}
