/**
 * The metrics that target groups have without any traffic: how many targets are healthy, a zero
 * for RequestCountPerTarget, which AWS always reports, and the connections of network load balancers.
 * Not for: requests (see `traffic.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Cancel } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Flows } from './flows.ts';
import { metricDimension } from './model.ts';
import type { TargetHealth } from './target-health.ts';
import { isNetworkBalancer, NAMESPACE } from './traffic.ts';

/** Where CloudWatch keeps the metrics of Network Load Balancers. */
const NETWORK_NAMESPACE = 'AWS/NetworkELB';

/** Region milliseconds between two reports. */
const PERIOD_MILLISECONDS = 60_000;

/** The reporting of host counts, asleep while there is nothing to report. */
export interface HostMetrics {
  /** Reports from now on at every full minute, as long as there is anything to report. */
  wake(): void;
  close(): void;
}

/** Starts asleep. */
export function createHostMetrics(
  kernel: Kernel,
  health: TargetHealth,
  /** Load balancer that uses a target group; undefined when none does. */
  loadBalancerOf: (targetGroupArn: string) => string | undefined,
  flows: Flows,
): HostMetrics {
  const { clock } = kernel;
  let cancel: Cancel | undefined;

  const used = (): readonly string[] =>
    health.groups().filter((arn) => loadBalancerOf(arn) !== undefined);

  const wake = (): void => {
    if (cancel || used().length === 0) return;
    const next = (Math.floor(clock.now() / PERIOD_MILLISECONDS) + 1) * PERIOD_MILLISECONDS;
    cancel = clock.schedule(next, () => {
      cancel = undefined;
      const groups = used().map((arn) => ({ arn, loadBalancerArn: loadBalancerOf(arn) ?? '' }));
      for (const group of groups) reportGroup(kernel, health, group);
      const balancers = new Set(groups.map(({ loadBalancerArn }) => loadBalancerArn));
      for (const arn of balancers) if (isNetworkBalancer(arn)) reportFlows(kernel, flows, arn);
      wake();
    });
  };

  return { wake, close: () => cancel?.() };
}

function reportGroup(
  kernel: Kernel,
  health: TargetHealth,
  { arn, loadBalancerArn }: { readonly arn: string; readonly loadBalancerArn: string },
): void {
  const states = [...health.states(arn).values()].map(({ state }) => state);
  if (states.every((state) => state === 'draining')) return;
  const TargetGroup = metricDimension(arn);
  const dimensions = { TargetGroup, LoadBalancer: metricDimension(loadBalancerArn) };
  const isNetwork = isNetworkBalancer(loadBalancerArn);
  const namespace = isNetwork ? NETWORK_NAMESPACE : NAMESPACE;
  const measure = (metricName: string, value: number, of: Record<string, string>): void =>
    kernel.measure({ namespace, metricName, dimensions: of, value, unit: 'Count' });
  const number = (wanted: string): number => states.filter((state) => state === wanted).length;
  measure('HealthyHostCount', number('healthy'), dimensions);
  measure('UnHealthyHostCount', number('unhealthy') + number('unhealthy.draining'), dimensions);
  if (isNetwork) return;
  measure('RequestCountPerTarget', 0, dimensions);
  measure('RequestCountPerTarget', 0, { TargetGroup });
}

/** @source https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html */
function reportFlows(kernel: Kernel, flows: Flows, loadBalancerArn: string): void {
  const { active, opened } = flows.take(loadBalancerArn);
  const dimensions = { LoadBalancer: metricDimension(loadBalancerArn) };
  const measure = (metricName: string, value: number): void =>
    kernel.measure({ namespace: NETWORK_NAMESPACE, metricName, dimensions, value, unit: 'Count' });
  measure('ActiveFlowCount', active);
  measure('NewFlowCount', opened);
}
