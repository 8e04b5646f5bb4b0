/**
 * Where a group's next instance goes, so that its zones stay balanced.
 */
import { subnetIdsOf } from './group-settings.ts';
import { activeMembers } from './state.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/**
 * The first subnet of the zone with the fewest of the given instances, by default the active ones.
 * Zones that just failed are passed over, unless the group would rather wait than be out of
 * balance.
 */
export function chooseSubnet(
  { ec2 }: Engine,
  group: GroupRecord,
  members: readonly Member[] = activeMembers(group),
): string {
  const subnets = subnetIdsOf(group.settings, ec2.network).flatMap(
    (id) => ec2.network.subnet(id) ?? [],
  );
  const { CapacityDistributionStrategy: strategy } = group.settings.AvailabilityZoneDistribution;
  const working = subnets.filter(
    (subnet) => strategy === 'balanced-only' || !group.failedZones.has(subnet.availabilityZone),
  );
  if (working.length === 0) group.failedZones.clear();
  const counts = countByZone(members);
  const [first] = (working.length > 0 ? working : subnets).toSorted(
    (a, b) => (counts.get(a.availabilityZone) ?? 0) - (counts.get(b.availabilityZone) ?? 0),
  );
  if (!first) throw new Error(`The group ${group.name} has no subnet.`);
  return first.id;
}

/** Instances by zone. */
export function countByZone(members: readonly Member[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { availabilityZone } of members) {
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1);
  }
  return counts;
}
