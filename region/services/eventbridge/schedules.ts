/**
 * Schedule expressions: `rate(5 minutes)` and `cron(0 8 ? * MON-FRI *)`, both in UTC.
 * Not for: `at(…)` and time zones, which belong to another service.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
import { readCron } from './cron.ts';

/**
 * The time of the next run after `after` (epoch milliseconds) of a rule that has been running
 * since `since`; undefined when there is none any more.
 */
export type Schedule = (after: number, since: number) => number | undefined;

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

const RATE = /^rate\(\s*([1-9]\d*)\s+(minute|hour|day)(s?)\s*\)$/;
const CRON = /^cron\((.*)\)$/;

/** Reads a schedule expression; undefined when AWS would not accept it. */
export function readSchedule(expression: string): Schedule | undefined {
  const cron = CRON.exec(expression)?.[1];
  if (cron !== undefined) return readCron(cron);
  const rate = RATE.exec(expression);
  if (!rate) return undefined;
  const value = Number(rate[1]);
  // One is singular and everything else is plural; AWS insists.
  if ((value === 1) !== (rate[3] === '')) return undefined;
  const every = value * (UNIT_MILLISECONDS[rate[2] ?? ''] ?? 0);
  return (after, since) => since + (Math.floor((after - since) / every) + 1) * every;
}
