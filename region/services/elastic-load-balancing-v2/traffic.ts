/**
 * What became of requests, for those who watch: access log entries at once, metrics in sums per
 * region second.
 * Not for: counting targets (see `host-metrics.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { AccessLogEntry } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { metricDimension } from './model.ts';

/** Where CloudWatch keeps the metrics of Application Load Balancers. */
export const NAMESPACE = 'AWS/ApplicationELB';

/** Response times that one second keeps per set of dimensions; more are thinned out evenly. */
const TIMES_PER_SECOND = 64;

/** One request, or several of the same fate. */
export interface Outcome extends AccessLogEntry {
  /** How many requests this stands for; absent means one. */
  readonly count?: number;
  /** Milliseconds from asking the target to its first byte; absent when none came. */
  readonly targetMilliseconds?: number;
  readonly connectionFailed?: boolean;
  readonly failsOpen?: boolean;
  readonly ownAnswer?: 'redirect' | 'fixedResponse' | 'login' | 'unauthorized';
}

/** The record of what became of requests. */
export interface Traffic {
  record(outcome: Outcome): void;
  /** Subscribes to the access log. */
  onAccess(listener: (entry: AccessLogEntry) => void): void;
}

interface Times {
  values: number[];
  stride: number;
  seen: number;
}

interface Second {
  readonly at: number;
  /** Sums by metric name and dimensions. */
  readonly sums: Map<string, number>;
  readonly times: Map<string, Times>;
}

/** Starts with nothing recorded. */
export function createTraffic(
  kernel: Kernel,
  /** By how many targets a target group's requests are divided; 0 when it has none. */
  divisor: (targetGroupArn: string) => number,
): Traffic {
  const listeners: ((entry: AccessLogEntry) => void)[] = [];
  const names = rememberDimensions();
  let second: Second | undefined;

  const flush = (): void => {
    const full = second;
    second = undefined;
    if (full) emit(kernel, full, { divisor, names });
  };

  const open = (): Second => {
    const at = Math.floor(kernel.clock.now() / 1000) * 1000;
    if (second?.at === at) return second;
    flush();
    second = { at, sums: new Map(), times: new Map() };
    kernel.clock.schedule(at + 1000, flush);
    return second;
  };

  return {
    onAccess: (listener) => void listeners.push(listener),
    record: (outcome) => {
      if (!isNetworkBalancer(outcome.loadBalancerArn)) count(open(), outcome);
      if (listeners.length === 0) return;
      const entry = entryOf(outcome);
      for (const listener of listeners) listener(entry);
    },
  };
}

/** A network load balancer counts connections, not requests (see `host-metrics.ts`). */
export function isNetworkBalancer(loadBalancerArn: string): boolean {
  return metricDimension(loadBalancerArn).startsWith('net/');
}

function entryOf(outcome: Outcome): AccessLogEntry {
  const { at, loadBalancerArn, elbStatusCode, requestMilliseconds } = outcome;
  const { targetGroupArn, instanceId, targetStatusCode } = outcome;
  return {
    at,
    loadBalancerArn,
    elbStatusCode,
    requestMilliseconds,
    ...(targetGroupArn !== undefined && { targetGroupArn }),
    ...(instanceId !== undefined && { instanceId }),
    ...(targetStatusCode !== undefined && { targetStatusCode }),
  };
}

/** Metrics that the load balancer alone has, and those that its target groups have as well. */
function metricsOf(outcome: Outcome): { own: string[]; shared: string[] } {
  const { elbStatusCode: status, targetStatusCode: target } = outcome;
  if (target !== undefined) {
    return {
      own: [],
      shared: ['RequestCount', `HTTPCode_Target_${Math.floor(target / 100)}XX_Count`],
    };
  }
  const own = outcome.ownAnswer ? ownMetrics(outcome.ownAnswer, status) : errorMetrics(status);
  const chosen = outcome.instanceId !== undefined;
  const shared = chosen ? ['RequestCount'] : [];
  if (outcome.connectionFailed) shared.push('TargetConnectionErrorCount');
  return { own, shared };
}

function ownMetrics(answer: NonNullable<Outcome['ownAnswer']>, status: number): string[] {
  if (answer === 'fixedResponse') {
    return status >= 400
      ? ['HTTP_Fixed_Response_Count', ...errorMetrics(status)]
      : ['HTTP_Fixed_Response_Count'];
  }
  const kind = `HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`;
  return answer === 'redirect' ? ['HTTP_Redirect_Count', kind] : [kind];
}

function errorMetrics(status: number): string[] {
  if (status < 500) return ['HTTPCode_ELB_4XX_Count'];
  const own = COUNTED_ALONE.has(status) ? [`HTTPCode_ELB_${status}_Count`] : [];
  return ['HTTPCode_ELB_5XX_Count', ...own];
}

/** Errors of the load balancer that have a metric of their own. */
const COUNTED_ALONE: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Key of a sum; dimensions are split again when the second is over. */
const key = (metric: string, loadBalancerArn: string, targetGroupArn = ''): string =>
  `${metric} ${loadBalancerArn} ${targetGroupArn}`;

function count(second: Second, outcome: Outcome): void {
  const { loadBalancerArn, targetGroupArn, count: requests = 1 } = outcome;
  const add = (name: string): void => {
    second.sums.set(name, (second.sums.get(name) ?? 0) + requests);
  };
  const { own, shared } = metricsOf(outcome);
  for (const metric of [...own, ...shared]) add(key(metric, loadBalancerArn));
  if (targetGroupArn === undefined) return;
  for (const metric of shared) add(key(metric, loadBalancerArn, targetGroupArn));
  if (outcome.failsOpen) add(key('UnhealthyRoutingRequestCount', loadBalancerArn, targetGroupArn));
  if (outcome.targetMilliseconds === undefined) return;
  keepTime(second, key('', loadBalancerArn), outcome.targetMilliseconds);
  keepTime(second, key('', loadBalancerArn, targetGroupArn), outcome.targetMilliseconds);
}

/** Keeps every n-th time, with n doubling when there are too many: percentiles stay what they are. */
function keepTime(second: Second, name: string, milliseconds: number): void {
  const times = second.times.get(name) ?? { values: [], stride: 1, seen: 0 };
  second.times.set(name, times);
  if (times.seen % times.stride === 0) times.values.push(milliseconds / 1000);
  times.seen += 1;
  if (times.values.length < TIMES_PER_SECOND) return;
  times.values = times.values.filter((_value, index) => index % 2 === 0);
  times.stride *= 2;
}

function emit(
  kernel: Kernel,
  second: Second,
  { divisor, names }: { divisor: (arn: string) => number; names: FindDimensions },
): void {
  const { at } = second;
  const measure = (name: string, dimensions: Dimensions, value: number): void =>
    kernel.measure({
      namespace: NAMESPACE,
      metricName: name,
      dimensions,
      value,
      unit: 'Count',
      at,
    });
  for (const [name, value] of second.sums) {
    const [metric = '', loadBalancerArn = '', targetGroupArn = ''] = name.split(' ');
    const dimensions = names(loadBalancerArn, targetGroupArn);
    measure(metric, dimensions, value);
    if (metric !== 'RequestCount' || targetGroupArn === '') continue;
    const perTarget = value / Math.max(1, divisor(targetGroupArn));
    const group = names('', targetGroupArn);
    measure('RequestCountPerTarget', dimensions, perTarget);
    measure('RequestCountPerTarget', group, perTarget);
  }
  for (const [name, times] of second.times) {
    const [, loadBalancerArn = '', targetGroupArn = ''] = name.split(' ');
    const dimensions = names(loadBalancerArn, targetGroupArn);
    for (const value of times.values) {
      const metricName = 'TargetResponseTime';
      kernel.measure({ namespace: NAMESPACE, metricName, dimensions, value, unit: 'Seconds', at });
    }
  }
}

type Dimensions = Readonly<Record<string, string>>;
type FindDimensions = (loadBalancerArn: string, targetGroupArn: string) => Dimensions;

/** Gives the same object for the same ARNs: they are written many times in every second. */
function rememberDimensions(): FindDimensions {
  const known = new Map<string, Dimensions>();
  return (loadBalancerArn, targetGroupArn) => {
    const name = `${loadBalancerArn} ${targetGroupArn}`;
    const dimensions = known.get(name) ?? dimensionsOf(loadBalancerArn, targetGroupArn);
    known.set(name, dimensions);
    return dimensions;
  };
}

function dimensionsOf(loadBalancerArn: string, targetGroupArn: string): Dimensions {
  const LoadBalancer = metricDimension(loadBalancerArn);
  const TargetGroup = metricDimension(targetGroupArn);
  if (targetGroupArn === '') return { LoadBalancer };
  return loadBalancerArn === '' ? { TargetGroup } : { TargetGroup, LoadBalancer };
}
