/**
 * The two alarms that target tracking keeps for each of its policies.
 * Not for: what happens when they fire; see `policy-actions.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
import type {
  CustomizedMetricSpecification,
  ScalingPolicy,
  TargetTrackingConfiguration,
} from '@aws-sdk/client-auto-scaling';
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { readLabel } from './policy-rules.ts';
import { uuid } from './uuid.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

const PERIOD_SECONDS = 60;
/** Scaling out takes three minutes above the target, scaling in fifteen well below it. */
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
/** Share of the target below which a group may scale in. */
const LOW_SHARE = 0.9;

const DO_NOT_EDIT = 'DO NOT EDIT OR DELETE. For TargetTrackingScaling policy';

const PREDEFINED: Readonly<Record<string, { readonly namespace: string; readonly name: string }>> =
  {
    ASGAverageCPUUtilization: { namespace: 'AWS/EC2', name: 'CPUUtilization' },
    ASGAverageNetworkIn: { namespace: 'AWS/EC2', name: 'NetworkIn' },
    ASGAverageNetworkOut: { namespace: 'AWS/EC2', name: 'NetworkOut' },
  };

type Watched = Partial<PutMetricAlarmCommandInput>;

/** Replaces the alarms of a target tracking policy by those that its configuration asks for. */
export function putTrackingAlarms(
  engine: Engine,
  group: GroupRecord,
  policy: ScalingPolicy,
): { readonly AlarmName: string; readonly AlarmARN: string }[] {
  const { kernel, alarms } = engine;
  const configuration = policy.TargetTrackingConfiguration;
  removeTrackingAlarms(engine, policy);
  if (!configuration) return [];
  const watched = watchedMetric(group, configuration);
  const target = configuration.TargetValue ?? 0;
  const put = (kind: 'AlarmHigh' | 'AlarmLow', settings: Watched) => {
    const AlarmName = `TargetTracking-${group.name}-${kind}-${uuid(kernel)}`;
    const AlarmARN = alarms.put({
      AlarmName,
      AlarmDescription: `${DO_NOT_EDIT} ${policy.PolicyARN}.`,
      AlarmActions: [policy.PolicyARN ?? ''],
      ...watched,
      ...settings,
    });
    return { AlarmName, AlarmARN };
  };
  const high = put('AlarmHigh', {
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: target,
    EvaluationPeriods: HIGH_PERIODS,
  });
  if (configuration.DisableScaleIn) return [high];
  const low = put('AlarmLow', {
    ComparisonOperator: 'LessThanThreshold',
    Threshold: target * LOW_SHARE,
    EvaluationPeriods: LOW_PERIODS,
  });
  return [high, low];
}

/** Deletes the alarms that target tracking put for a policy. */
export function removeTrackingAlarms({ alarms }: Engine, policy: ScalingPolicy): void {
  const arn = policy.PolicyARN ?? '';
  for (const alarm of alarms.withAction(arn)) {
    if (alarm.name.startsWith('TargetTracking-')) alarms.remove(alarm.name);
  }
}

function watchedMetric(group: GroupRecord, configuration: TargetTrackingConfiguration): Watched {
  const {
    PredefinedMetricSpecification: predefined,
    CustomizedMetricSpecification: customized = {},
  } = configuration;
  if (!predefined) return customizedMetric(customized);
  const metric = PREDEFINED[predefined.PredefinedMetricType ?? ''];
  if (metric) {
    return {
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: group.name }],
      Statistic: 'Average',
      Period: PERIOD_SECONDS,
    };
  }
  const label = readLabel(predefined.ResourceLabel);
  return {
    Namespace: 'AWS/ApplicationELB',
    MetricName: 'RequestCountPerTarget',
    Dimensions: [
      { Name: 'TargetGroup', Value: label?.targetGroup },
      { Name: 'LoadBalancer', Value: label?.loadBalancer },
    ],
    Statistic: 'Sum',
    Period: PERIOD_SECONDS,
  };
}

function customizedMetric(customized: CustomizedMetricSpecification): Watched {
  if (!customized.Metrics?.length) {
    return {
      Namespace: customized.Namespace,
      MetricName: customized.MetricName,
      Dimensions: customized.Dimensions ?? [],
      Statistic: customized.Statistic,
      Period: customized.Period ?? PERIOD_SECONDS,
      ...(customized.Unit !== undefined && { Unit: customized.Unit as Watched['Unit'] }),
    };
  }
  const Metrics = customized.Metrics.map(({ Id, Expression, Label, ReturnData, MetricStat }) => ({
    Id,
    Expression,
    Label,
    ReturnData,
    ...(MetricStat && {
      MetricStat: {
        Metric: MetricStat.Metric,
        Stat: MetricStat.Stat,
        Period: MetricStat.Period ?? PERIOD_SECONDS,
        ...(MetricStat.Unit !== undefined && { Unit: MetricStat.Unit }),
      },
    }),
  }));
  return { Metrics } as Watched;
}
