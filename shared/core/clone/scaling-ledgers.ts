/**
 * What green gets of blue's scaling policies and of the alarms that drive them, member by member.
 * Nested shapes have ledgers of their own where something inside them names blue.
 */
import { COPIED, leftOut, type MemberLedger, rewritten } from './treatment.ts';

const RENAMED = rewritten('what names blue in it names green');

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html */
export const POLICY_MEMBERS = {
  AutoScalingGroupName: rewritten('green has a name of its own'),
  PolicyName: COPIED,
  PolicyARN: leftOut('AWS gives it'),
  PolicyType: COPIED,
  AdjustmentType: COPIED,
  MinAdjustmentStep: leftOut('AWS calls it MinAdjustmentMagnitude now'),
  MinAdjustmentMagnitude: rewritten('it takes over from MinAdjustmentStep'),
  ScalingAdjustment: COPIED,
  Cooldown: COPIED,
  StepAdjustments: COPIED,
  MetricAggregationType: COPIED,
  EstimatedInstanceWarmup: COPIED,
  Alarms: leftOut('alarms are made by calls of their own'),
  TargetTrackingConfiguration: RENAMED,
  Enabled: rewritten('switched on when everything else is there'),
  PredictiveScalingConfiguration: RENAMED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TargetTrackingConfiguration.html */
export const TARGET_TRACKING_MEMBERS = {
  TargetValue: COPIED,
  PredefinedMetricSpecification: RENAMED,
  CustomizedMetricSpecification: RENAMED,
  DisableScaleIn: COPIED,
} as const satisfies MemberLedger;

/** Also the shape of predictive scaling's predefined metrics. */
export const PREDEFINED_METRIC_MEMBERS = {
  PredefinedMetricType: COPIED,
  ResourceLabel: rewritten("it ends in green's target group"),
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CustomizedMetricSpecification.html */
export const CUSTOMIZED_METRIC_MEMBERS = {
  MetricName: COPIED,
  Namespace: COPIED,
  Dimensions: RENAMED,
  Statistic: COPIED,
  Unit: COPIED,
  Period: COPIED,
  Metrics: RENAMED,
} as const satisfies MemberLedger;

/** A dimension in any of the shapes that have some. */
export const DIMENSION_MEMBERS = {
  Name: COPIED,
  Value: RENAMED,
} as const satisfies MemberLedger;

/** A metric in any of the shapes that name one. */
export const METRIC_MEMBERS = {
  Namespace: COPIED,
  MetricName: COPIED,
  Dimensions: RENAMED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TargetTrackingMetricDataQuery.html */
export const TRACKING_QUERY_MEMBERS = {
  Id: COPIED,
  Expression: RENAMED,
  MetricStat: RENAMED,
  Label: COPIED,
  Period: COPIED,
  ReturnData: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TargetTrackingMetricStat.html */
export const METRIC_STAT_MEMBERS = {
  Metric: RENAMED,
  Stat: COPIED,
  Unit: COPIED,
  Period: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredictiveScalingConfiguration.html */
export const PREDICTIVE_MEMBERS = {
  MetricSpecifications: RENAMED,
  Mode: COPIED,
  SchedulingBufferTime: COPIED,
  MaxCapacityBreachBehavior: COPIED,
  MaxCapacityBuffer: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredictiveScalingMetricSpecification.html */
export const PREDICTIVE_SPECIFICATION_MEMBERS = {
  TargetValue: COPIED,
  PredefinedMetricPairSpecification: RENAMED,
  PredefinedScalingMetricSpecification: RENAMED,
  PredefinedLoadMetricSpecification: RENAMED,
  CustomizedScalingMetricSpecification: RENAMED,
  CustomizedLoadMetricSpecification: RENAMED,
  CustomizedCapacityMetricSpecification: RENAMED,
} as const satisfies MemberLedger;

/** Predictive scaling's customized metrics are lists of queries and nothing else. */
export const PREDICTIVE_CUSTOMIZED_MEMBERS = {
  MetricDataQueries: RENAMED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MetricDataQuery.html */
export const PREDICTIVE_QUERY_MEMBERS = {
  Id: COPIED,
  Expression: RENAMED,
  MetricStat: RENAMED,
  Label: COPIED,
  ReturnData: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MetricStat.html */
export const PREDICTIVE_STAT_MEMBERS = {
  Metric: RENAMED,
  Stat: COPIED,
  Unit: COPIED,
} as const satisfies MemberLedger;

const STATE = leftOut("it is the alarm's state, and green's alarm has its own");
const ACTIONS = rewritten("they call green's policies, and no other group's");

/** @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html */
export const ALARM_MEMBERS = {
  AlarmName: rewritten("derived from green's name"),
  AlarmArn: leftOut('AWS gives it'),
  AlarmDescription: COPIED,
  AlarmConfigurationUpdatedTimestamp: leftOut('AWS gives it'),
  ActionsEnabled: COPIED,
  OKActions: ACTIONS,
  AlarmActions: ACTIONS,
  InsufficientDataActions: ACTIONS,
  StateValue: STATE,
  StateReason: STATE,
  StateReasonData: STATE,
  StateUpdatedTimestamp: STATE,
  StateTransitionedTimestamp: STATE,
  EvaluationState: STATE,
  MetricName: COPIED,
  Namespace: COPIED,
  Statistic: COPIED,
  ExtendedStatistic: COPIED,
  Dimensions: RENAMED,
  Period: COPIED,
  Unit: COPIED,
  EvaluationPeriods: COPIED,
  DatapointsToAlarm: COPIED,
  Threshold: COPIED,
  ComparisonOperator: COPIED,
  TreatMissingData: COPIED,
  EvaluateLowSampleCountPercentile: COPIED,
  Metrics: RENAMED,
  ThresholdMetricId: COPIED,
  EvaluationWindow: COPIED,
  WarmUpConfiguration: COPIED,
  EvaluationCriteria: RENAMED,
  EvaluationInterval: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
export const ALARM_QUERY_MEMBERS = {
  Id: COPIED,
  MetricStat: RENAMED,
  Expression: RENAMED,
  Label: COPIED,
  ReturnData: COPIED,
  Period: COPIED,
  AccountId: COPIED,
} as const satisfies MemberLedger;
