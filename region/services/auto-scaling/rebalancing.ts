/**
 * Balancing a group over its zones again, after a zone had no capacity or was taken away: launch
 * where there are too few, then terminate where there are too many.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html#AutoScalingBehavior.InstanceUsage
 */
import { causeTime } from './activities.ts';
import { subnetIdsOf } from './group-settings.ts';
import { launchMember } from './launching.ts';
import { activeMembers, isSuspended } from './state.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/** Fewer instances than another zone by this many is out of balance. */
const IMBALANCE = 2;

/** Region milliseconds after a balancing launch that failed. AWS does not publish it. */
const RETRY_MILLISECONDS = 600_000;

/** Starts one instance towards balance, when the group is otherwise at rest. */
export function rebalanceZones(engine: Engine, group: GroupRecord): void {
  const now = engine.kernel.clock.now();
  if (isSuspended(group, 'AZRebalance') || isSuspended(group, 'Launch')) return;
  if (now < group.rebalanceNotBefore || now < group.launchNotBefore) return;
  const active = activeMembers(group);
  if (active.length !== group.settings.DesiredCapacity) return;
  const [poorest, richest] = extremes(group, active);
  const isForeign = active.some(
    (member) => !group.settings.AvailabilityZones.includes(member.availabilityZone),
  );
  if (!poorest || !richest) return;
  if (richest.count - poorest.count < IMBALANCE && !isForeign) return;
  if (engine.activities.isBusy(group.arn)) return;
  const subnetId = subnetIn(engine, group, poorest.zone);
  if (subnetId === undefined) return;
  const cause =
    `At ${causeTime(now)} an instance was launched to balance instances in zones ` +
    `${poorest.zone} with other zones resulting in more than desired number of instances in ` +
    'the group.';
  const launched = launchMember(engine, group, { subnetId, cause });
  if (launched) group.rebalancing = launched.instanceId;
  else group.rebalanceNotBefore = now + RETRY_MILLISECONDS;
}

/** One when an instance is on its way that is meant to be too many for a while, otherwise 0. */
export function rebalancingSurplus(group: GroupRecord): number {
  const member = group.members.get(group.rebalancing ?? '');
  if (member?.phase === 'booting' || member?.phase === 'launchHook') return 1;
  delete group.rebalancing;
  return 0;
}

interface ZoneCount {
  readonly zone: string;
  readonly count: number;
}

function extremes(
  group: GroupRecord,
  active: readonly Member[],
): [ZoneCount | undefined, ZoneCount | undefined] {
  const counts = group.settings.AvailabilityZones.map((zone) => ({
    zone,
    count: active.filter((member) => member.availabilityZone === zone).length,
  })).toSorted((a, b) => a.count - b.count);
  return [counts[0], counts.at(-1)];
}

function subnetIn({ ec2 }: Engine, group: GroupRecord, zone: string): string | undefined {
  return subnetIdsOf(group.settings, ec2.network).find(
    (id) => ec2.network.subnet(id)?.availabilityZone === zone,
  );
}
