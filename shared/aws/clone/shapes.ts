/**
 * Ties the ledgers to the SDK's shapes: this file does not compile while a member of one of them
 * is missing in its ledger.
 */
import type * as AutoScaling from '@aws-sdk/client-auto-scaling';
import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import type * as Ec2 from '@aws-sdk/client-ec2';
import type * as LoadBalancing from '@aws-sdk/client-elastic-load-balancing-v2';
import { ALARM_LEDGERS, COMPARED_LEDGERS, NESTED_LEDGERS } from '../../core/clone/ledgers.ts';
import type { Treatment } from '../../core/clone/treatment.ts';

/** A ledger that has every member of a shape. */
type LedgerOf<Shape> = Readonly<Record<keyof Shape, Treatment>>;

const {
  MetricAlarm,
  ResponseLaunchTemplateData,
  Tag,
  TargetGroup,
  TargetGroupAttribute,
  ...onGroups
} = COMPARED_LEDGERS;

/** Ledgers of the shapes of EC2 Auto Scaling, by the shape's name. */
export const AUTO_SCALING_LEDGERS: Readonly<{
  AutoScalingGroup: LedgerOf<AutoScaling.AutoScalingGroup>;
  LifecycleHook: LedgerOf<AutoScaling.LifecycleHook>;
  NotificationConfiguration: LedgerOf<AutoScaling.NotificationConfiguration>;
  ScalingPolicy: LedgerOf<AutoScaling.ScalingPolicy>;
  ScheduledUpdateGroupAction: LedgerOf<AutoScaling.ScheduledUpdateGroupAction>;
  WarmPoolConfiguration: LedgerOf<AutoScaling.WarmPoolConfiguration>;
  MixedInstancesPolicy: LedgerOf<AutoScaling.MixedInstancesPolicy>;
  LaunchTemplate: LedgerOf<AutoScaling.LaunchTemplate>;
  LaunchTemplateSpecification: LedgerOf<AutoScaling.LaunchTemplateSpecification>;
  LaunchTemplateOverrides: LedgerOf<AutoScaling.LaunchTemplateOverrides>;
  InstancesDistribution: LedgerOf<AutoScaling.InstancesDistribution>;
  TargetTrackingConfiguration: LedgerOf<AutoScaling.TargetTrackingConfiguration>;
  PredefinedMetricSpecification: LedgerOf<AutoScaling.PredefinedMetricSpecification>;
  CustomizedMetricSpecification: LedgerOf<AutoScaling.CustomizedMetricSpecification>;
  MetricDimension: LedgerOf<AutoScaling.MetricDimension>;
  Metric: LedgerOf<AutoScaling.Metric>;
  TargetTrackingMetricDataQuery: LedgerOf<AutoScaling.TargetTrackingMetricDataQuery>;
  TargetTrackingMetricStat: LedgerOf<AutoScaling.TargetTrackingMetricStat>;
  PredictiveScalingConfiguration: LedgerOf<AutoScaling.PredictiveScalingConfiguration>;
  PredictiveScalingMetricSpecification: LedgerOf<AutoScaling.PredictiveScalingMetricSpecification>;
  PredictiveScalingPredefinedMetricPair: LedgerOf<AutoScaling.PredictiveScalingPredefinedMetricPair>;
  PredictiveScalingPredefinedScalingMetric: LedgerOf<AutoScaling.PredictiveScalingPredefinedScalingMetric>;
  PredictiveScalingPredefinedLoadMetric: LedgerOf<AutoScaling.PredictiveScalingPredefinedLoadMetric>;
  PredictiveScalingCustomizedScalingMetric: LedgerOf<AutoScaling.PredictiveScalingCustomizedScalingMetric>;
  PredictiveScalingCustomizedLoadMetric: LedgerOf<AutoScaling.PredictiveScalingCustomizedLoadMetric>;
  PredictiveScalingCustomizedCapacityMetric: LedgerOf<AutoScaling.PredictiveScalingCustomizedCapacityMetric>;
  MetricDataQuery: LedgerOf<AutoScaling.MetricDataQuery>;
  MetricStat: LedgerOf<AutoScaling.MetricStat>;
}> = { ...onGroups, ...NESTED_LEDGERS };

/** Ledgers of the shapes of CloudWatch, by the shape's name. */
export const CLOUDWATCH_LEDGERS: Readonly<{
  MetricAlarm: LedgerOf<CloudWatch.MetricAlarm>;
  MetricDataQuery: LedgerOf<CloudWatch.MetricDataQuery>;
  MetricStat: LedgerOf<CloudWatch.MetricStat>;
  Metric: LedgerOf<CloudWatch.Metric>;
  Dimension: LedgerOf<CloudWatch.Dimension>;
}> = { ...ALARM_LEDGERS, MetricAlarm };

/** Ledgers of the shapes of EC2, by the shape's name. */
export const EC2_LEDGERS: Readonly<{
  ResponseLaunchTemplateData: LedgerOf<Ec2.ResponseLaunchTemplateData>;
}> = { ResponseLaunchTemplateData };

/** Ledgers of the shapes of Elastic Load Balancing, by the shape's name. */
export const LOAD_BALANCING_LEDGERS: Readonly<{
  Tag: LedgerOf<LoadBalancing.Tag>;
  TargetGroup: LedgerOf<LoadBalancing.TargetGroup>;
  TargetGroupAttribute: LedgerOf<LoadBalancing.TargetGroupAttribute>;
}> = { Tag, TargetGroup, TargetGroupAttribute };
