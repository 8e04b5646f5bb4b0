/**
 * What every service of the region is handed: time, chance, names, and the ways to tell the other
 * services that something happened.
 * Not for: state. Each service keeps its own.
 */
import type { Clock } from './clock.ts';
import type { Quotas } from './quotas.ts';

/** The account that everything in the region belongs to. */
export const ACCOUNT_ID = '000000000000';

/** The region that ARNs, zones and signatures name. */
export const REGION_NAME = 'us-east-1';

/** Something that happened, as EventBridge will see it. */
export interface RegionEvent {
  /** Such as `aws.cloudwatch`. */
  readonly source: string;
  /** Such as `CloudWatch Alarm State Change`. */
  readonly detailType: string;
  /** ARNs concerned. */
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One measurement on its way to CloudWatch. Several values are several calls. */
export interface Measurement {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: 'Count' | 'Seconds' | 'Percent' | 'None' | 'Milliseconds';
  /** Region time, epoch milliseconds; absent means now. */
  readonly at?: number;
}

/** What the region's services have in common; a test may hand them a kernel of its own. */
export interface Kernel {
  readonly clock: Clock;
  /** Absent means those of a new account. */
  readonly quotas?: Quotas;
  /** A number in [0, 1) from the region's seed: the same seed gives the same run. */
  random(): number;
  /** Lower-case hex digits from the seed, for ids such as `i-` + 17 digits. */
  hex(digits: number): string;
  /** Hands an event to EventBridge. Delivery is later, never inside this call. */
  emit(event: RegionEvent): void;
  /** Hands a measurement to CloudWatch. */
  measure(measurement: Measurement): void;
  /** One line for whoever watches the region; silent unless a log was given. */
  log(line: string): void;
}

/** Builds an ARN of this account and region. */
export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION_NAME}:${ACCOUNT_ID}:${resource}`;
}
