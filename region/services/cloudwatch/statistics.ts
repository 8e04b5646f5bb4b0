/**
 * The statistics by their AWS names.
 * Not for: trimmed means and the other extended statistics beside percentiles; they are refused.
 */
import type { Bucket } from './buckets.ts';

/** The simple statistics. */
export const STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const;

/** The name of a simple statistic. */
export type SimpleStatistic = (typeof STATISTICS)[number];

/** Computes a statistic; undefined when the bucket cannot say, as for a percentile of negatives. */
export type Statistic = (bucket: Bucket) => number | undefined;

const SIMPLE: Readonly<Record<SimpleStatistic, Statistic>> = {
  SampleCount: (bucket) => bucket.sampleCount,
  Average: (bucket) => bucket.sum / bucket.sampleCount,
  Sum: (bucket) => bucket.sum,
  Minimum: (bucket) => bucket.minimum,
  Maximum: (bucket) => bucket.maximum,
};

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/i;

/** The statistic with a name such as `Sum` or `p99.9`; undefined when there is none here. */
export function statistic(name: string): Statistic | undefined {
  if (name in SIMPLE) return SIMPLE[name as SimpleStatistic];
  const percent = PERCENTILE.exec(name)?.[1];
  return percent === undefined ? undefined : (bucket) => percentile(bucket, Number(percent));
}

/** The percentile in a name such as `p99.9`; undefined for every other statistic. */
export function percentileOf(name: string): number | undefined {
  const percent = PERCENTILE.exec(name)?.[1];
  return percent === undefined ? undefined : Number(percent);
}

/** The smallest value that is not below the wanted share of all values (nearest rank). */
function percentile(bucket: Bucket, percent: number): number | undefined {
  // @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
  if (!bucket.values || bucket.minimum < 0) return undefined;
  const rank = Math.max(1, Math.ceil((percent / 100) * bucket.sampleCount));
  let seen = 0;
  for (const [value, count] of [...bucket.values].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return value;
  }
  return bucket.maximum;
}
