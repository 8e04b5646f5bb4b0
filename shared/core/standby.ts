/**
 * The two sides between which a name's records split the traffic: blue serves behind one load
 * balancer, and green comes up behind a listener of another one that stands by.
 * Not for: the records themselves, which are routes (see `estate.ts`).
 */
import { invariant } from './errors.ts';
import type { FoundRoute } from './estate.ts';
import type { Routing } from './routing.ts';

/** One action of a listener as its load balancer describes it; only adapters look inside. */
export type ListenerAction = Readonly<Record<string, unknown>>;

/** A listener, and the load balancer by which clients reach it. */
export interface ListenerReading {
  readonly listenerArn: string;
  /** `HTTP` or `HTTPS`. */
  readonly protocol: string;
  readonly port: number;
  /** What it does with requests that no rule takes. */
  readonly defaultActions: readonly ListenerAction[];
  /** Their types in order: `forward`, `fixed-response`, `redirect`, `authenticate-oidc`, … */
  readonly actionTypes: readonly string[];
  readonly loadBalancer: {
    readonly loadBalancerArn: string;
    /** In lower case, without a dot at its end. */
    readonly dnsName: string;
    /** The zone in which AWS keeps that name; an alias gives both. */
    readonly hostedZoneId: string;
    readonly vpcId: string;
    /** Says whether clients that ask for AAAA find it. */
    readonly hasIpv6: boolean;
  };
}

/** Both sides before a deployment. */
export interface SidesReading {
  /** Rules and default actions that lead to blue. */
  readonly blueRoutes: readonly FoundRoute[];
  /** Blue's listener; undefined where blue has none, or more than one place that leads to it. */
  readonly blue: ListenerReading | undefined;
  /** Undefined when there is no such listener. */
  readonly green: ListenerReading | undefined;
  /**
   * ARNs of target groups without a healthy target that green's load balancer names elsewhere than
   * in that listener's default action.
   */
  readonly idleTargetGroupArns: readonly string[];
}

/** The listener that leads to green while a deployment runs, and what follows from that. */
export interface PlannedStandby {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  /** What the listener did before, which every way back restores. */
  readonly defaultActions: readonly ListenerAction[];
  /** Blue's own side, which stands by after a success. */
  readonly blueListenerArn: string;
  readonly blueLoadBalancerArn: string;
  /** What the service's definition says after a success: both sides have changed places. */
  readonly routingAfter: Routing;
}

/** Plans the side that stands by, once nothing speaks against it. */
export function planStandby(
  routing: Routing,
  { blue, green }: SidesReading,
  routes: readonly FoundRoute[],
): PlannedStandby {
  invariant(blue && green, 'a plan was made for a side that was not there.');
  const { greenHealthCheckId: _green, ...rest } = routing;
  const healthCheckId = routes.find(({ record }) => record?.blue?.healthCheckId)?.record?.blue
    ?.healthCheckId;
  return {
    listenerArn: green.listenerArn,
    loadBalancerArn: green.loadBalancer.loadBalancerArn,
    defaultActions: green.defaultActions,
    blueListenerArn: blue.listenerArn,
    blueLoadBalancerArn: blue.loadBalancer.loadBalancerArn,
    routingAfter: {
      ...rest,
      blueSetIdentifier: routing.greenSetIdentifier,
      greenSetIdentifier: routing.blueSetIdentifier,
      greenListenerArn: blue.listenerArn,
      ...(healthCheckId !== undefined && { greenHealthCheckId: healthCheckId }),
    },
  };
}
