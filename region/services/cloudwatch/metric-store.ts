/**
 * Measurements by metric and time, summed up into buckets that get coarser as they age.
 * Not for: who may write what; the operations check that.
 */
import { addSample, emptyBucket, mergeBucket } from './buckets.ts';
import type { Bucket, Sample } from './buckets.ts';

/** What a metric is called. Dimensions are part of the name: other dimensions, other metric. */
export interface MetricName {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A question for a row of buckets, one for each period from `from` on. */
export interface RowQuery {
  readonly metric: MetricName;
  /** Absent means every unit. */
  readonly unit?: string | undefined;
  /** Epoch milliseconds, inclusive. */
  readonly from: number;
  readonly periodSeconds: number;
  readonly count: number;
  /** Region time of the question: what is not visible yet at this time is left out. */
  readonly now: number;
}

/** Where measurements are kept. */
export interface MetricStore {
  add(written: {
    readonly metric: MetricName;
    readonly unit: string;
    /** Epoch milliseconds of the measurement. */
    readonly at: number;
    readonly now: number;
    readonly sample: Sample;
    /** Whether seconds are kept apart for three hours. */
    readonly highResolution: boolean;
  }): void;
  /** Oldest first; undefined where there is no data. */
  row(query: RowQuery): readonly (Bucket | undefined)[];
  /** Metrics that got data in the last fourteen days, or since `activeSince`. */
  list(options: { now: number; activeSince?: number }): readonly MetricName[];
  /** The unit that a metric was first written with. */
  unit(metric: MetricName): string | undefined;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How long seconds and minutes are kept apart. AWS keeps minutes for fifteen days; here they become
 * hours after three hours, so that a run of many days in virtual time stays small.
 */
const FINE_RETENTION = 3 * HOUR;

/** How long hours are kept; AWS keeps them for fifteen months. */
const HOUR_RETENTION = 15 * DAY;

/** @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
const LISTED_FOR = 14 * DAY;

/** Buckets by their start, epoch milliseconds. */
type Tier = Map<number, Bucket>;

interface Tiers {
  readonly seconds: Tier;
  readonly minutes: Tier;
  readonly hours: Tier;
}

interface Series {
  readonly metric: MetricName;
  readonly units: Map<string, Tiers>;
  lastWrite: number;
}

/**
 * Keeps measurements.
 * @param options.delaySeconds how long after its minute has ended a measurement of AWS's own
 * namespaces becomes visible; custom metrics are visible at once
 */
export function createMetricStore({ delaySeconds }: { delaySeconds: number }): MetricStore {
  const all = new Map<string, Series>();

  const visible = (query: RowQuery, start: number): boolean =>
    !query.metric.namespace.startsWith('AWS/') ||
    query.now >= start + MINUTE + delaySeconds * SECOND;

  const add: MetricStore['add'] = ({ metric, unit, at, now, sample, highResolution }) => {
    const series = open(all, metric, now);
    series.lastWrite = Math.max(series.lastWrite, at);
    const tiers = openUnit(series, unit);
    if (at < now - FINE_RETENTION) {
      addSample(bucketAt(tiers.hours, at, HOUR), sample);
      return;
    }
    const known = tiers.minutes.size;
    addSample(bucketAt(tiers.minutes, at, MINUTE), sample);
    if (highResolution) addSample(bucketAt(tiers.seconds, at, SECOND), sample);
    if (tiers.minutes.size > known) age(tiers, now);
  };

  const row: MetricStore['row'] = (query) => {
    const rows: (Bucket | undefined)[] = Array.from({ length: query.count }, () => undefined);
    const period = query.periodSeconds * SECOND;
    const series = all.get(keyOf(query.metric));
    for (const [unit, tiers] of series?.units ?? []) {
      if (query.unit !== undefined && query.unit !== unit) continue;
      for (const tier of tiersFor(tiers, query.periodSeconds)) {
        for (const [start, bucket] of tier) {
          const index = Math.floor((start - query.from) / period);
          if (index < 0 || index >= query.count || !visible(query, start)) continue;
          mergeBucket((rows[index] ??= emptyBucket()), bucket);
        }
      }
    }
    return rows;
  };

  return {
    add,
    row,
    list: ({ now, activeSince }) =>
      [...all.values()]
        .filter((series) => series.lastWrite >= (activeSince ?? now - LISTED_FOR))
        .map((series) => series.metric),
    unit: (metric) => all.get(keyOf(metric))?.units.keys().next().value,
  };
}

function keyOf({ namespace, metricName, dimensions }: MetricName): string {
  return `${namespace}\n${metricName}\n${textOf(dimensions)}`;
}

/** Dimensions as text, by the object that holds them: who writes often keeps that object. */
const texts = new WeakMap<MetricName['dimensions'], string>();

function textOf(dimensions: MetricName['dimensions']): string {
  const known = texts.get(dimensions);
  if (known !== undefined) return known;
  const parts = Object.entries(dimensions).map((entry) => JSON.stringify(entry));
  const text = parts.sort().join();
  texts.set(dimensions, text);
  return text;
}

function open(all: Map<string, Series>, metric: MetricName, now: number): Series {
  const key = keyOf(metric);
  const known = all.get(key);
  if (known) return known;
  // A new metric is a good moment to forget the ones that nobody has written to for long.
  for (const [other, series] of all) {
    if (series.lastWrite < now - HOUR_RETENTION) all.delete(other);
  }
  const series: Series = { metric, units: new Map(), lastWrite: 0 };
  all.set(key, series);
  return series;
}

function openUnit(series: Series, unit: string): Tiers {
  const known = series.units.get(unit);
  if (known) return known;
  const tiers: Tiers = { seconds: new Map(), minutes: new Map(), hours: new Map() };
  series.units.set(unit, tiers);
  return tiers;
}

function bucketAt(tier: Tier, at: number, size: number): Bucket {
  const start = Math.floor(at / size) * size;
  let bucket = tier.get(start);
  if (!bucket) {
    bucket = emptyBucket();
    tier.set(start, bucket);
  }
  return bucket;
}

/** Turns old minutes into hours and drops old seconds and old hours. */
function age(tiers: Tiers, now: number): void {
  for (const [start, bucket] of tiers.minutes) {
    if (start >= now - FINE_RETENTION) continue;
    mergeBucket(bucketAt(tiers.hours, start, HOUR), bucket);
    tiers.minutes.delete(start);
  }
  for (const start of tiers.seconds.keys()) {
    if (start < now - FINE_RETENTION) tiers.seconds.delete(start);
  }
  for (const start of tiers.hours.keys()) {
    if (start < now - HOUR_RETENTION) tiers.hours.delete(start);
  }
}

/** Hours are too coarse for anything but periods of whole hours. */
function tiersFor(tiers: Tiers, periodSeconds: number): readonly Tier[] {
  if (periodSeconds % 60 !== 0) return [tiers.seconds];
  return periodSeconds % 3600 === 0 ? [tiers.minutes, tiers.hours] : [tiers.minutes];
}
