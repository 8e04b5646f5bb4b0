/** Whose requests are counted for green: those of the load balancer that it is behind. */
import { expect, it } from 'vitest';
import { observeRequests } from '../../shared/aws/green-requests.ts';
import { NOW, plan, situation } from '../core/situations.ts';
import { inputsOf, scriptedClient } from './scripted-client.ts';

const ARN = 'arn:aws:elasticloadbalancing:us-east-1:000000000000';
const routes = [
  { id: 'r', type: 'rule' as const, loadBalancerArn: `${ARN}:loadbalancer/app/one/1` },
];
const standby = {
  listenerArn: `${ARN}:listener/app/two/2/2`,
  loadBalancerArn: `${ARN}:loadbalancer/app/two/2`,
  defaultActions: [],
  blueListenerArn: `${ARN}:listener/app/one/1/1`,
  blueLoadBalancerArn: `${ARN}:loadbalancer/app/one/1`,
  routingAfter: {
    type: 'route53' as const,
    hostedZoneId: 'Z1',
    recordName: 'www.shop.example',
    blueSetIdentifier: 'second',
    greenSetIdentifier: 'first',
    greenListenerArn: `${ARN}:listener/app/one/1/1`,
  },
};

it.each([
  ['that both fleets are behind', { routes }, 'app/one/1'],
  ['that stood by, where a name splits the traffic', { routes, standby }, 'app/two/2'],
])('counts on the load balancer %s', async (_which, over, expected) => {
  const { client, asked } = scriptedClient({
    GetMetricData: () => ({ MetricDataResults: [{ StatusCode: 'Complete', Values: [3, 4] }] }),
  });
  const { progress } = situation();
  const count = await observeRequests(
    client,
    { ...plan, ...over, minimumRequests: 5 },
    {
      ...progress,
      confirmedAt: NOW,
      greenTargetGroupArn: `${ARN}:targetgroup/green/3`,
    },
  );
  expect(count).toBe(7);
  const [input] = inputsOf(asked, 'GetMetricData') as {
    MetricDataQueries: { MetricStat: { Metric: { Dimensions: { Value: string }[] } } }[];
  }[];
  const values = input?.MetricDataQueries.map(
    ({ MetricStat }) => MetricStat.Metric.Dimensions[0]?.Value,
  );
  expect(values).toEqual([expected]);
});
