/**
 * `GetMetricStatistics`: the older way to read one metric.
 * Not for: expressions and several metrics; see `metric-reads.ts`.
 */
import type {
  Datapoint,
  GetMetricStatisticsCommandInput,
  GetMetricStatisticsCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import type { Bucket } from './buckets.ts';
import type { MetricStore } from './metric-store.ts';
import { isPeriod, readDimensions } from './queries.ts';
import { STATISTICS, statistic } from './statistics.ts';

/**
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
const DATAPOINTS_PER_CALL = 1440;

const MINUTE_MILLISECONDS = 60_000;

interface Request {
  readonly from: number;
  readonly periodSeconds: number;
  readonly count: number;
}

/** The operation `GetMetricStatistics`. */
export function createGetMetricStatistics(options: {
  kernel: Kernel;
  store: MetricStore;
}): Operation<
  GetMetricStatisticsCommandInput,
  Omit<GetMetricStatisticsCommandOutput, '$metadata'>
> {
  const { kernel, store } = options;
  return {
    permissions: () => [{ action: 'cloudwatch:GetMetricStatistics', resources: ['*'] }],
    run: (input) => {
      const request = readRequest(input);
      const metric = {
        namespace: input.Namespace ?? '',
        metricName: input.MetricName ?? '',
        dimensions: readDimensions(input.Dimensions),
      };
      const row = store.row({ ...request, metric, unit: input.Unit, now: kernel.clock.now() });
      const unit = input.Unit ?? store.unit(metric) ?? 'None';
      return {
        Label: metric.metricName,
        Datapoints: row.flatMap((bucket, index) => {
          const at = new Date(request.from + index * request.periodSeconds * 1000);
          return bucket
            ? [{ Timestamp: at, Unit: unit as Datapoint['Unit'], ...valuesOf(bucket, input) }]
            : [];
        }),
      };
    },
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

function readRequest(input: GetMetricStatisticsCommandInput): Request {
  const { StartTime: start, EndTime: end, Period: period = 0 } = input;
  if (!start || !end) {
    throw new AwsError('MissingParameter', 'The parameters StartTime and EndTime are required.');
  }
  if (!isPeriod(period)) {
    throw invalid(`The value ${period} for parameter Period must be 1, 5, 10, 20, 30 or n * 60.`);
  }
  if (start >= end) {
    throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  }
  checkStatistics(input);
  const step = Math.min(period * 1000, MINUTE_MILLISECONDS);
  const from = Math.floor(start.getTime() / step) * step;
  const count = Math.ceil((end.getTime() - from) / (period * 1000));
  if (count > DATAPOINTS_PER_CALL) {
    throw new AwsError(
      'InvalidParameterCombination',
      `You have requested up to ${count.toLocaleString('en-US')} datapoints, which exceeds the ` +
        'limit of 1,440. You may reduce the datapoints requested by increasing Period, or ' +
        'decreasing the time range.',
    );
  }
  return { from, periodSeconds: period, count };
}

function checkStatistics(input: GetMetricStatisticsCommandInput): void {
  const { Statistics: simple = [], ExtendedStatistics: extended = [] } = input;
  if (simple.length + extended.length === 0) {
    throw new AwsError(
      'InvalidParameterCombination',
      'Must specify either Statistics or ExtendedStatistics',
    );
  }
  const names: readonly string[] = STATISTICS;
  const unknown = [
    ...simple.filter((name) => !names.includes(name)),
    ...extended.filter((name) => names.includes(name) || !statistic(name)),
  ];
  if (unknown.length > 0) {
    throw invalid(`The value ${unknown.join(', ')} for parameter Statistics is not supported.`);
  }
}

function valuesOf(bucket: Bucket, input: GetMetricStatisticsCommandInput): Datapoint {
  const read = (name: string): [string, number][] => {
    const value = statistic(name)?.(bucket);
    return value === undefined ? [] : [[name, value]];
  };
  const extended = (input.ExtendedStatistics ?? []).flatMap((name) => read(name));
  return {
    ...Object.fromEntries((input.Statistics ?? []).flatMap((name) => read(name))),
    ...(extended.length > 0 ? { ExtendedStatistics: Object.fromEntries(extended) } : {}),
  };
}
