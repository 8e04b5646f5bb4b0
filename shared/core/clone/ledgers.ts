/**
 * All ledgers of the clone, by the name of the shape in the SDK, and the names by which a
 * difference between blue and green can be waived.
 */
import * as group from './group-ledgers.ts';
import * as launch from './launch-ledgers.ts';
import * as scaling from './scaling-ledgers.ts';
import type { MemberLedger } from './treatment.ts';

/** Shapes that are read back and compared member by member: a difference is named after them. */
export const COMPARED_LEDGERS = {
  AutoScalingGroup: group.GROUP_MEMBERS,
  LifecycleHook: group.HOOK_MEMBERS,
  MetricAlarm: scaling.ALARM_MEMBERS,
  NotificationConfiguration: group.NOTIFICATION_MEMBERS,
  ResponseLaunchTemplateData: launch.TEMPLATE_DATA_MEMBERS,
  ScalingPolicy: scaling.POLICY_MEMBERS,
  ScheduledUpdateGroupAction: group.SCHEDULE_MEMBERS,
  Tag: launch.TAG_MEMBERS,
  TargetGroup: launch.TARGET_GROUP_MEMBERS,
  TargetGroupAttribute: launch.TARGET_GROUP_ATTRIBUTE_MEMBERS,
  WarmPoolConfiguration: group.WARM_POOL_MEMBERS,
} as const satisfies Readonly<Record<string, MemberLedger>>;

/** Name of a shape that is compared. */
export type ComparedShape = keyof typeof COMPARED_LEDGERS;

/** Shapes inside those, in which something names blue. */
export const NESTED_LEDGERS = {
  MixedInstancesPolicy: group.MIXED_INSTANCES_MEMBERS,
  LaunchTemplate: group.MIXED_TEMPLATE_MEMBERS,
  LaunchTemplateSpecification: group.TEMPLATE_SPECIFICATION_MEMBERS,
  LaunchTemplateOverrides: group.OVERRIDE_MEMBERS,
  InstancesDistribution: group.DISTRIBUTION_MEMBERS,
  TargetTrackingConfiguration: scaling.TARGET_TRACKING_MEMBERS,
  PredefinedMetricSpecification: scaling.PREDEFINED_METRIC_MEMBERS,
  CustomizedMetricSpecification: scaling.CUSTOMIZED_METRIC_MEMBERS,
  MetricDimension: scaling.DIMENSION_MEMBERS,
  Metric: scaling.METRIC_MEMBERS,
  TargetTrackingMetricDataQuery: scaling.TRACKING_QUERY_MEMBERS,
  TargetTrackingMetricStat: scaling.METRIC_STAT_MEMBERS,
  PredictiveScalingConfiguration: scaling.PREDICTIVE_MEMBERS,
  PredictiveScalingMetricSpecification: scaling.PREDICTIVE_SPECIFICATION_MEMBERS,
  PredictiveScalingPredefinedMetricPair: scaling.PREDEFINED_METRIC_MEMBERS,
  PredictiveScalingPredefinedScalingMetric: scaling.PREDEFINED_METRIC_MEMBERS,
  PredictiveScalingPredefinedLoadMetric: scaling.PREDEFINED_METRIC_MEMBERS,
  PredictiveScalingCustomizedScalingMetric: scaling.PREDICTIVE_CUSTOMIZED_MEMBERS,
  PredictiveScalingCustomizedLoadMetric: scaling.PREDICTIVE_CUSTOMIZED_MEMBERS,
  PredictiveScalingCustomizedCapacityMetric: scaling.PREDICTIVE_CUSTOMIZED_MEMBERS,
  MetricDataQuery: scaling.PREDICTIVE_QUERY_MEMBERS,
  MetricStat: scaling.PREDICTIVE_STAT_MEMBERS,
} as const satisfies Readonly<Record<string, MemberLedger>>;

/** Shapes inside an alarm; CloudWatch has its own of the same names. */
export const ALARM_LEDGERS = {
  MetricDataQuery: scaling.ALARM_QUERY_MEMBERS,
  MetricStat: scaling.METRIC_STAT_MEMBERS,
  Metric: scaling.METRIC_MEMBERS,
  Dimension: scaling.DIMENSION_MEMBERS,
} as const satisfies Readonly<Record<string, MemberLedger>>;

/**
 * Every name that a difference can have, such as `AutoScalingGroup.DefaultCooldown`: a shape and
 * one of its members that green should have. A service may waive these and no others.
 */
export const DIFFERENCE_NAMES: ReadonlySet<string> = new Set(
  Object.entries(COMPARED_LEDGERS).flatMap(([shape, ledger]) =>
    Object.entries(ledger)
      .filter(([, { type }]) => type === 'copied' || type === 'rewritten')
      .map(([member]) => `${shape}.${member}`),
  ),
);
