/**
 * A call to the region as the watchers of the laws see it.
 */
import type { CallRecord } from '../../region/endpoint/call-record.ts';
import type { Invocation } from './invocations.ts';

/** A call that may have had an effect, when it was over. */
export interface WatchedCall extends CallRecord {
  /** As the operation's input in the AWS SDK; undefined when nobody could read it. */
  readonly input: unknown;
  /** Absent for people, for AWS itself, and for bundles. */
  readonly invocation?: Invocation;
}

/** Looks at one call, and answers what in it was against a law, in words. */
export type Watcher = (call: WatchedCall) => readonly string[];

/** Operations that change nothing. */
const READS = /^(?:BatchGet|Describe|Get|List|Query|Scan|Validate)/;

/** What a deployment may change on AWS besides its own table, executions and notifications. */
const ESTATE: readonly CallRecord['service'][] = [
  'auto-scaling',
  'cloudwatch',
  'ec2',
  'elastic-load-balancing-v2',
  'route-53',
  'ssm',
];

/**
 * Whether a call took effect. Labs lose answers and never requests, so that a connection that broke
 * tells nothing but that nobody heard.
 */
export function tookEffect({ errorCode }: CallRecord): boolean {
  return errorCode === undefined || errorCode === 'ECONNRESET';
}

/** Whether one of Teal's functions changed something of the estate. */
export function isEstateWrite(call: WatchedCall): boolean {
  const { service, operation, roleArn } = call;
  const isOurs = roleArn !== undefined && ESTATE.includes(service);
  return isOurs && !READS.test(operation) && tookEffect(call);
}

/** A member of a call's input; undefined where it has none by that name. */
export function memberOf({ input }: WatchedCall, name: string): unknown {
  return (input as Readonly<Record<string, unknown>> | undefined)?.[name];
}
