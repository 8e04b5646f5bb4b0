/**
 * `PutMetricData`: custom metrics from outside.
 * Not for: what the region's own services measure; that comes through `record`.
 */
import type { MetricDatum, PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import {
  describeViolations,
  hasLength,
  hasPattern,
  inRange,
  isOneOf,
  isPresent,
} from '../constraints.ts';
import type { Sample } from './buckets.ts';
import type { MetricStore } from './metric-store.ts';
import { readDimensions, validationError } from './queries.ts';

/**
 * Limits of one call.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
const METRICS_PER_CALL = 1000;
const VALUES_PER_METRIC = 150;
const DIMENSIONS_PER_METRIC = 30;
const LARGEST_VALUE = 2 ** 360;
const PAST_MILLISECONDS = 14 * 24 * 3_600_000;
const FUTURE_MILLISECONDS = 2 * 3_600_000;

const SIZES = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'];
const SIZES_IN_BITS = ['Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'];
const COUNTED = [...SIZES, ...SIZES_IN_BITS, 'Count'];

/** Every unit that a measurement can have. */
export const UNITS: readonly string[] = [
  'Seconds',
  'Microseconds',
  'Milliseconds',
  'Percent',
  'None',
  ...COUNTED,
  ...COUNTED.map((unit) => `${unit}/Second`),
];

/** The operation `PutMetricData`. */
export function createPutMetricData(options: {
  kernel: Kernel;
  store: MetricStore;
}): Operation<PutMetricDataCommandInput, object> {
  const { kernel, store } = options;
  return {
    permissions: (input) => [
      {
        action: 'cloudwatch:PutMetricData',
        resources: ['*'],
        context: { 'cloudwatch:namespace': input.Namespace ?? '' },
      },
    ],
    run: (input) => {
      const data = input.MetricData ?? [];
      checkCall(input, data);
      const now = kernel.clock.now();
      // Everything is checked before anything is written: a call is refused as a whole.
      const written = data.flatMap((datum, index) =>
        readDatum(datum, { at: `MetricData.member.${index + 1}`, now }).map((sample) => ({
          metric: {
            namespace: input.Namespace ?? '',
            metricName: datum.MetricName ?? '',
            dimensions: readDimensions(datum.Dimensions),
          },
          unit: datum.Unit ?? 'None',
          at: datum.Timestamp?.getTime() ?? now,
          now,
          sample,
          highResolution: datum.StorageResolution === 1,
        })),
      );
      for (const one of written) store.add(one);
      return {};
    },
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

function checkCall(input: PutMetricDataCommandInput, data: readonly MetricDatum[]): void {
  const violations = describeViolations([
    isPresent(input.Namespace, 'namespace'),
    hasLength(input.Namespace, 'namespace', { min: 1, max: 255 }),
    hasPattern(input.Namespace, 'namespace', '[^:].*'),
  ]);
  if (violations !== undefined) throw validationError(violations);
  if (input.Namespace?.startsWith('AWS/')) {
    throw invalid('The value AWS/ for parameter Namespace is invalid.');
  }
  if (input.EntityMetricData !== undefined) {
    throw invalid('The parameter EntityMetricData is not supported in this region.');
  }
  if (data.length === 0) {
    throw new AwsError('MissingParameter', 'The parameter MetricData is required.');
  }
  if (data.length > METRICS_PER_CALL) {
    throw validationError(
      `The collection MetricData must not have a size greater than ${METRICS_PER_CALL}.`,
    );
  }
}

function readDatum(
  datum: MetricDatum,
  { at, now }: { at: string; now: number },
): readonly Sample[] {
  const violations = describeViolations([
    isPresent(datum.MetricName, `${at}.metricName`),
    hasLength(datum.MetricName, `${at}.metricName`, { min: 1, max: 255 }),
    hasLength(datum.Dimensions, `${at}.dimensions`, { max: DIMENSIONS_PER_METRIC }),
    isOneOf(datum.Unit, `${at}.unit`, UNITS),
    inRange(datum.StorageResolution, `${at}.storageResolution`, { min: 1 }),
    ...(datum.Dimensions ?? []).flatMap((dimension) => [
      hasLength(dimension.Name ?? '', `${at}.dimensions.name`, { min: 1, max: 255 }),
      hasLength(dimension.Value ?? '', `${at}.dimensions.value`, { min: 1, max: 1024 }),
    ]),
  ]);
  if (violations !== undefined) throw validationError(violations);
  if (datum.StorageResolution !== undefined && ![1, 60].includes(datum.StorageResolution)) {
    throw invalid(`The value for parameter ${at}.StorageResolution must be 1 or 60.`);
  }
  checkTime(datum.Timestamp, { at, now });
  return readSamples(datum, at);
}

function checkTime(timestamp: Date | undefined, { at, now }: { at: string; now: number }): void {
  if (!timestamp) return;
  const time = timestamp.getTime();
  if (time < now - PAST_MILLISECONDS) {
    throw invalid(
      `The parameter ${at}.Timestamp must specify a time no more than two weeks in the past.`,
    );
  }
  if (time > now + FUTURE_MILLISECONDS) {
    throw invalid(
      `The parameter ${at}.Timestamp must specify a time no more than two hours in the future.`,
    );
  }
}

function readSamples(datum: MetricDatum, at: string): readonly Sample[] {
  const forms = ['Value', 'Values', 'StatisticValues'] as const;
  const given = forms.filter((form) => datum[form] !== undefined);
  if (given.length !== 1) throw wrongForms(given.length === 0 ? forms : given, { at, given });
  if (datum.StatisticValues) return [readStatisticSet(datum.StatisticValues, at)];
  if (datum.Value !== undefined) {
    return [{ value: finite(datum.Value, `${at}.Value`), count: 1 }];
  }
  const { Values: values = [], Counts: counts } = datum;
  if (values.length > VALUES_PER_METRIC) {
    throw invalid(
      `The collection ${at}.Values must not have a size greater than ${VALUES_PER_METRIC}.`,
    );
  }
  if (counts && counts.length !== values.length) {
    throw invalid(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`);
  }
  return values.map((value, index) => ({
    value: finite(value, `${at}.Values`),
    count: finite(counts?.[index] ?? 1, `${at}.Counts`),
  }));
}

function wrongForms(
  forms: readonly string[],
  { at, given }: { at: string; given: readonly string[] },
): AwsError {
  const names = forms.map((form) => `${at}.${form}`);
  return given.length === 0
    ? new AwsError(
        'MissingParameter',
        `At least one of the parameters ${names.join(', ')} must be specified.`,
      )
    : new AwsError(
        'InvalidParameterCombination',
        `The parameters ${names.join(' and ')} are mutually exclusive and you have specified both.`,
      );
}

function readStatisticSet(set: NonNullable<MetricDatum['StatisticValues']>, at: string): Sample {
  const read = (name: 'SampleCount' | 'Sum' | 'Minimum' | 'Maximum'): number =>
    finite(set[name] ?? Number.NaN, `${at}.StatisticValues.${name}`);
  const [minimum, maximum] = [read('Minimum'), read('Maximum')];
  if (minimum > maximum) {
    throw invalid(`The parameter ${at}.StatisticValues.Maximum must not be below the Minimum.`);
  }
  return { sampleCount: read('SampleCount'), sum: read('Sum'), minimum, maximum };
}

function finite(value: number, at: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= LARGEST_VALUE) return value;
  throw invalid(`The value ${value} for parameter ${at} is invalid.`);
}
