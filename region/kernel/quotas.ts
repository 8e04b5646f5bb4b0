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
  | 'running-vcpus'
  | 'target-groups'
  | 'target-groups-per-application-load-balancer'
  | 'targets-per-application-load-balancer'
  | 'targets-per-network-load-balancer'
  | 'targets-per-target-group';

/** What is absent is as large as AWS makes it for a new account; vCPUs have then no limit. */
export type Quotas = Readonly<Partial<Record<QuotaName, number>>>;
