/**
 * The alarm that watches green's healthy targets while green has traffic. It is removed with the
 * copies of other alarms, whose prefix it shares (see `clone/fleet-alarms.ts`).
 */
import {
  type CloudWatchClient,
  ComparisonOperator,
  PutMetricAlarmCommand,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import { guardAlarmName } from '../core/names.ts';
import type { Plan } from '../core/plan.ts';
import type { GreenGuard } from '../ports/green-guard.ts';
import { call } from './call.ts';
import { deploymentTags } from './deployment-tags.ts';

/**
 * Load balancers report once a minute.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
const PERIOD_SECONDS = 60;

/** Makes the guard of the account's region. */
export function createGreenGuard(client: CloudWatchClient): GreenGuard {
  return {
    set: async (plan, { targetGroupArn, neededTargets }) => {
      const loadBalancer = findLoadBalancer(plan);
      if (loadBalancer === undefined) return;
      const AlarmName = guardAlarmName(plan.green.autoScalingGroupName);
      const command = new PutMetricAlarmCommand({
        AlarmName,
        AlarmDescription: `Wakes deployment ${plan.deploymentId} when green loses targets.`,
        ActionsEnabled: false,
        Namespace: loadBalancer.startsWith('net/') ? 'AWS/NetworkELB' : 'AWS/ApplicationELB',
        MetricName: 'HealthyHostCount',
        Dimensions: [
          { Name: 'LoadBalancer', Value: loadBalancer },
          { Name: 'TargetGroup', Value: targetGroupArn.split(':').at(-1) ?? '' },
        ],
        Statistic: Statistic.Minimum,
        Period: PERIOD_SECONDS,
        EvaluationPeriods: 1,
        Threshold: neededTargets,
        ComparisonOperator: ComparisonOperator.LessThanThreshold,
        // A target group that reports nothing has nothing registered.
        TreatMissingData: 'breaching',
        Tags: [...deploymentTags(plan)],
      });
      await call('PutMetricAlarm', AlarmName, () => client.send(command));
    },
  };
}

/** The load balancer that green is behind, as metrics name it: `app/name/id` or `net/name/id`. */
function findLoadBalancer({ routes, standby }: Plan): string | undefined {
  const route = routes.find(({ loadBalancerArn }) => loadBalancerArn !== '');
  const arn = standby?.loadBalancerArn ?? route?.loadBalancerArn;
  return arn?.split(':loadbalancer/')[1];
}
