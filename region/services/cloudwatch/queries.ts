/**
 * Metric data queries: the list of metrics and expressions that `GetMetricData` and metric alarms
 * share, checked once and then computed for any stretch of time.
 * Not for: how an answer is paged and labelled.
 */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Bucket } from './buckets.ts';
import { MathSyntaxError, parseMath, referencesOf } from './math-parser.ts';
import type { MathNode } from './math-parser.ts';
import { computeRow } from './math-values.ts';
import type { Row } from './math-values.ts';
import type { MetricName, MetricStore } from './metric-store.ts';
import { statistic } from './statistics.ts';
import type { Statistic } from './statistics.ts';

/** A metric of a checked query. */
export interface MetricSource {
  readonly type: 'metric';
  readonly id: string;
  readonly metric: MetricName;
  readonly periodSeconds: number;
  readonly statisticName: string;
  readonly statistic: Statistic;
  readonly unit: string | undefined;
  readonly label: string | undefined;
  readonly returned: boolean;
}

/** An expression of a checked query. */
export interface ExpressionSource {
  readonly type: 'expression';
  readonly id: string;
  readonly expression: string;
  readonly math: MathNode;
  readonly label: string | undefined;
  readonly returned: boolean;
}

/** A checked query: a metric or an expression. */
export type Source = MetricSource | ExpressionSource;

/** A stretch of time as a number of periods. */
export interface Grid {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly count: number;
  readonly now: number;
}

const ID = /^[a-z]\w*$/;

/** Refuses a request of which a member is wrong or does not fit the others. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** Whether CloudWatch knows a period: 1, 5, 10, 20, 30 or whole minutes, in seconds. */
export function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/** @throws AwsError ValidationError */
export function readSources(queries: readonly MetricDataQuery[]): readonly Source[] {
  const sources = queries.map((query, index) => readSource(query, index + 1));
  const ids = sources.map((source) => source.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw validationError(`The values for parameter id in MetricDataQueries are not unique.`);
  }
  checkReferences(sources);
  const periods = new Set(sources.flatMap((source) => periodOf(source)));
  if (periods.size > 1 && sources.some((source) => source.type === 'expression')) {
    throw validationError('Metrics of one expression need one and the same period in this region.');
  }
  return sources;
}

/** Period of the first metric among the sources, in seconds. */
export function commonPeriod(sources: readonly Source[]): number | undefined {
  return sources.flatMap((source) => periodOf(source))[0];
}

function periodOf(source: Source): readonly number[] {
  return source.type === 'metric' ? [source.periodSeconds] : [];
}

/** Computes one source over a grid of its own period. */
export function computeSource(
  source: Source,
  context: { sources: readonly Source[]; store: MetricStore; grid: Grid },
): Row {
  if (source.type === 'metric') {
    return bucketsOf(source, context).map((bucket) => bucket && source.statistic(bucket));
  }
  return computeRow(source.math, {
    length: context.grid.count,
    of: (id) => {
      const other = context.sources.find((candidate) => candidate.id === id);
      return other ? computeSource(other, context) : [];
    },
  });
}

/** The buckets behind a metric's values, for sample counts. */
export function bucketsOf(
  source: MetricSource,
  { store, grid }: { store: MetricStore; grid: Grid },
): readonly (Bucket | undefined)[] {
  const { metric, unit, periodSeconds } = source;
  return store.row({ metric, unit, periodSeconds, ...grid });
}

/** Dimensions as a record. @throws AwsError when one is there twice */
export function readDimensions(
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] | undefined,
): Readonly<Record<string, string>> {
  const entries = (dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? ''] as const);
  const record = Object.fromEntries(entries);
  if (Object.keys(record).length < entries.length) {
    throw new AwsError('InvalidParameterValue', 'No metric may have two dimensions of one name.');
  }
  return record;
}

function readSource(query: MetricDataQuery, position: number): Source {
  const at = `MetricDataQueries.member.${position}`;
  const id = query.Id ?? '';
  if (!ID.test(id)) throw validationError(`The value ${id} for parameter ${at}.Id is invalid.`);
  if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
    throw validationError(
      `The parameters ${at}.Expression and ${at}.MetricStat are mutually exclusive, ` +
        'and one of them is required.',
    );
  }
  if (query.AccountId !== undefined) {
    throw validationError(`${at}.AccountId: this region has a single account.`);
  }
  const common = { id, label: query.Label, returned: query.ReturnData !== false };
  return query.MetricStat === undefined
    ? { ...common, ...readExpression(query, at) }
    : { ...common, ...readMetric(query.MetricStat, at) };
}

function readExpression(
  query: MetricDataQuery,
  at: string,
): Pick<ExpressionSource, 'type' | 'expression' | 'math'> {
  const expression = query.Expression ?? '';
  try {
    return { type: 'expression', expression, math: parseMath(expression) };
  } catch (error) {
    if (!(error instanceof MathSyntaxError)) throw error;
    throw validationError(`Error in expression '${query.Id}' [${at}]: ${error.message}`);
  }
}

function readMetric(
  stat: NonNullable<MetricDataQuery['MetricStat']>,
  at: string,
): Pick<
  MetricSource,
  'type' | 'metric' | 'periodSeconds' | 'statisticName' | 'statistic' | 'unit'
> {
  const { Metric: metric, Period: period = 0, Stat: name = '' } = stat;
  if (!metric?.Namespace || !metric.MetricName) {
    throw validationError(`${at}.MetricStat.Metric needs a Namespace and a MetricName.`);
  }
  if (!isPeriod(period)) {
    throw validationError(
      `The value ${period} for parameter ${at}.MetricStat.Period is invalid: ` +
        'it must be 1, 5, 10, 20, 30 or a multiple of 60.',
    );
  }
  const compute = statistic(name);
  if (!compute) {
    throw validationError(
      `The value ${name} for parameter ${at}.MetricStat.Stat is not supported.`,
    );
  }
  return {
    type: 'metric',
    metric: {
      namespace: metric.Namespace,
      metricName: metric.MetricName,
      dimensions: readDimensions(metric.Dimensions),
    },
    periodSeconds: period,
    statisticName: name,
    statistic: compute,
    unit: stat.Unit,
  };
}

/** An expression may use every other query, but not itself, not even in a roundabout way. */
function checkReferences(sources: readonly Source[]): void {
  const byId = new Map(sources.map((source) => [source.id, source]));
  const visit = (source: Source, above: readonly string[]): void => {
    if (above.includes(source.id)) {
      throw validationError(`Error in expression '${source.id}': it depends on itself.`);
    }
    if (source.type === 'metric') return;
    for (const id of referencesOf(source.math)) {
      const other = byId.get(id);
      if (!other) {
        throw validationError(`Error in expression '${source.id}': Undefined variable '${id}'`);
      }
      visit(other, [...above, source.id]);
    }
  };
  for (const source of sources) visit(source, []);
}
