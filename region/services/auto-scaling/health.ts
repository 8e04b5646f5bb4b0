/**
 * Which instances are unhealthy, and taking them out of service.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html
 */
import { causeTime } from './activities.ts';
import { isSuspended } from './state.ts';
import { beginTermination } from './terminating.ts';
import { targetHealth } from './traffic.ts';
import type { InstanceState } from '../../kernel/machines.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/**
 * Share of the desired capacity that is replaced at a time where the instances still run and the
 * group has no maintenance policy. Launching before terminating, as a policy of 100 % and more
 * asks for, is not done here.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-maintenance-policy.html
 */
const REPLACED_AT_A_TIME = 0.1;

const WORKING_STATES: readonly (InstanceState | undefined)[] = ['pending', 'running'];

/** Reasons, as the end of the sentence "taken out of service in response to". */
const STOPPED = 'an EC2 health check indicating it has been terminated or stopped.';
const LOAD_BALANCER = 'an ELB system health check failure.';

/** Why an instance is unhealthy that SetInstanceHealth declared so; the end of a cause. */
export const USER_REQUEST = 'a user health-check.';

/** Marks what EC2 or the load balancer say is unhealthy. What is marked stays marked. */
export function findUnhealthy(engine: Engine, group: GroupRecord): void {
  if (isSuspended(group, 'HealthCheck')) return;
  const isFailing = loadBalancerHealth(engine, group);
  for (const member of group.members.values()) {
    if (member.phase !== 'inService' || member.healthStatus === 'Unhealthy') continue;
    const state = engine.ec2.instance(member.instanceId)?.state;
    if (!WORKING_STATES.includes(state)) {
      markUnhealthy(member, STOPPED);
    } else if (isFailing(member) && !isInGrace(group, member, engine.kernel.clock.now())) {
      markUnhealthy(member, LOAD_BALANCER);
    }
  }
}

/** Marks an instance for replacement. */
export function markUnhealthy(member: Member, reason: string): void {
  member.healthStatus = 'Unhealthy';
  member.unhealthyReason = reason;
}

/** Whether an instance came into service so lately that failing checks do not count yet. */
export function isInGrace(group: GroupRecord, member: Member, now: number): boolean {
  const since = member.inServiceAt ?? now;
  return now - since < group.settings.HealthCheckGracePeriod * 1000;
}

/** Takes unhealthy instances out, a few at a time unless they are gone already. */
export function replaceUnhealthy(engine: Engine, group: GroupRecord): void {
  if (isSuspended(group, 'ReplaceUnhealthy') || isSuspended(group, 'Terminate')) return;
  const members = [...group.members.values()];
  const onTheWay = members.filter(
    (member) =>
      member.phase === 'booting' ||
      member.phase === 'launchHook' ||
      (member.replaced && member.phase !== 'inService'),
  ).length;
  const { DesiredCapacity, InstanceMaintenancePolicy: maintenance } = group.settings;
  const share = maintenance ? 1 - maintenance.MinHealthyPercentage / 100 : REPLACED_AT_A_TIME;
  const atATime = Math.max(1, Math.floor(DesiredCapacity * share));
  let room = atATime - onTheWay;
  for (const member of members) {
    if (member.phase !== 'inService' || member.healthStatus === 'Healthy') continue;
    const isGone = engine.ec2.instance(member.instanceId)?.state !== 'running';
    if (!isGone && room <= 0) continue;
    if (!isGone) room -= 1;
    const now = causeTime(engine.kernel.clock.now());
    const cause =
      `At ${now} an instance was taken out of service in response to ` +
      (member.unhealthyReason ?? USER_REQUEST);
    group.replacementsDue += 1;
    beginTermination(engine, group, member, { cause, replaced: true });
  }
}

/**
 * Load balancer health counts only with the check type `ELB` and only for traffic sources that
 * came into service. `unused` and `initial` are not failures: nobody checked yet.
 */
function loadBalancerHealth(engine: Engine, group: GroupRecord): (member: Member) => boolean {
  if (!group.settings.HealthCheckType.split(',').includes('ELB')) return () => false;
  const healths = group.trafficSources
    .filter((source) => source.state === 'InService')
    .map((source) => targetHealth(engine, source.identifier));
  return (member) => healths.some((health) => health.get(member.instanceId)?.state === 'unhealthy');
}
