/**
 * How the phases of a target's life are reported, in AWS's states, reasons and descriptions.
 * Not for: what moves a target from one phase to the next (see `target-health.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
import type {
  TargetHealthReasonEnum,
  TargetHealthStateEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** Where a target is in its life. `outside` is in a zone that the load balancer does not use. */
export type Phase =
  | 'unused'
  | 'outside'
  | 'stopped'
  | 'registering'
  | 'checking'
  | 'healthy'
  | 'unhealthy'
  | 'draining';

/** What AWS reports of a target. */
export interface TargetState {
  readonly state: TargetHealthStateEnum;
  /** Absent when the target is healthy. */
  readonly reason?: TargetHealthReasonEnum;
  readonly description?: string;
}

const REPORTS: Readonly<Record<Phase, TargetState>> = {
  unused: {
    state: 'unused',
    reason: 'Target.NotInUse',
    description: 'Target group is not configured to receive traffic from the load balancer',
  },
  outside: {
    state: 'unused',
    reason: 'Target.NotInUse',
    description: 'Target is in an Availability Zone that is not enabled for the load balancer',
  },
  stopped: {
    state: 'unused',
    reason: 'Target.InvalidState',
    description: 'Target is in the stopped state',
  },
  registering: {
    state: 'initial',
    reason: 'Elb.RegistrationInProgress',
    description: 'Target registration is in progress',
  },
  checking: {
    state: 'initial',
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  },
  healthy: { state: 'healthy' },
  unhealthy: { state: 'unhealthy' },
  draining: {
    state: 'draining',
    reason: 'Target.DeregistrationInProgress',
    description: 'Target deregistration is in progress',
  },
};

/** What AWS says of an instance that is not in the target group. */
export const NOT_REGISTERED: TargetState = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
};

/** The report of a phase; only an unhealthy target has a fault of its own. */
export function report(
  phase: Phase,
  fault: Pick<TargetState, 'reason' | 'description'>,
): TargetState {
  return phase === 'unhealthy' ? { ...REPORTS.unhealthy, ...fault } : REPORTS[phase];
}
