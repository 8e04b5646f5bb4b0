/**
 * Quotas of the account that tests may lower, by names that AWS uses for them. Each is read where it
 * is met, so that a test can also lift one, as AWS does on request.
 * Not for: quotas that nobody needs to meet; those are constants of their service.
 */

/** The quotas that can be set. */
export type QuotaName =
  | 'auto-scaling-groups'
  /** Of an execution that starts under it; AWS itself raises this one for nobody. */
  | 'execution-history-events'
  /** 10 where the account has turned on Parameter Store's higher throughput. */
  | 'parameter-writes-per-second'
  /** Of On-Demand Instances of the standard families, which are all that the region has. */
  | 'running-vcpus'
  /** Of Spot Instances of the standard families. */
  | 'spot-vcpus'
  | 'target-groups'
  | 'target-groups-per-application-load-balancer'
  | 'targets-per-application-load-balancer'
  | 'targets-per-network-load-balancer'
  | 'targets-per-target-group';

/** What is absent is as large as AWS makes it for a new account; of vCPUs see `vcpuQuota`. */
export type Quotas = Readonly<Partial<Record<QuotaName, number>>>;

/**
 * vCPUs of an account that was not told how many it has. A new one begins with 5, with which nobody
 * could run two fleets; AWS raises it by itself as it is used, and this is what accounts in use have.
 * @source https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
const VCPUS = 1152;

/** vCPUs of the standard families that may run, On-Demand or Spot. */
export function vcpuQuota(quotas: Quotas | undefined, lifecycle: 'on-demand' | 'spot'): number {
  return quotas?.[lifecycle === 'spot' ? 'spot-vcpus' : 'running-vcpus'] ?? VCPUS;
}
