/**
 * A target in its group, as the code that moves it through its life keeps it.
 * Not for: that code (see `target-health.ts` and `health-checks.ts`).
 */
import type { Cancel } from '../../kernel/clock.ts';
import type { HealthCheck } from './model.ts';
import type { Phase, TargetState } from './target-states.ts';

/** What the life of a target depends on, as it stands now. */
export interface TargetGroupFacts {
  readonly healthCheck: HealthCheck;
  readonly port: number;
  readonly deregistrationDelaySeconds: number;
  /** How long an unhealthy target keeps the connections it has; 0 unless the load balancer is a network one. */
  readonly unhealthyDrainingSeconds: number;
  /** True when the connections to a target end as soon as it is unhealthy. */
  readonly endsUnhealthyFlows: boolean;
  /** True when a rule names the target group, whatever its weight. */
  readonly inUse: boolean;
  /** Zones enabled on the load balancer that uses the target group; undefined when it is gone. */
  readonly zones: ReadonlySet<string> | undefined;
}

/** A target as the data plane sees it. */
export interface RoutableTarget {
  readonly instanceId: string;
  /** Requests that the target has not answered yet; the data plane counts them here. */
  inFlight: number;
}

/** Targets that may get requests. */
export interface TargetPool {
  readonly healthy: readonly RoutableTarget[];
  /** Healthy or not: what a load balancer that fails open uses. */
  readonly open: readonly RoutableTarget[];
}

/** A target with everything that happened to it. */
export interface Target extends RoutableTarget {
  phase: Phase;
  passes: number;
  failures: number;
  fault: Pick<TargetState, 'reason' | 'description'>;
  /** While an unhealthy target is draining; region time, epoch milliseconds. */
  drainsUntil: number;
  /** Changes whenever what was scheduled or asked before no longer counts. */
  round: number;
  cancel: Cancel;
}

/** The targets of one target group. */
export interface Group {
  readonly arn: string;
  readonly targets: Map<string, Target>;
  pool: TargetPool | undefined;
}

/** The cancellation of what was never scheduled. */
export const nothing = (): void => {};

/** Stops what is scheduled for a target, and disregards what is being asked. */
export function halt(target: Target): void {
  target.round += 1;
  target.cancel();
  target.cancel = nothing;
}
