/**
 * vCPUs: AWS lets an account run so many, counted by families and by how instances are paid for.
 * Blue goes on running meanwhile, so that all that green needs is needed besides.
 *
 * AWS's own number is some minutes old. Where it leaves room for green, it is believed: what was
 * launched since fails a launch and no more. Where it leaves none, a fleet that ended a moment ago
 * may still be in it, so that the instances are counted, and only their number refuses. Places of
 * Capacity Reservations that nobody uses are in AWS's number, too, and may be just where green goes:
 * they are warned of.
 */
import { count } from '../situation.ts';
import { admit, type Check, complain, type Finding, warn } from './finding.ts';
import type {
  InstanceTypeReading,
  KnownProcessors,
  LaunchReading,
  Purchase,
  UnknownProcessors,
} from './surroundings.ts';

/** Green, as far as quotas of vCPUs count it. */
export interface Demand {
  readonly launch: LaunchReading;
  readonly instanceTypes: readonly Pick<InstanceTypeReading, 'instanceType' | 'vcpus'>[];
  /** Instances that green is to have; 1 or more. */
  readonly greenCapacity: number;
}

/** Bounds of what green needs: AWS chooses among types, and nobody knows beforehand which. */
interface Need {
  readonly least: number;
  readonly most: number;
}

/**
 * Whether AWS's own number leaves no room even for the smallest of green's types, so that somebody
 * has to count the instances.
 */
export function needsRecount(demand: Demand, reading: KnownProcessors): boolean {
  return isTooMuch(needOf(demand, reading), reading);
}

/** What green may not need at all, because AWS can choose other types, is never too much. */
function isTooMuch(
  { least }: Need,
  { used, limit }: Pick<KnownProcessors, 'used' | 'limit'>,
): boolean {
  return least > 0 && used + least > limit;
}

/**
 * Refuses where even the smallest types do not fit, warns where the largest do not, and says which
 * quotas nobody could read.
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
export const checkProcessors: Check = ({ surroundings, greenCapacity }) => {
  const { launch, processors, instanceTypes } = surroundings;
  const asksForSpot = countBought(launch, greenCapacity, 'spot').most > 0;
  return [
    ...processors.flatMap((reading): readonly Finding[] => {
      const need = needOf({ launch, instanceTypes, greenCapacity }, reading);
      if (need.most === 0 && reading.instanceTypes.length > 0) return [];
      return reading.type === 'known' ? judge(reading, need) : [wonder(reading, need)];
    }),
    ...(asksForSpot
      ? [admit('Whether there is Spot capacity for green is not known before it is asked for.')]
      : []),
  ];
};

function judge(reading: KnownProcessors, need: Need): readonly Finding[] {
  const { quotaName, quotaCode, limit, usedAt, recount } = reading;
  const { least, most } = need;
  const isCounted = recount?.type === 'counted';
  const used = isCounted ? recount.used : reading.used;
  const when = isCounted ? 'are used, counted now' : `were used at ${usedAt}`;
  const state = `The quota of vCPUs “${quotaName}” (${quotaCode}) is ${limit}, of which ${used} ${when}`;
  if (isTooMuch(need, { used, limit })) {
    if (isCounted) {
      return [
        complain(
          `${state}, and green needs ${least === most ? least : `at least ${least}`} more while blue runs; raise it or free some, and start again.`,
        ),
      ];
    }
    const why = recount?.reason ?? 'nobody has counted since';
    const reason = `${used} of ${limit} were used at ${usedAt}, and ${why}`;
    return [wonder({ purchase: reading.purchase, reason }, need)];
  }
  const places = isCounted ? recount.unusedPlaces : 0;
  return [
    ...(used + most > limit
      ? [
          warn(
            `${state}: green needs from ${least} to ${most} more, by the types that AWS chooses and by what runs in a warm pool or a reservation; raise it to be sure.`,
          ),
        ]
      : []),
    ...(places > 0
      ? [
          warn(
            `${state}, without ${count(places, 'place')} of Capacity Reservations that nobody uses: AWS counts those too (${reading.used} in all at ${usedAt}), and may refuse what of green is not launched into them; raise it or free some to be sure.`,
          ),
        ]
      : []),
  ];
}

/** Says that nobody knows, and why. */
function wonder(
  { purchase, reason }: Pick<UnknownProcessors, 'purchase' | 'reason'>,
  { most }: Need,
): Finding {
  const noun = purchase === 'spot' ? 'running Spot vCPUs' : 'running vCPUs';
  const size = most > 0 ? ` (up to ${count(most, 'vCPU')} more)` : '';
  return admit(`Whether the quota of ${noun} has room for green${size} is not known: ${reason}.`);
}

/**
 * What a Capacity Reservation holds is counted from its beginning, so that what is launched into
 * one needs nothing more. A warm pool's instances may be stopped, and then count for nothing.
 * Quotas count the vCPUs that instances use, which CPU options may make fewer than their type has.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html
 */
function needOf(
  { launch, instanceTypes: all, greenCapacity }: Demand,
  {
    purchase,
    instanceTypes,
  }: { readonly purchase: Purchase; readonly instanceTypes: readonly string[] },
): Need {
  const { isRequired, reservationIds, resourceGroupArns } = launch.reservation;
  const isOnDemand = purchase === 'onDemand';
  const bought = countBought(launch, greenCapacity, purchase);
  const counted = all.filter(({ instanceType }) => instanceTypes.includes(instanceType));
  if (bought.most === 0 || counted.length === 0 || (isOnDemand && isRequired)) {
    return { least: 0, most: 0 };
  }
  const sizes = counted.map(({ vcpus }) => launch.vcpus ?? vcpus);
  const mayBeElsewhere =
    counted.length < launch.instanceTypes.length ||
    (isOnDemand && reservationIds.length + resourceGroupArns.length > 0);
  return {
    least: mayBeElsewhere ? 0 : bought.least * Math.min(...sizes),
    most: (bought.most + (isOnDemand ? launch.warmCount : 0)) * Math.max(...sizes),
  };
}

/**
 * How many of a fleet's instances are bought in one way. AWS does not say how a share of an instance
 * is rounded, so that it may be either.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
 */
function countBought({ onDemand }: LaunchReading, capacity: number, purchase: Purchase): Need {
  const base = Math.min(capacity, onDemand.baseCount);
  const share = ((capacity - base) * onDemand.percentAboveBase) / 100;
  const [least, most] = [base + Math.floor(share), base + Math.ceil(share)];
  return purchase === 'onDemand'
    ? { least, most }
    : { least: capacity - most, most: capacity - least };
}
