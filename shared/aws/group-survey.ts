/**
 * Reads what a definition is drafted from: a group, all its target groups with what leads to them,
 * and every metric alarm that says something about them.
 * Not for: composite alarms, whose rules would have to be followed, and alarms on logs.
 */
import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type Dimension,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LiveAlarm, LiveGroup, LiveTargetGroup } from '../core/draft-definition.ts';
import type { GroupSurvey } from '../ports/estate.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import { toReading } from './alarms.ts';
import { call } from './call.ts';
import { metricNameOf, metricNameOfBalancer, namesBlue } from './clone/green-names.ts';
import { readGroup, readTargetGroup } from './estate-reader.ts';
import { windowOf } from './found-alarms.ts';
import { describeGroup } from './groups.ts';
import { readPages } from './pages.ts';
import { readControllers } from './route-controllers.ts';

/** How the ARN of a scaling policy is told among an alarm's actions. */
const SCALING_POLICY = ':scalingPolicy:';

/**
 * Alarms on one page.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
const ALARMS_PER_PAGE = 100;

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly router: Pick<TrafficRouter, 'find'>;
  readonly ec2: EC2Client;
}

/** Makes the surveyor of the account's region. */
export function createGroupSurvey(dependencies: Dependencies): GroupSurvey {
  const { autoScaling, cloudWatch } = dependencies;
  return {
    async survey(autoScalingGroupName) {
      const described = await describeGroup(autoScaling, autoScalingGroupName);
      if (!described) return undefined;
      const group = await readGroup(dependencies, described);
      const targetGroups: LiveTargetGroup[] = [];
      for (const arn of group.targetGroupArns) {
        targetGroups.push(...(await readServing(dependencies, arn)));
      }
      const live = { group, targetGroups };
      return { ...live, alarms: await readAlarms(cloudWatch, live) };
    },
  };
}

/** None where the target group was deleted under the group. */
async function readServing(
  { loadBalancing, router }: Dependencies,
  targetGroupArn: string,
): Promise<readonly LiveTargetGroup[]> {
  const targetGroup = await readTargetGroup(loadBalancing, targetGroupArn);
  if (!targetGroup) return [];
  const routes = await readControllers(loadBalancing, await router.find(targetGroupArn));
  return [{ targetGroup, routes }];
}

/** CloudWatch finds no alarms by dimension, so that all of them are looked through. */
async function readAlarms(
  client: CloudWatchClient,
  live: Omit<LiveGroup, 'alarms'>,
): Promise<readonly LiveAlarm[]> {
  const all = await readPages(async (NextToken) => {
    const command = new DescribeAlarmsCommand({
      AlarmTypes: ['MetricAlarm'],
      MaxRecords: ALARMS_PER_PAGE,
      NextToken,
    });
    const output = await call('DescribeAlarms', 'every alarm', () => client.send(command));
    return { items: output.MetricAlarms, next: output.NextToken };
  });
  return all.flatMap((alarm) => {
    const watches = watchesOf(alarm, live);
    if (!watches) return [];
    const { alarmName, state } = toReading(alarm.AlarmName ?? '', { type: 'metric', alarm });
    const windowSeconds = windowOf(alarm);
    const isForScaling = (alarm.AlarmActions ?? []).some((arn) => arn.includes(SCALING_POLICY));
    return [
      {
        alarmName,
        state,
        watches,
        isForScaling,
        ...(windowSeconds !== undefined && { windowSeconds }),
      },
    ];
  });
}

/** What an alarm watches of a group; undefined where it is about something else. */
function watchesOf(
  alarm: MetricAlarm,
  { group, targetGroups }: Omit<LiveGroup, 'alarms'>,
): LiveAlarm['watches'] | undefined {
  const blueGroupName = group.autoScalingGroupName;
  const fleets = targetGroups.map(({ targetGroup }) => metricNameOf(targetGroup.targetGroupArn));
  const names = fleets.length > 0 ? fleets : [undefined];
  const isNamed = names.some(
    (blueTargetGroup) =>
      namesBlue(alarm, { blueGroupName, ...(blueTargetGroup && { blueTargetGroup }) }) !==
      undefined,
  );
  if (isNamed) return 'fleet';
  const balancers = new Set(
    targetGroups.flatMap(({ routes }) =>
      routes.map(({ loadBalancerArn }) => metricNameOfBalancer(loadBalancerArn)),
    ),
  );
  const isWide = dimensionsOf(alarm).some(
    (dimensions) =>
      dimensions.some(({ Name, Value = '' }) => Name === 'LoadBalancer' && balancers.has(Value)) &&
      !dimensions.some(({ Name }) => Name === 'TargetGroup'),
  );
  return isWide ? 'loadBalancer' : undefined;
}

/** The dimensions of the alarm's metric, or of each metric of its query. */
function dimensionsOf({ Dimensions = [], Metrics = [] }: MetricAlarm): readonly Dimension[][] {
  return [Dimensions, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])];
}
