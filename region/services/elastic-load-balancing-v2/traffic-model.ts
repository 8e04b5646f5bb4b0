/**
 * Traffic without sockets, for virtual time: so many requests a second are decided by the same
 * router as real ones and answered by the machines' models.
 * Not for: clients that keep cookies; every modelled request is somebody's first.
 */
import type { Cancel } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Machines } from '../../kernel/machines.ts';
import type { RoutableRequest } from './matching.ts';
import type { ListenerView } from './propagation.ts';
import type { Decision, Router } from './routing.ts';
import type { Outcome, Traffic } from './traffic.ts';

/** Region seconds that may be drawn at once; more would blur one metric minute into the next. */
const LONGEST_BATCH_SECONDS = 10;

/** How much traffic is modelled, and where it goes. */
export interface TrafficModel {
  readonly loadBalancerArn: string;
  /** Port of the listener. */
  readonly port: number;
  /** May be a fraction; what is left over is carried into the next batch. */
  readonly requestsPerSecond: number;
  /** Region seconds drawn at once, 1 to 10; absent means 1. */
  readonly batchSeconds?: number;
  /** Requests that share one draw and so one fate; absent means 1. More is faster and coarser. */
  readonly requestsPerDraw?: number;
  /** Absent means `/`. */
  readonly path?: string;
  /** Absent means the load balancer's DNS name. */
  readonly host?: string;
}

/** What modelled traffic needs to know. */
export interface TrafficModelWorld {
  readonly kernel: Kernel;
  readonly machines: Machines;
  readonly router: Router;
  readonly traffic: Traffic;
  /** The listener on a port of a load balancer; undefined when nothing listens there. */
  readonly view: (loadBalancerArn: string, port: number) => ListenerView | undefined;
  readonly dnsName: (loadBalancerArn: string) => string;
}

/**
 * Starts modelled traffic.
 * @returns how to stop it
 * @throws RangeError for rates and batches that make no sense
 */
export function startTrafficModel(world: TrafficModelWorld, model: TrafficModel): () => void {
  const { kernel } = world;
  const batchSeconds = model.batchSeconds ?? 1;
  const perDraw = model.requestsPerDraw ?? 1;
  if (!(model.requestsPerSecond >= 0) || !(perDraw >= 1)) {
    throw new RangeError('Modelled traffic needs a rate of 0 or more and at least 1 per draw.');
  }
  if (!(batchSeconds > 0 && batchSeconds <= LONGEST_BATCH_SECONDS)) {
    throw new RangeError(`Modelled traffic is drawn for up to ${LONGEST_BATCH_SECONDS} seconds.`);
  }
  const { clock } = kernel;
  let owed = 0;
  let cancel: Cancel | undefined;
  const next = (): void => {
    cancel = clock.schedule(clock.now() + batchSeconds * 1000, () => {
      owed += model.requestsPerSecond * batchSeconds;
      while (owed >= 1) {
        const count = Math.min(perDraw, Math.floor(owed));
        owed -= count;
        sendModelled(world, { path: '/', ...model, count });
      }
      next();
    });
  };
  next();
  return () => cancel?.();
}

/** Modelled requests that share one fate. */
interface ModelledRequests {
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly path: string;
  /** Absent means the load balancer's DNS name. */
  readonly host?: string;
  readonly count: number;
}

/** Decides about modelled requests and records what became of them. */
export function sendModelled(world: TrafficModelWorld, requests: ModelledRequests): void {
  const { loadBalancerArn, port, count } = requests;
  const view = world.view(loadBalancerArn, port);
  // Nothing listens: clients cannot connect, and a load balancer does not see them.
  if (!view) return;
  const decision = world.router.decide(view, requestOf(world, requests));
  world.traffic.record({
    at: world.kernel.clock.now(),
    loadBalancerArn,
    count,
    ...fateOf(world.machines, decision, count),
  });
}

function requestOf(
  world: TrafficModelWorld,
  { loadBalancerArn, path, host }: ModelledRequests,
): RoutableRequest {
  return {
    method: 'GET',
    path,
    query: '',
    host: host ?? world.dnsName(loadBalancerArn),
    // A documentation address (RFC 5737): modelled clients come from nowhere in particular.
    sourceIp: '198.51.100.1',
    header: () => [],
  };
}

/** What becomes of requests that a decision sends somewhere. */
export function fateOf(
  machines: Machines,
  decision: Decision,
  count: number,
): Omit<Outcome, 'at' | 'loadBalancerArn' | 'count'> {
  if (decision.type === 'own') {
    return {
      elbStatusCode: decision.status,
      ownAnswer: decision.kind,
      requestMilliseconds: 0,
    };
  }
  if (decision.type === 'unavailable') {
    const { targetGroupArn } = decision;
    const group = targetGroupArn === undefined ? {} : { targetGroupArn };
    return { elbStatusCode: 503, requestMilliseconds: 0, ...group };
  }
  const { targetGroupArn, failsOpen } = decision;
  const chosen = { targetGroupArn, failsOpen, instanceId: decision.target.instanceId };
  const answer = machines.model(decision.target.instanceId, count);
  if (!answer) {
    return { ...chosen, elbStatusCode: 502, connectionFailed: true, requestMilliseconds: 0 };
  }
  return {
    ...chosen,
    elbStatusCode: answer.status,
    targetStatusCode: answer.status,
    targetMilliseconds: answer.milliseconds,
    requestMilliseconds: answer.milliseconds,
  };
}
