/**
 * vCPUs of the instances that run now, by the quotas that count them.
 * Not for: what the quotas are; AWS's own count of their use is one call, and minutes late.
 */
import {
  type CapacityReservation,
  DescribeCapacityReservationsCommand,
  DescribeInstancesCommand,
  type EC2Client,
  type Instance,
} from '@aws-sdk/client-ec2';
import { AwsRefused, AwsUnavailable } from '../../core/errors.ts';
import type { Purchase, Recount } from '../../core/preflight/surroundings.ts';
import { call } from '../call.ts';
import { quotaCodeOf } from './processor-quotas.ts';

/**
 * The most that EC2 puts on a page.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 */
const PAGE_SIZE = 1000;

/** Most pages of each list: a page takes seconds, and a plan that is only shown has 29. */
const PAGES_MAX = 5;

/**
 * Quotas count what runs; what is pending will before green is launched. Stopping, stopped and
 * hibernated instances do not count, and of those that shut down AWS says nothing.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html
 */
const STATES = ['pending', 'running'];

/**
 * Reservations in these states count; nothing can run yet in one that is not active.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
 */
const RESERVATION_STATES = ['active', 'assessing', 'delayed', 'pending', 'scheduled'];

/** Counts what runs against a quota, by its code; never throws what AWS answers. */
export type Counter = (quotaCode: string) => Promise<Recount>;

/**
 * Makes one that asks EC2 at the first question, and no more. A count leaves out what is not certain
 * to stand in green's way: AWS counts every place of a Capacity Reservation from its beginning, but
 * green may go into those that nobody uses. They are told apart, and refuse nothing: where green goes
 * elsewhere, its first launch is refused and the deployment rolls back before any traffic, which
 * costs the minute that this takes.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
 */
export function createCounter(ec2: EC2Client): Counter {
  let counting: Promise<Count | string> | undefined;
  return async (quotaCode) => {
    // As with quotas: who may not look leaves it to the launch.
    counting ??= countAll(ec2).catch(refusalOf);
    const counted = await counting;
    if (typeof counted === 'string') return { type: 'uncounted', reason: counted };
    const { vcpus, unusedPlaces } = counted;
    return {
      type: 'counted',
      used: vcpus.get(quotaCode) ?? 0,
      unusedPlaces: unusedPlaces.get(quotaCode) ?? 0,
    };
  };
}

/** What counts now, by the codes of quotas. */
interface Count {
  readonly vcpus: ReadonlyMap<string, number>;
  readonly unusedPlaces: ReadonlyMap<string, number>;
}

/**
 * What AWS answered instead of a number, in words after a colon.
 * @throws the error itself where it is not AWS's answer
 */
export function refusalOf(error: unknown): string {
  if (!(error instanceof AwsRefused || error instanceof AwsUnavailable)) throw error;
  const { operation, on, code } = error.facts;
  return `AWS answered ${String(code)} to ${String(operation)} on ${String(on)}`;
}

/** All of it, or why it is not known. */
async function countAll(ec2: EC2Client): Promise<Count | string> {
  const instances = await readSomePages(async (NextToken) => {
    const command = new DescribeInstancesCommand({
      Filters: [{ Name: 'instance-state-name', Values: STATES }],
      MaxResults: PAGE_SIZE,
      NextToken,
    });
    const read = () => ec2.send(command);
    const { Reservations = [], NextToken: next } = await call(
      'DescribeInstances',
      'all instances',
      read,
    );
    return { items: Reservations.flatMap(({ Instances = [] }) => Instances), next };
  });
  if (!instances) return `EC2 did not name all instances that run in ${PAGES_MAX} calls`;
  const reservations = await readSomePages(async (NextToken) => {
    const command = new DescribeCapacityReservationsCommand({
      Filters: [{ Name: 'state', Values: RESERVATION_STATES }],
      MaxResults: PAGE_SIZE,
      NextToken,
    });
    const read = () => ec2.send(command);
    const { CapacityReservations: items = [], NextToken: next } = await call(
      'DescribeCapacityReservations',
      'all reservations',
      read,
    );
    return { items, next };
  });
  if (!reservations) return `EC2 did not name all Capacity Reservations in ${PAGES_MAX} calls`;
  return {
    vcpus: sumByQuota(instances, quotaOf, vcpusOf),
    unusedPlaces: sumByQuota(reservations, quotaOfPlaces, unusedPlacesOf),
  };
}

/** All items of a list, or undefined where it goes on for longer than there is time. */
async function readSomePages<Item>(
  readPage: (
    marker: string | undefined,
  ) => Promise<{ readonly items: readonly Item[]; readonly next: string | undefined }>,
): Promise<readonly Item[] | undefined> {
  const items: Item[] = [];
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const read = await readPage(marker);
    items.push(...read.items);
    if (!read.next) return items;
    marker = read.next;
  }
  return undefined;
}

function sumByQuota<Item>(
  items: readonly Item[],
  codeOf: (item: Item) => string | undefined,
  sizeOf: (item: Item) => number,
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const item of items) {
    const code = codeOf(item);
    if (code !== undefined) sums.set(code, (sums.get(code) ?? 0) + sizeOf(item));
  }
  return sums;
}

/**
 * Instances on Dedicated Hosts and in Capacity Blocks do not count.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/dedicated-hosts-overview.html
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-blocks.html
 */
function quotaOf({ InstanceType, InstanceLifecycle, Placement }: Instance): string | undefined {
  const purchase = PURCHASES.get(InstanceLifecycle);
  if (!InstanceType || !purchase || Placement?.Tenancy === 'host') return undefined;
  return quotaCodeOf(InstanceType, purchase);
}

/** By what EC2 says of an instance's lifecycle, which is nothing of an On-Demand Instance. */
const PURCHASES: ReadonlyMap<string | undefined, Purchase> = new Map([
  [undefined, 'onDemand'],
  ['spot', 'spot'],
]);

/**
 * What an instance uses, which CPU options may make fewer than its type has.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-cpu-options-rules.html
 */
function vcpusOf({ CpuOptions: { CoreCount = 0, ThreadsPerCore = 0 } = {} }: Instance): number {
  return CoreCount * ThreadsPerCore;
}

/** Capacity Blocks do not count. */
function quotaOfPlaces({ InstanceType, ReservationType }: CapacityReservation): string | undefined {
  if (!InstanceType || ReservationType === 'capacity-block') return undefined;
  return quotaCodeOf(InstanceType, 'onDemand');
}

function unusedPlacesOf(reservation: CapacityReservation): number {
  const { State, AvailableInstanceCount = 0, TotalInstanceCount = 0 } = reservation;
  return State === 'active' ? AvailableInstanceCount : TotalInstanceCount;
}
