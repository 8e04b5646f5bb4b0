/**
 * How Teal moves traffic: weights of two fleets on a list of routes. Every call may be made twice.
 */
import type { FoundRoute, Route } from '../core/estate.ts';
import type { RouteReading } from '../core/observation.ts';
import type { Percent } from '../core/units.ts';

/**
 * Asked before every single write: returns when the caller may still write, and throws `LeaseLost`
 * when it woke up too late.
 */
export type Fence = () => Promise<void>;

/** The two target groups that share the traffic of a route. Weighted records name their own. */
export interface Pair {
  readonly blueTargetGroupArn: string;
  readonly greenTargetGroupArn: string;
}

/** Weights on rules and default actions of listeners, or on records of a name. */
export interface TrafficRouter {
  /** Every route that leads to a target group: rules and default actions, or records. */
  find(targetGroupArn: string): Promise<readonly FoundRoute[]>;
  /** The weights as they are now, one reading for each route asked for. */
  read(
    routes: readonly Route[],
    pair: { blueTargetGroupArn: string; greenTargetGroupArn?: string },
  ): Promise<readonly RouteReading[]>;
  /** Writes green's weight, and blue's as the rest, to every route that says otherwise. */
  shift(
    routes: readonly Route[],
    pair: Pair,
    greenWeightPercent: Percent,
    fence: Fence,
  ): Promise<void>;
  /** Leaves one target group alone on every route and takes the other out. */
  settle(
    routes: readonly Route[],
    fleets: { keepTargetGroupArn: string; removeTargetGroupArn: string },
    fence: Fence,
  ): Promise<void>;
}
