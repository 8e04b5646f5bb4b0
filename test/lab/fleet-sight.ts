/**
 * The fleets that a load balancer's routes name, read past the wire: a look takes no region time and
 * counts as no call.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Region } from '../../region/region.ts';
import { askPastWire } from './past-wire.ts';
import { nameOf } from './sight.ts';

/** One fleet at one instant. */
export interface FleetSight {
  readonly name: string;
  /** Largest percent of any route's traffic. */
  readonly percent: number;
  /** Healthy targets. */
  readonly healthy: number;
}

/** Every fleet that a route names, with its largest share and what is healthy of it now. */
export function readFleets(region: Region, loadBalancerArn: string): readonly FleetSight[] {
  const largest = new Map<string, number>();
  for (const { action } of readForwards(region, loadBalancerArn)) {
    for (const [arn, percent] of percentsOf(action)) {
      largest.set(arn, Math.max(largest.get(arn) ?? 0, percent));
    }
  }
  return [...largest].map(([arn, percent]) => {
    return { name: nameOf(arn), percent, healthy: countHealthy(region, arn) };
  });
}

/** Percent of a route's traffic by the names of fleets; 0 where one is named without any. */
export type RouteShares = Readonly<Record<string, number>>;

/** The shares of every route, by the ARN of its listener or rule. */
export function readShares(
  region: Region,
  loadBalancerArn: string,
): ReadonlyMap<string, RouteShares> {
  const routes = readForwards(region, loadBalancerArn).map(({ routeArn, action }) => {
    const shares = percentsOf(action).map(([arn, percent]) => [nameOf(arn), percent] as const);
    return [routeArn, Object.fromEntries(shares)] as const;
  });
  return new Map(routes);
}

interface Forward {
  readonly routeArn: string;
  readonly action: Action;
}

/** The forward action of every listener and rule. */
function readForwards(region: Region, LoadBalancerArn: string): readonly Forward[] {
  const { Listeners } = ask(region, 'DescribeListeners', { LoadBalancerArn }) as {
    Listeners: readonly { ListenerArn: string; DefaultActions: readonly Action[] }[];
  };
  const routes = Listeners.flatMap(({ ListenerArn, DefaultActions }) => {
    const { Rules } = ask(region, 'DescribeRules', { ListenerArn }) as {
      Rules: readonly { RuleArn: string; IsDefault: boolean; Actions: readonly Action[] }[];
    };
    const rules = Rules.filter(({ IsDefault }) => !IsDefault);
    return [
      { routeArn: ListenerArn, actions: DefaultActions },
      ...rules.map(({ RuleArn, Actions }) => ({ routeArn: RuleArn, actions: Actions })),
    ];
  });
  return routes.flatMap(({ routeArn, actions }) =>
    actions.filter(({ Type }) => Type === 'forward').map((action) => ({ routeArn, action })),
  );
}

function percentsOf({ TargetGroupArn, ForwardConfig }: Action): readonly [string, number][] {
  const tuples = ForwardConfig?.TargetGroups ?? [{ TargetGroupArn, Weight: 1 }];
  const total = tuples.reduce((sum, { Weight = 1 }) => sum + Weight, 0);
  return tuples.map(({ TargetGroupArn: arn = '', Weight = 1 }) => [
    arn,
    total === 0 ? 0 : (100 * Weight) / total,
  ]);
}

function countHealthy(region: Region, TargetGroupArn: string): number {
  const { TargetHealthDescriptions } = ask(region, 'DescribeTargetHealth', { TargetGroupArn }) as {
    TargetHealthDescriptions: readonly { TargetHealth: { State: string } }[];
  };
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === 'healthy')
    .length;
}

function ask({ loadBalancing }: Region, name: string, input: object): unknown {
  return askPastWire(loadBalancing.service, name, input);
}
