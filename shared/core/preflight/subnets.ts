/**
 * Addresses: green needs as many as blue has, in the same subnets, at the same time.
 */
import { admit, type Check, complain, type Finding, type Question, warn } from './finding.ts';
import type { SubnetReading } from './surroundings.ts';

/**
 * Complains where green has no room, and warns where it has none to grow.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html
 */
export const checkSubnets: Check = (question) => {
  const { subnets } = question.surroundings;
  if (subnets.length === 0) {
    return [admit("Free addresses are not known: blue's group names zones, not subnets.")];
  }
  if (subnets.some(({ freeAddresses }) => freeAddresses === undefined)) return [];
  return [...complainAboutRoom(question), ...complainAboutZones(question)];
};

function complainAboutRoom(question: Question): Finding[] {
  const { surroundings, group, greenCapacity } = question;
  const { subnets, launch } = surroundings;
  const free = sumOf(subnets);
  const names = subnets.map(({ subnetId }) => subnetId).join(', ');
  const least = (greenCapacity + launch.warmCount) * launch.networkInterfaceCount;
  if (free < least) {
    return [
      complain(
        `The subnets ${names} have ${free} of the ${least} addresses that green needs; free some or add a subnet.`,
      ),
    ];
  }
  const growth = 2 * Math.max(0, group.maxSize - greenCapacity) * launch.networkInterfaceCount;
  if (free >= least + growth) return [];
  return [
    warn(
      `The subnets ${names} have ${free} free addresses: enough for green's ${least}, but not for both fleets to grow to their maximum of ${group.maxSize}.`,
    ),
  ];
}

/** Green gets no traffic before it is healthy in every zone that blue serves from. */
function complainAboutZones({ surroundings, group }: Question): Finding[] {
  const { subnets, launch } = surroundings;
  return group.zones.flatMap((zone) => {
    const free = sumOf(subnets.filter((subnet) => subnet.zone === zone));
    if (free >= launch.networkInterfaceCount) return [];
    return [
      complain(
        `No subnet of the group has a free address left in ${zone}, from which blue serves, so green could never cover it; free some or add a subnet there.`,
      ),
    ];
  });
}

function sumOf(subnets: readonly SubnetReading[]): number {
  return subnets.reduce((sum, { freeAddresses = 0 }) => sum + freeAddresses, 0);
}
