/**
 * What is kept of the measurements of one stretch of time: enough for every statistic.
 * Not for: the order of the measurements, which no statistic asks about.
 */

/** A summary of measurements. Mutable, because every request adds to one. */
export interface Bucket {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  /**
   * How often each value was seen. Undefined once a statistic set was added whose single values
   * nobody knows; then there are no percentiles.
   */
  values: Map<number, number> | undefined;
}

/** One value, or a statistic set, on its way into a bucket. */
export type Sample =
  | { readonly value: number; readonly count: number }
  | {
      readonly sampleCount: number;
      readonly sum: number;
      readonly minimum: number;
      readonly maximum: number;
    };

/** Distinct values that a bucket keeps exactly; further ones are kept to two digits. */
const EXACT_VALUES = 100;

/** A bucket without measurements. */
export function emptyBucket(): Bucket {
  return {
    sampleCount: 0,
    sum: 0,
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    values: new Map(),
  };
}

/** Adds one sample. */
export function addSample(bucket: Bucket, sample: Sample): void {
  if ('value' in sample) {
    addTotals(bucket, {
      sampleCount: sample.count,
      sum: sample.value * sample.count,
      minimum: sample.value,
      maximum: sample.value,
    });
    addValue(bucket, sample.value, sample.count);
    return;
  }
  addTotals(bucket, sample);
  // AWS computes percentiles of a statistic set only where it leaves no doubt about the values.
  if (sample.minimum === sample.maximum) addValue(bucket, sample.minimum, sample.sampleCount);
  else bucket.values = undefined;
}

/** Adds everything that is in another bucket. */
export function mergeBucket(into: Bucket, from: Bucket): void {
  addTotals(into, from);
  if (!from.values) {
    into.values = undefined;
    return;
  }
  for (const [value, count] of from.values) addValue(into, value, count);
}

function addTotals(
  bucket: Bucket,
  totals: Pick<Bucket, 'sampleCount' | 'sum' | 'minimum' | 'maximum'>,
): void {
  bucket.sampleCount += totals.sampleCount;
  bucket.sum += totals.sum;
  bucket.minimum = Math.min(bucket.minimum, totals.minimum);
  bucket.maximum = Math.max(bucket.maximum, totals.maximum);
}

/** Rounding late values bounds the memory of a busy minute at the price of 5 % in a percentile. */
function addValue(bucket: Bucket, value: number, count: number): void {
  const { values } = bucket;
  if (!values) return;
  const exact = values.size < EXACT_VALUES || values.has(value);
  const key = exact ? value : Number(value.toPrecision(2));
  values.set(key, (values.get(key) ?? 0) + count);
}
