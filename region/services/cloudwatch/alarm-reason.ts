/**
 * A state told in CloudWatch's own sentences and in its JSON.
 * Not for: deciding the state.
 */
import type { MetricAlarm, StateValue, Watch } from './alarms.ts';
import { isBreaching } from './evaluation.ts';
import type { Datapoint, Finding } from './evaluation.ts';

/** Datapoints that a sentence lists, the newest first. */
const LISTED_DATAPOINTS = 5;

/**
 * Characters of `StateReasonData`.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
 */
const REASON_DATA_LIMIT = 4000;

const COMPARED: Readonly<Record<Watch['comparison'], string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** A time as CloudWatch writes it in events and JSON: `2019-10-02T17:04:40.985+0000`. */
export function timestampText(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** The sentence for a metric alarm's new state. */
export function reasonText(watch: Watch, finding: Extract<Finding, { type: 'state' }>): string {
  const { value, datapoints, filled } = finding;
  if (value === 'INSUFFICIENT_DATA') {
    const were = filled === 1 ? 'datapoint was' : 'datapoints were';
    return `Insufficient Data: ${filled} ${were} unknown.`;
  }
  if (datapoints.length === 0) {
    const treatedAs = watch.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    const were = filled === 1 ? 'datapoint was' : 'datapoints were';
    return (
      `Threshold Crossed: no datapoints were received for ${count(filled, 'period')} and ` +
      `${filled} missing ${were} treated as [${treatedAs}].`
    );
  }
  return crossedText(watch, { value, datapoints });
}

function crossedText(
  watch: Watch,
  { value, datapoints }: { value: StateValue; datapoints: readonly Datapoint[] },
): string {
  const alarming = value === 'ALARM';
  const deciding = datapoints.filter((point) => isBreaching(watch, point.value) === alarming);
  const shown = deciding
    .slice(-LISTED_DATAPOINTS)
    .toReversed()
    .map((point) => `${decimal(point.value)} (${dayAndTime(point.at)})`);
  const were = deciding.length === 1 ? 'was' : 'were';
  const needed = alarming
    ? watch.datapointsToAlarm
    : watch.evaluationPeriods - watch.datapointsToAlarm + 1;
  return (
    `Threshold Crossed: ${deciding.length} out of the last ${datapoints.length} datapoints ` +
    `[${shown.join(', ')}] ${were} ${alarming ? '' : 'not '}${COMPARED[watch.comparison]} the ` +
    `threshold (${decimal(watch.threshold)}) (minimum ${count(needed, 'datapoint')} for ` +
    `${alarming ? 'OK -> ALARM' : 'ALARM -> OK'} transition).`
  );
}

/** The JSON for a metric alarm's new state. */
export function reasonData(
  alarm: MetricAlarm,
  evaluated: { datapoints: readonly Datapoint[]; at: number },
): string {
  const { watch } = alarm;
  const { datapoints, at } = evaluated;
  const first = datapoints[0];
  const watched = watch.watched;
  const base = {
    version: '1.0',
    queryDate: timestampText(at),
    ...(first ? { startDate: timestampText(first.at) } : {}),
    ...(watched.type === 'metric' ? { statistic: watched.statisticName } : {}),
    period: watch.periodSeconds,
    recentDatapoints: datapoints.map((point) => point.value),
    threshold: watch.threshold,
  };
  const full = JSON.stringify({
    ...base,
    evaluatedDatapoints: datapoints.toReversed().map((point) => ({
      timestamp: timestampText(point.at),
      ...(point.sampleCount === undefined ? {} : { sampleCount: point.sampleCount }),
      value: point.value,
    })),
  });
  if (full.length <= REASON_DATA_LIMIT) return full;
  const short = JSON.stringify(base);
  return short.length <= REASON_DATA_LIMIT
    ? short
    : JSON.stringify({ ...base, recentDatapoints: [] });
}

function count(number: number, singular: string): string {
  return `${number} ${singular}${number === 1 ? '' : 's'}`;
}

/** A number as CloudWatch writes it: `5.0`, never `5`. */
function decimal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? `${value}.0` : String(value);
}

/** `02/10/19 16:59:00`. */
function dayAndTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
