/**
 * Scaling a group to its desired capacity, balanced over its zones.
 * Not for: taking unhealthy instances out; see `health.ts`.
 */
import { causeTime } from './activities.ts';
import { launchMember } from './launching.ts';
import { launchAlternatives, onDemandShare } from './mixed-instances.ts';
import { rebalancingSurplus } from './rebalancing.ts';
import { activeMembers, isSuspended } from './state.ts';
import { chooseSubnet, countByZone } from './subnets.ts';
import { beginTermination } from './terminating.ts';
import { takeFromPool } from './warm-pool.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/** Launches what is missing, or takes out what is too much. */
export function scaleToDesired(engine: Engine, group: GroupRecord): void {
  const active = activeMembers(group).length;
  const missing = group.settings.DesiredCapacity - active;
  const surplus = -missing - rebalancingSurplus(group);
  if (missing > 0) launchMissing(engine, group, active, missing);
  if (surplus > 0) takeOutSurplus(engine, group, active, surplus);
}

function launchMissing(engine: Engine, group: GroupRecord, active: number, missing: number): void {
  const now = engine.kernel.clock.now();
  if (isSuspended(group, 'Launch') || now < group.launchNotBefore) return;
  const difference =
    `an instance was started in response to a difference between desired and actual capacity, ` +
    `increasing the capacity from ${active} to ${active + missing}.`;
  const replacement =
    'an instance was launched in response to an unhealthy instance needing to be replaced.';
  for (let launched = 0; launched < missing; launched += 1) {
    const replaces = group.replacementsDue > 0;
    if (replaces) group.replacementsDue -= 1;
    const cause = replaces
      ? `At ${causeTime(now)} ${replacement}`
      : `${group.cause}  At ${causeTime(now)} ${difference}`;
    if (takeFromPool(engine, group, cause)) continue;
    const subnetId = chooseSubnet(engine, group);
    // After a failure the rest would fail likewise: all of them wait.
    if (!launchMember(engine, group, { subnetId, cause })) return;
  }
}

function takeOutSurplus(engine: Engine, group: GroupRecord, active: number, surplus: number): void {
  if (isSuspended(group, 'Terminate')) return;
  const now = causeTime(engine.kernel.clock.now());
  for (let taken = 0; taken < surplus; taken += 1) {
    const victim = chooseVictim(group);
    if (!victim) {
      engine.kernel.log(
        `auto-scaling: ${group.name}: could not scale to desired capacity because all ` +
          'remaining instances are protected from scale-in',
      );
      return;
    }
    const cause =
      `${group.cause}  At ${now} an instance was taken out of service in response to a ` +
      `difference between desired and actual capacity, shrinking the capacity from ${active} ` +
      `to ${active - surplus}.  At ${now} instance ${victim.instanceId} was selected for ` +
      'termination.';
    const toPool = group.warmPool?.reusesOnScaleIn ?? false;
    beginTermination(engine, group, victim, { cause, replaced: false, toPool });
  }
}

type Order = (a: Member, b: Member) => number;

const byAge: Order = (a, b) => a.launchedAt - b.launchedAt;

/** How each policy orders candidates, first out first. */
const TERMINATION_ORDERS: Readonly<Record<string, (group: GroupRecord) => Order>> = {
  OldestInstance: () => byAge,
  NewestInstance: () => (a, b) => byAge(b, a),
  OldestLaunchTemplate: byTemplateAge,
  Default: byTemplateAge,
};

/**
 * From the zone with the most instances, first those that are unhealthy, then as the group's
 * policies say; what they leave open is decided by age, so that a run can be repeated.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
 */
function chooseVictim(group: GroupRecord): Member | undefined {
  const active = activeMembers(group);
  const counts = countByZone(active);
  const isForeign = (member: Member): boolean =>
    !group.settings.AvailabilityZones.includes(member.availabilityZone);
  const orders: Order[] = [
    (a, b) => Number(isForeign(b)) - Number(isForeign(a)),
    (a, b) => (counts.get(b.availabilityZone) ?? 0) - (counts.get(a.availabilityZone) ?? 0),
    (a, b) => Number(a.healthStatus === 'Healthy') - Number(b.healthStatus === 'Healthy'),
    byPurchase(group, active),
    ...group.settings.TerminationPolicies.flatMap(
      (policy) => TERMINATION_ORDERS[policy]?.(group) ?? [],
    ),
    byAge,
  ];
  const [victim] = active
    .filter((member) => !member.protectedFromScaleIn)
    .toSorted((a, b) => orders.map((order) => order(a, b)).find((sign) => sign !== 0) ?? 0);
  return victim;
}

/** Of Spot and On-Demand Instances, those first of which a mixed group has too many. */
function byPurchase(group: GroupRecord, active: readonly Member[]): Order {
  if (!group.mixed) return () => 0;
  const onDemand = active.filter((member) => member.lifecycle === 'on-demand').length;
  const wanted = onDemandShare(group, group.settings.DesiredCapacity);
  const first = onDemand > wanted ? 'on-demand' : 'spot';
  return (a, b) => Number(b.lifecycle === first) - Number(a.lifecycle === first);
}

/** Instances of another template than the group's go first, then those of older versions. */
function byTemplateAge(group: GroupRecord): Order {
  const own = launchAlternatives(group).map((one) => one.launchTemplate.LaunchTemplateId);
  const isOther = (member: Member): boolean =>
    !own.includes(member.launchTemplate.LaunchTemplateId);
  return (a, b) =>
    Number(isOther(b)) - Number(isOther(a)) ||
    Number(a.launchTemplate.Version) - Number(b.launchTemplate.Version);
}
