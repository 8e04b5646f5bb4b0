/**
 * `PutMetricAlarm`: what an alarm on a metric or an expression may ask for.
 * Not for: anomaly detection, Metrics Insights and PromQL alarms; they are refused.
 */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  describeViolations,
  hasLength,
  hasPattern,
  inRange,
  isOneOf,
  isPresent,
} from '../constraints.ts';
import type { Violation } from '../constraints.ts';
import type { Comparison, TreatMissingData, Watch } from './alarms.ts';
import { UNITS } from './put-metric-data.ts';
import { commonPeriod, readDimensions, readSources, validationError } from './queries.ts';
import type { Source } from './queries.ts';
import { STATISTICS, percentileOf, statistic } from './statistics.ts';

const COMPARISONS: readonly Comparison[] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
];

const MISSING_DATA: readonly TreatMissingData[] = [
  'breaching',
  'notBreaching',
  'ignore',
  'missing',
];

/**
 * Longest time that all evaluation periods may cover, in seconds: a day, or seven where the period
 * is an hour or more.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;
const HOUR_SECONDS = 3600;

/** Members that describe a metric directly, and are refused beside `Metrics`. */
const SINGLE_METRIC_MEMBERS = [
  'MetricName',
  'Namespace',
  'Dimensions',
  'Period',
  'Unit',
  'Statistic',
  'ExtendedStatistic',
] as const;

/** Members of kinds of alarms that this region does not have. */
const UNSUPPORTED_MEMBERS = [
  'ThresholdMetricId',
  'EvaluationCriteria',
  'EvaluationInterval',
] as const;

/** What an alarm watches. @throws AwsError ValidationError */
export function readWatch(input: PutMetricAlarmCommandInput): Watch {
  const violations = describeViolations(modelChecks(input));
  if (violations !== undefined) throw validationError(violations);
  const broken = RULES.map((rule) => rule(input)).find((message) => message !== undefined);
  if (broken !== undefined) throw validationError(broken);

  const sources = input.Metrics ? readMetrics(input) : [readSingle(input)];
  const watched = sources.find((source) => source.returned) ?? sources[0];
  const periodSeconds = commonPeriod(sources);
  if (!watched || periodSeconds === undefined) {
    throw validationError('An alarm needs at least one metric: its Metrics have none.');
  }
  const evaluationPeriods = input.EvaluationPeriods ?? 1;
  checkSpan({ periodSeconds, evaluationPeriods });
  // @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  // Alarms on AWS/DynamoDB ignore missing data whatever they say.
  const sparse = input.Namespace === 'AWS/DynamoDB';
  return {
    sources,
    watched,
    periodSeconds,
    evaluationPeriods,
    datapointsToAlarm: input.DatapointsToAlarm ?? evaluationPeriods,
    threshold: input.Threshold ?? 0,
    comparison: input.ComparisonOperator as Comparison,
    treatMissingData: sparse
      ? 'ignore'
      : ((input.TreatMissingData ?? 'missing') as TreatMissingData),
    samplesNeeded: samplesNeeded(input),
  };
}

function modelChecks(input: PutMetricAlarmCommandInput): readonly Violation[] {
  return [
    isPresent(input.AlarmName, 'alarmName'),
    hasLength(input.AlarmName, 'alarmName', { min: 1, max: 255 }),
    hasLength(input.AlarmDescription, 'alarmDescription', { max: 1024 }),
    isPresent(input.ComparisonOperator, 'comparisonOperator'),
    isOneOf(input.ComparisonOperator, 'comparisonOperator', COMPARISONS),
    isPresent(input.EvaluationPeriods, 'evaluationPeriods'),
    inRange(input.EvaluationPeriods, 'evaluationPeriods', { min: 1 }),
    inRange(input.DatapointsToAlarm, 'datapointsToAlarm', { min: 1 }),
    inRange(input.Period, 'period', { min: 1 }),
    isOneOf(input.Statistic, 'statistic', STATISTICS),
    isOneOf(input.Unit, 'unit', UNITS),
    hasLength(input.Namespace, 'namespace', { min: 1, max: 255 }),
    hasPattern(input.Namespace, 'namespace', '[^:].*'),
    hasLength(input.MetricName, 'metricName', { min: 1, max: 255 }),
    hasLength(input.Dimensions, 'dimensions', { max: 30 }),
  ];
}

type RuleOf<T> = (input: T) => string | undefined;

/** Rules between members; the first broken one is reported. */
const RULES: readonly RuleOf<PutMetricAlarmCommandInput>[] = [
  (input) => {
    const member = UNSUPPORTED_MEMBERS.find((name) => input[name] !== undefined);
    return member && `The parameter ${member} is not supported in this region.`;
  },
  (input) =>
    (input.MetricName === undefined) === (input.Metrics === undefined)
      ? 'Exactly one of the parameters MetricName and Metrics must be specified.'
      : undefined,
  (input) => {
    if (!input.Metrics) return undefined;
    const member = SINGLE_METRIC_MEMBERS.find((name) => input[name] !== undefined);
    return member && `The parameter ${member} must not be specified together with Metrics.`;
  },
  (input) =>
    input.MetricName !== undefined && input.Namespace === undefined
      ? 'The parameter Namespace must be specified together with MetricName.'
      : undefined,
  (input) =>
    input.MetricName !== undefined &&
    (input.Statistic === undefined) === (input.ExtendedStatistic === undefined)
      ? 'Exactly one of the parameters Statistic and ExtendedStatistic must be specified.'
      : undefined,
  (input) =>
    input.ExtendedStatistic !== undefined && percentileOf(input.ExtendedStatistic) === undefined
      ? `The value ${input.ExtendedStatistic} for parameter ExtendedStatistic is not supported.`
      : undefined,
  (input) =>
    input.MetricName !== undefined && !isAlarmPeriod(input.Period ?? 0)
      ? 'Period must be 10, 20, 30 or a multiple of 60'
      : undefined,
  (input) =>
    input.Threshold === undefined ? 'The parameter Threshold must be specified.' : undefined,
  (input) =>
    (input.DatapointsToAlarm ?? 1) > (input.EvaluationPeriods ?? 1)
      ? 'DatapointsToAlarm must be less than or equal to EvaluationPeriods'
      : undefined,
  (input) =>
    input.TreatMissingData !== undefined &&
    !MISSING_DATA.includes(input.TreatMissingData as TreatMissingData)
      ? `Option ${input.TreatMissingData} is not supported. Supported options for parameter ` +
        'TreatMissingData are breaching, notBreaching, ignore and missing.'
      : undefined,
  (input) =>
    input.EvaluateLowSampleCountPercentile !== undefined &&
    !['evaluate', 'ignore'].includes(input.EvaluateLowSampleCountPercentile)
      ? `Option ${input.EvaluateLowSampleCountPercentile} is not supported. Supported options ` +
        'for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.'
      : undefined,
];

function isAlarmPeriod(seconds: number): boolean {
  return [10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

function checkSpan(span: { periodSeconds: number; evaluationPeriods: number }): void {
  const limit = span.periodSeconds >= HOUR_SECONDS ? WEEK_SECONDS : DAY_SECONDS;
  if (span.periodSeconds * span.evaluationPeriods <= limit) return;
  throw validationError(
    `Metrics cannot be checked across more than ${limit === DAY_SECONDS ? 'a day' : 'a week'} ` +
      `(EvaluationPeriods * Period must be <= ${limit}).`,
  );
}

function readSingle(input: PutMetricAlarmCommandInput): Source {
  const name = input.Statistic ?? input.ExtendedStatistic ?? '';
  const compute = statistic(name);
  if (!compute) throw validationError(`The statistic ${name} is not supported.`);
  return {
    type: 'metric',
    id: 'metric',
    metric: {
      namespace: input.Namespace ?? '',
      metricName: input.MetricName ?? '',
      dimensions: readDimensions(input.Dimensions),
    },
    periodSeconds: input.Period ?? 60,
    statisticName: name,
    statistic: compute,
    unit: input.Unit,
    label: undefined,
    returned: true,
  };
}

function readMetrics(input: PutMetricAlarmCommandInput): readonly Source[] {
  const sources = readSources(input.Metrics ?? []);
  if (sources.filter((source) => source.returned).length !== 1) {
    throw validationError('Exactly one element of the metrics list should return data.');
  }
  const wrong = sources.find(
    (source) => source.type === 'metric' && !isAlarmPeriod(source.periodSeconds),
  );
  if (wrong) throw validationError('Period must be 10, 20, 30 or a multiple of 60');
  return sources;
}

/**
 * Samples without which a percentile says too little: 10 / (1 - p) from the median on, and
 * 10 / p below it.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 */
function samplesNeeded(input: PutMetricAlarmCommandInput): number {
  const percent = percentileOf(input.ExtendedStatistic ?? '');
  if (input.EvaluateLowSampleCountPercentile !== 'ignore' || percent === undefined) return 0;
  const share = percent / 100;
  return share >= 0.5 ? 10 / (1 - share) : 10 / share;
}
