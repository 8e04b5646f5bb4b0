/**
 * Operations that read metrics: `GetMetricData`, `GetMetricStatistics`, `ListMetrics`.
 * Not for: Metrics Insights, SEARCH and metrics of other accounts; they are refused.
 */
import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  ListMetricsCommandInput,
  ListMetricsCommandOutput,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import { takePage } from '../pages.ts';
import { createGetMetricStatistics } from './metric-statistics.ts';
import type { MetricName, MetricStore } from './metric-store.ts';
import { commonPeriod, computeSource, readSources, validationError } from './queries.ts';
import type { Source } from './queries.ts';

type Answer<T> = Omit<T, '$metadata'>;

/**
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const QUERIES_PER_CALL = 500;
const DATAPOINTS_PER_CALL = 100_800;

/** @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
const METRICS_PER_PAGE = 500;
const RECENTLY_ACTIVE_MILLISECONDS = 3 * 3_600_000;

const MINUTE_MILLISECONDS = 60_000;

/** The operations that read metrics. */
export function createMetricReads(options: {
  kernel: Kernel;
  store: MetricStore;
}): Record<string, Operation> {
  const { kernel, store } = options;
  const getMetricData: Operation<GetMetricDataCommandInput, Answer<GetMetricDataCommandOutput>> = {
    permissions: () => [{ action: 'cloudwatch:GetMetricData', resources: ['*'] }],
    run: (input) => readMetricData(input, { store, now: kernel.clock.now() }),
  };
  const listMetrics: Operation<ListMetricsCommandInput, Answer<ListMetricsCommandOutput>> = {
    permissions: () => [{ action: 'cloudwatch:ListMetrics', resources: ['*'] }],
    run: (input) => listAll(input, { store, now: kernel.clock.now() }),
  };
  return {
    GetMetricData: getMetricData,
    GetMetricStatistics: createGetMetricStatistics(options),
    ListMetrics: listMetrics,
  };
}

function invalidToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The next token specified is invalid.');
}

interface Point {
  readonly source: Source;
  readonly at: number;
  readonly value: number;
}

function readMetricData(
  input: GetMetricDataCommandInput,
  { store, now }: { store: MetricStore; now: number },
): Answer<GetMetricDataCommandOutput> {
  const range = readRange(input);
  const queries = input.MetricDataQueries ?? [];
  if (queries.length === 0 || queries.length > QUERIES_PER_CALL) {
    throw validationError(
      `The collection MetricDataQueries must have a size from 1 to ${QUERIES_PER_CALL}.`,
    );
  }
  const sources = readSources(queries);
  const returned = sources.filter((source) => source.returned);
  const ascending = input.ScanBy === 'TimestampAscending';
  const points = returned.flatMap((source) => {
    const found = pointsOf(source, { sources, store, range, now });
    return ascending ? found : found.toReversed();
  });
  const page = takePage(points, {
    size: Math.min(input.MaxDatapoints ?? DATAPOINTS_PER_CALL, DATAPOINTS_PER_CALL),
    token: input.NextToken,
    refuse: invalidToken,
  });
  const last = page.items.at(-1);
  const left = last && page.nextToken !== undefined ? points.slice(points.indexOf(last) + 1) : [];
  const rest = new Set(left.map((point) => point.source));
  return {
    MetricDataResults: returned.map((source) => shapeOf(source, page.items, rest.has(source))),
    NextToken: page.nextToken,
    Messages: [],
  };
}

function readRange(input: GetMetricDataCommandInput): { start: number; end: number } {
  const start = input.StartTime?.getTime();
  const end = input.EndTime?.getTime();
  if (start === undefined || end === undefined) {
    throw new AwsError('MissingParameter', 'The parameters StartTime and EndTime are required.');
  }
  if (end < start) throw validationError('The parameter EndTime must be greater than StartTime.');
  if (end === start) {
    throw validationError('The parameter StartTime must not equal parameter EndTime.');
  }
  return { start, end };
}

function pointsOf(
  source: Source,
  context: {
    sources: readonly Source[];
    store: MetricStore;
    range: { start: number; end: number };
    now: number;
  },
): readonly Point[] {
  const { sources, store, range, now } = context;
  const period =
    (source.type === 'metric' ? source.periodSeconds : (commonPeriod(sources) ?? 60)) * 1000;
  // AWS rounds the start down to a whole minute, or to the period where that is shorter.
  const step = Math.min(period, MINUTE_MILLISECONDS);
  const from = Math.floor(range.start / step) * step;
  const count = Math.ceil((range.end - from) / period);
  if (count > DATAPOINTS_PER_CALL) {
    throw validationError(`One call gives at most ${DATAPOINTS_PER_CALL} datapoints.`);
  }
  const row = computeSource(source, { sources, store, grid: { from, count, now } });
  return row.flatMap((value, index) =>
    value === undefined ? [] : [{ source, at: from + index * period, value }],
  );
}

function shapeOf(source: Source, points: readonly Point[], partial: boolean): MetricDataResult {
  const own = points.filter((point) => point.source === source);
  const name = source.type === 'metric' ? source.metric.metricName : source.id;
  return {
    Id: source.id,
    Label: source.label ?? name,
    Timestamps: own.map((point) => new Date(point.at)),
    Values: own.map((point) => point.value),
    StatusCode: partial ? 'PartialData' : 'Complete',
  };
}

function listAll(
  input: ListMetricsCommandInput,
  { store, now }: { store: MetricStore; now: number },
): Answer<ListMetricsCommandOutput> {
  if (input.IncludeLinkedAccounts || input.OwningAccount !== undefined) {
    throw new AwsError('InvalidParameterValue', 'This region has a single account.');
  }
  const recent =
    input.RecentlyActive === undefined ? {} : { activeSince: now - RECENTLY_ACTIVE_MILLISECONDS };
  const matching = store.list({ now, ...recent }).filter((metric) => matches(metric, input));
  const page = takePage(matching, {
    size: METRICS_PER_PAGE,
    token: input.NextToken,
    refuse: () => new AwsError('InvalidParameterValue', 'Request parameter NextToken is invalid'),
  });
  return {
    Metrics: page.items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.metricName,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    })),
    NextToken: page.nextToken,
  };
}

/** Every filter must match; a dimension without a value matches every value. */
function matches(metric: MetricName, input: ListMetricsCommandInput): boolean {
  if (input.Namespace !== undefined && input.Namespace !== metric.namespace) return false;
  if (input.MetricName !== undefined && input.MetricName !== metric.metricName) return false;
  return (input.Dimensions ?? []).every(({ Name: name = '', Value: value }) =>
    value === undefined ? name in metric.dimensions : metric.dimensions[name] === value,
  );
}
