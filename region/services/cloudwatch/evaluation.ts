/**
 * How the datapoints of a metric become a state: M out of N, with AWS's way of treating periods
 * without data. Pure: rows in, finding out.
 * Not for: when an alarm is evaluated (`alarm-clock.ts`) and how a state is told
 * (`alarm-reason.ts`).
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
import type { Comparison, StateValue, Watch } from './alarms.ts';

/** A period with data. */
export interface Datapoint {
  /** Start of the period, epoch milliseconds. */
  readonly at: number;
  readonly value: number;
  /** Absent for an expression. */
  readonly sampleCount?: number;
}

/** What an evaluation found out. */
export type Finding =
  | { readonly type: 'keep' }
  | {
      readonly type: 'state';
      readonly value: StateValue;
      /** The datapoints that decided, oldest first. */
      readonly datapoints: readonly Datapoint[];
      /** Periods without data that were treated as the alarm says. */
      readonly filled: number;
    };

/**
 * Periods that are looked at beyond N. AWS looks back further than N but does not say how far; its
 * tables show a range of five periods for three evaluation periods.
 */
export const EXTRA_PERIODS = 2;

const COMPARISONS: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Whether a value breaches an alarm's threshold. */
export function isBreaching(watch: Watch, value: number): boolean {
  return COMPARISONS[watch.comparison](value, watch.threshold);
}

/**
 * Decides the state.
 * @param range every period of the evaluation range, oldest first; undefined where data is missing.
 * The last period is the newest one that is over: the period that is still running never counts.
 */
export function evaluate(watch: Watch, range: readonly (Datapoint | undefined)[]): Finding {
  // The newest N datapoints that exist are used, however far back in the range they are, and only
  // what is then still lacking is treated as missing.
  const datapoints = range.filter((point) => point !== undefined).slice(-watch.evaluationPeriods);
  const filled = watch.evaluationPeriods - datapoints.length;
  if (datapoints.some((point) => (point.sampleCount ?? Infinity) < watch.samplesNeeded)) {
    return { type: 'keep' };
  }
  const value = decide(watch, { range, datapoints, filled });
  return value === 'keep' ? { type: 'keep' } : { type: 'state', value, datapoints, filled };
}

function decide(
  watch: Watch,
  seen: {
    readonly range: readonly (Datapoint | undefined)[];
    readonly datapoints: readonly Datapoint[];
    readonly filled: number;
  },
): StateValue | 'keep' {
  const { treatMissingData, datapointsToAlarm } = watch;
  const breaching = seen.datapoints.filter((point) => isBreaching(watch, point.value)).length;
  const counted = breaching + (treatMissingData === 'breaching' ? seen.filled : 0);
  if (counted >= datapointsToAlarm) return 'ALARM';
  if (treatMissingData === 'breaching' || treatMissingData === 'notBreaching') return 'OK';
  if (seen.datapoints.length === 0) {
    return treatMissingData === 'missing' ? 'INSUFFICIENT_DATA' : 'keep';
  }
  if (seen.filled === 0 || breaching < seen.datapoints.length) return 'OK';
  // All there is breaches, but there is not enough of it. AWS alarms once the oldest of it is M
  // periods old, and until then does not alarm early; that it keeps its state meanwhile is our
  // reading. With `ignore` it keeps its state in both cases.
  const age = seen.range.length - seen.range.findIndex((point) => point !== undefined);
  return treatMissingData === 'missing' && age >= datapointsToAlarm ? 'ALARM' : 'keep';
}
