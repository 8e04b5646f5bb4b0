/**
 * When alarms are evaluated: metric alarms once a minute (those with short periods every ten
 * seconds), composite alarms after one of their alarms has changed. No alarms, no ticks.
 * Not for: what an evaluation finds (`evaluation.ts`).
 */
import type { Clock } from '../../kernel/clock.ts';
import { alarmsOf, holds } from './alarm-rule.ts';
import type { AlarmBook } from './alarm-book.ts';
import { reasonData, reasonText, timestampText } from './alarm-reason.ts';
import type { CompositeAlarm, MetricAlarm } from './alarms.ts';
import { EXTRA_PERIODS, evaluate } from './evaluation.ts';
import type { Datapoint } from './evaluation.ts';
import type { MetricStore } from './metric-store.ts';
import { bucketsOf, computeSource } from './queries.ts';

/** How often alarms are looked at: with periods of whole minutes, and with shorter ones. */
const MINUTE_SECONDS = 60;
const SHORT_PERIOD_SECONDS = 10;

/** Offset of evaluations of alarms with short periods: half of their interval. Our choice. */
const SHORT_OFFSET_SECONDS = 5;

/** Region time from a change of an alarm to the evaluation of rules that name it. Our choice. */
const COMPOSITE_DELAY_MILLISECONDS = 1000;

interface Parts {
  readonly clock: Clock;
  readonly store: MetricStore;
  readonly book: AlarmBook;
}

/**
 * Starts evaluating as soon as there are alarms.
 * @param options.evaluationOffsetSeconds seconds past the full minute at which alarms are evaluated
 */
export function startAlarmClock(options: Parts & { evaluationOffsetSeconds: number }): void {
  const { book, clock } = options;
  const metricAlarms = (short: boolean): readonly MetricAlarm[] =>
    book
      .all()
      .filter((alarm) => alarm.type === 'metric')
      .filter((alarm) => alarm.watch.periodSeconds < MINUTE_SECONDS === short);
  const tick = (seconds: number, offsetSeconds: number): (() => void) =>
    createTicker({
      clock,
      everyMilliseconds: seconds * 1000,
      offsetMilliseconds: offsetSeconds * 1000,
      run: (boundary) => {
        const due = metricAlarms(seconds < MINUTE_SECONDS);
        for (const alarm of due) evaluateMetricAlarm(alarm, { ...options, end: boundary });
        return due.length > 0;
      },
    });
  const starts = [
    { short: false, start: tick(MINUTE_SECONDS, options.evaluationOffsetSeconds) },
    { short: true, start: tick(SHORT_PERIOD_SECONDS, SHORT_OFFSET_SECONDS) },
  ];
  book.onChange((changed) => {
    for (const { short, start } of starts) if (metricAlarms(short).length > 0) start();
    scheduleComposites(changed.name, options);
  });
}

/** Runs at every boundary plus offset until `run` answers false; `start` sets it going again. */
function createTicker(options: {
  clock: Clock;
  everyMilliseconds: number;
  offsetMilliseconds: number;
  run: (boundary: number) => boolean;
}): () => void {
  const { clock, everyMilliseconds: every, offsetMilliseconds: offset } = options;
  let running = false;
  const next = (): void => {
    const boundary = (Math.floor((clock.now() - offset) / every) + 1) * every;
    clock.schedule(boundary + offset, () => {
      running = options.run(boundary);
      if (running) next();
    });
  };
  return () => {
    if (running) return;
    running = true;
    next();
  };
}

/**
 * The newest period ends at the full minute before the evaluation, so periods of several minutes
 * slide along minute by minute, and the minute that is still running is never looked at.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 * (in the sample events a period of five minutes starts at 16:59 and is evaluated at 17:04:40)
 */
function evaluateMetricAlarm(alarm: MetricAlarm, context: Parts & { readonly end: number }): void {
  // Partial data is evaluated all the same; that the other two leave the state as it is is our reading.
  const { evaluationState = 'PARTIAL_DATA' } = alarm;
  if (evaluationState !== 'PARTIAL_DATA') return;
  const { store, book, clock, end } = context;
  const { watch } = alarm;
  const period = watch.periodSeconds * 1000;
  const count = watch.evaluationPeriods + EXTRA_PERIODS;
  const grid = { from: end - count * period, count, now: clock.now() };
  const range = readRange(alarm, { store, grid });
  const finding = evaluate(watch, range);
  if (finding.type === 'state') alarm.datapoints = finding.datapoints.map(({ value }) => value);
  if (finding.type === 'keep' || finding.value === alarm.state.value) {
    book.repeatActions(alarm);
    return;
  }
  book.setState(alarm, {
    value: finding.value,
    reason: reasonText(watch, finding),
    reasonData: reasonData(alarm, { datapoints: finding.datapoints, at: clock.now() }),
  });
}

function readRange(
  { watch }: MetricAlarm,
  context: { store: MetricStore; grid: { from: number; count: number; now: number } },
): readonly (Datapoint | undefined)[] {
  const { store, grid } = context;
  const at = (index: number): number => grid.from + index * watch.periodSeconds * 1000;
  const { watched } = watch;
  if (watched.type === 'expression') {
    return computeSource(watched, { sources: watch.sources, store, grid }).map((value, index) =>
      value === undefined ? undefined : { at: at(index), value },
    );
  }
  return bucketsOf(watched, { store, grid }).map((bucket, index) => {
    const value = bucket && watched.statistic(bucket);
    if (!bucket || value === undefined) return undefined;
    return { at: at(index), value, sampleCount: bucket.sampleCount };
  });
}

function scheduleComposites(changed: string, parts: Parts): void {
  const { book, clock } = parts;
  for (const alarm of book.all()) {
    if (alarm.type !== 'composite') continue;
    const concerned =
      alarm.name === changed ||
      alarmsOf(alarm.rule).some((child) => book.find(child)?.name === changed);
    if (!concerned) continue;
    clock.schedule(clock.now() + COMPOSITE_DELAY_MILLISECONDS, () => {
      const current = book.find(alarm.name);
      if (current?.type === 'composite') evaluateComposite(current, { book, changed });
    });
  }
}

function evaluateComposite(
  alarm: CompositeAlarm,
  { book, changed }: { book: AlarmBook; changed: string },
): void {
  // @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
  // "the evaluation of composite alarms stops if CloudWatch detects a cycle"
  if (reaches(alarm, alarm.name, book)) return;
  const value = holds(alarm.rule, (child) => book.find(child)?.state.value) ? 'ALARM' : 'OK';
  if (value === alarm.state.value) return;
  const child = book.find(changed);
  book.setState(alarm, {
    value,
    reason:
      child && child !== alarm
        ? `${child.arn} transitioned to ${child.state.value} at ` +
          longTime(child.state.transitionedAt)
        : `Alarm rule was evaluated to ${value === 'ALARM' ? 'TRUE' : 'FALSE'}`,
    reasonData: JSON.stringify({ triggeringAlarms: triggering(alarm, book) }),
  });
}

function triggering(alarm: CompositeAlarm, book: AlarmBook): readonly object[] {
  return alarmsOf(alarm.rule)
    .flatMap((name) => book.find(name) ?? [])
    .map((child) => ({
      arn: child.arn,
      state: { value: child.state.value, timestamp: timestampText(child.state.transitionedAt) },
    }));
}

/** Whether a composite alarm depends on itself. */
function reaches(
  alarm: CompositeAlarm,
  goal: string,
  book: AlarmBook,
  seen: Set<string> = new Set(),
): boolean {
  return alarmsOf(alarm.rule).some((name) => {
    const child = book.find(name);
    if (child?.type !== 'composite' || seen.has(child.name)) return false;
    seen.add(child.name);
    return child.name === goal || reaches(child, goal, book, seen);
  });
}

/** `Thursday 10 November, 2022 12:36:52 UTC`. */
function longTime(at: number): string {
  const date = new Date(at);
  const part = (options: Intl.DateTimeFormatOptions): string =>
    date.toLocaleDateString('en-US', { ...options, timeZone: 'UTC' });
  const day = String(date.getUTCDate()).padStart(2, '0');
  const time = date.toISOString().slice(11, 19);
  const [weekday, month] = [part({ weekday: 'long' }), part({ month: 'long' })];
  return `${weekday} ${day} ${month}, ${date.getUTCFullYear()} ${time} UTC`;
}
