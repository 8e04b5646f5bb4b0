/**
 * How many requests green has had since its weight was confirmed, as the load balancers counted.
 */
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Plan } from '../core/plan.ts';
import type { Progress } from '../core/progress.ts';
import { call } from './call.ts';

/** Load balancers report once a minute. */
const PERIOD_SECONDS = 60;

/**
 * Reads the count; undefined where nothing is asked for, or CloudWatch has no complete answer. A
 * load balancer that had no request reports nothing, which counts as none.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export async function observeRequests(
  client: CloudWatchClient,
  plan: Plan,
  { confirmedAt, greenTargetGroupArn }: Progress,
): Promise<number | undefined> {
  if (plan.minimumRequests === 0 || !confirmedAt || !greenTargetGroupArn) return undefined;
  // Where a name's records split the traffic, green is behind a load balancer of its own.
  const routed = plan.routes.map(({ loadBalancerArn }) => loadBalancerArn);
  const balancers = plan.standby ? [plan.standby.loadBalancerArn] : [...new Set(routed)];
  const command = new GetMetricDataCommand({
    StartTime: floorToMinute(confirmedAt),
    EndTime: new Date(Date.parse(confirmedAt) + RANGE_MILLISECONDS),
    MetricDataQueries: balancers.map((arn, index) => ({
      Id: `requests${index}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/ApplicationELB',
          MetricName: 'RequestCount',
          Dimensions: [
            { Name: 'LoadBalancer', Value: arn.split(':loadbalancer/')[1] },
            { Name: 'TargetGroup', Value: greenTargetGroupArn.split(':').at(-1) },
          ],
        },
        Period: PERIOD_SECONDS,
        Stat: 'Sum',
      },
    })),
  });
  try {
    const output = await call('GetMetricData', greenTargetGroupArn, () => client.send(command));
    const results = output.MetricDataResults ?? [];
    if (results.some(({ StatusCode }) => StatusCode !== 'Complete')) return undefined;
    return results.flatMap(({ Values = [] }) => Values).reduce((sum, value) => sum + value, 0);
  } catch (error) {
    // A metrics API that fails says nothing about green: the gate stays closed and looks again.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Longest step that is summed up, well inside what one call may ask for: a day of minutes. */
const RANGE_MILLISECONDS = 24 * 3600 * 1000;

function floorToMinute(instant: string): Date {
  const minute = PERIOD_SECONDS * 1000;
  return new Date(Math.floor(Date.parse(instant) / minute) * minute);
}
