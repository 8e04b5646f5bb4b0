/**
 * One fleet's readings, made from what its group, its target group and its activities say.
 * Not for: calling AWS.
 */
import type { Activity, AutoScalingGroup, Instance } from '@aws-sdk/client-auto-scaling';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FleetReading } from '../core/observation.ts';
import { countGoing } from './clone/warm-pools.ts';
import { DELETION_STATUS } from './groups.ts';

/** A fleet of which nothing exists, or nothing was asked. */
export const EMPTY_FLEET: FleetReading = {
  exists: false,
  desiredCapacity: 0,
  inServiceCount: 0,
  instanceCount: 0,
  healthyCount: 0,
  healthyZones: [],
  drainingCount: 0,
  attachment: 'none',
  protectedCount: 0,
  keptInstances: [],
  complaints: [],
  failures: [],
};

/**
 * States of targets that something is wrong with, the worst first. `draining` is missing because
 * it is what a target should do on its way out.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
const COMPLAINT_STATES = ['unhealthy', 'unhealthy.draining', 'unavailable', 'unused', 'initial'];

/**
 * States in which an instance stays in its group whatever the group's size: a person took it out of
 * service, or a lifecycle hook was abandoned and the group retains what that happens to.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-lifecycle-policy.html
 */
const KEPT_STATES: ReadonlySet<string> = new Set([
  'EnteringStandby',
  'Standby',
  'Terminating:Retained',
]);

/**
 * How Auto Scaling explains that it replaced an instance for its health.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-healthchecks.html
 */
const HEALTH_CAUSE = /health check|status check/i;

/** How Auto Scaling begins the description of an activity that ends an instance. */
const TERMINATION = /^Terminating/;

/**
 * Puts a fleet's readings together. A group that is undefined does not exist, and neither does one
 * that AWS is deleting and that has no instance left: nobody can do anything about it any more.
 */
export function toFleetReading(parts: {
  readonly group: AutoScalingGroup | undefined;
  readonly targets: readonly TargetHealthDescription[];
}): FleetReading {
  const { group, targets } = parts;
  const instances = group?.Instances ?? [];
  const isGoing = group?.Status === DELETION_STATUS && instances.length === 0;
  const states = new Map(
    targets.map(({ Target, TargetHealth }) => [Target?.Id, TargetHealth?.State]),
  );
  const inService = instances.filter(isInService);
  const healthy = inService.filter(({ InstanceId }) => states.get(InstanceId) === 'healthy');
  const missing = inService.filter(({ InstanceId }) => !states.has(InstanceId));
  return {
    ...EMPTY_FLEET,
    exists: group !== undefined && !isGoing,
    desiredCapacity: group?.DesiredCapacity ?? 0,
    inServiceCount: inService.length,
    instanceCount: instances.length + countGoing(group),
    healthyCount: healthy.length,
    healthyZones: zonesOf(healthy),
    drainingCount: targets.filter(({ TargetHealth }) => TargetHealth?.State === 'draining').length,
    attachment: group && isAttached(group) ? 'attached' : 'none',
    protectedCount: inService.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn).length,
    keptInstances: instances
      .filter(({ LifecycleState = '' }) => KEPT_STATES.has(LifecycleState))
      .map(({ InstanceId, LifecycleState }) => `${InstanceId} is in ${LifecycleState}`),
    complaints: [
      ...complain(targets),
      ...missing.map(({ InstanceId }) => `${InstanceId} was not registered as a target`),
    ],
  };
}

/** Says whether a group puts its instances into any target group, by either of the two APIs. */
function isAttached({ TargetGroupARNs = [], TrafficSources = [] }: AutoScalingGroup): boolean {
  return TargetGroupARNs.length > 0 || TrafficSources.length > 0;
}

/** Says whether an instance takes part in its group's work. */
export function isInService({ LifecycleState }: Instance): boolean {
  return LifecycleState === 'InService';
}

/** The Availability Zones of instances, each once, sorted. */
export function zonesOf(instances: readonly Instance[]): readonly string[] {
  return [
    ...new Set(instances.flatMap(({ AvailabilityZone }) => AvailabilityZone ?? [])),
  ].toSorted();
}

/** `i-… was unhealthy (Target.Timeout: Request timed out)`, the worst first. */
function complain(targets: readonly TargetHealthDescription[]): string[] {
  return COMPLAINT_STATES.flatMap((state) =>
    targets
      .filter(({ TargetHealth }) => TargetHealth?.State === state)
      .map(({ Target, TargetHealth }) => {
        const because = [TargetHealth?.Reason, TargetHealth?.Description].filter(Boolean);
        const details = because.length > 0 ? ` (${because.join(': ')})` : '';
        return `${Target?.Id} was ${state}${details}`;
      }),
  );
}

/**
 * Launches that came to nothing and instances that were replaced for their health, in AWS's words.
 * A launch whose instance died on its way is cancelled, and its status message says why.
 */
export function toFailures(activities: readonly Activity[]): readonly string[] {
  return activities.flatMap(({ Description = '', Cause = '', StatusCode, StatusMessage }) => {
    if (TERMINATION.test(Description)) return HEALTH_CAUSE.test(Cause) ? [Cause] : [];
    if (StatusCode === 'Failed') return [StatusMessage || Description || Cause];
    return StatusCode === 'Cancelled' && StatusMessage ? [StatusMessage] : [];
  });
}
