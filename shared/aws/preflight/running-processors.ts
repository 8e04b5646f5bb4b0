/**
 * vCPUs of the instances that run now, by the quotas that count them.
 * Not for: what the quotas are; AWS's own count of their use is one call, and minutes late.
 */
import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { AwsRefused, AwsUnavailable } from '../../core/errors.ts';
import type { Purchase, Recount } from '../../core/preflight/surroundings.ts';
import { call } from '../call.ts';
import { quotaCodeOf } from './processor-quotas.ts';

/**
 * The most that EC2 puts on a page.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 */
const PAGE_SIZE = 1000;

/** Most pages of a count: a page takes seconds, and a plan that is only shown has 29. */
const PAGES_MAX = 5;

/**
 * Quotas count what runs; what is pending will before green is launched. Stopping, stopped and
 * hibernated instances do not count, and of those that shut down AWS says nothing.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html
 */
const STATES = ['pending', 'running'];

/** Counts what runs against a quota, by its code; never throws what AWS answers. */
export type Counter = (quotaCode: string) => Promise<Recount>;

/**
 * Makes one that asks EC2 at the first question, and no more. A count leaves out what is not certain
 * to count, such as places of Capacity Reservations that nobody uses: green may go into them.
 */
export function createCounter(ec2: EC2Client): Counter {
  let counting: Promise<ReadonlyMap<string, number> | string> | undefined;
  return async (quotaCode) => {
    // As with quotas: who may not look leaves it to the launch.
    counting ??= countAll(ec2).catch(refusalOf);
    const counted = await counting;
    return typeof counted === 'string'
      ? { type: 'uncounted', reason: counted }
      : { type: 'counted', used: counted.get(quotaCode) ?? 0 };
  };
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

/** vCPUs by the codes of quotas, or why they are not known. */
async function countAll(ec2: EC2Client): Promise<ReadonlyMap<string, number> | string> {
  const used = new Map<string, number>();
  let marker: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { Reservations = [], NextToken } = await readPage(ec2, marker);
    for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      const code = quotaOf(instance);
      if (code !== undefined) used.set(code, (used.get(code) ?? 0) + vcpusOf(instance));
    }
    if (!NextToken) return used;
    marker = NextToken;
  }
  return `EC2 did not name all instances that run in ${PAGES_MAX} calls`;
}

function readPage(ec2: EC2Client, NextToken: string | undefined) {
  const command = new DescribeInstancesCommand({
    Filters: [{ Name: 'instance-state-name', Values: STATES }],
    MaxResults: PAGE_SIZE,
    NextToken,
  });
  return call('DescribeInstances', 'all instances', () => ec2.send(command));
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
