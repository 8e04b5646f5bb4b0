import { describe, expect, it } from 'vitest';
import { readSchedule } from '../../region/services/eventbridge/schedules.ts';

// A Monday.
const NOW = Date.parse('2026-01-05T12:00:00Z');

/** The first three runs after a Monday noon. */
function runs(expression: string): readonly (string | undefined)[] {
  const next = readSchedule(expression);
  const found: (string | undefined)[] = [];
  let after: number | undefined = NOW;
  for (let index = 0; index < 3; index += 1) {
    after = after === undefined ? undefined : next?.(after, NOW);
    found.push(after === undefined ? undefined : new Date(after).toISOString().slice(0, 16));
  }
  return found;
}

describe('schedules', () => {
  it.each([
    ['rate(1 minute)', ['2026-01-05T12:01', '2026-01-05T12:02', '2026-01-05T12:03']],
    ['rate(2 days)', ['2026-01-07T12:00', '2026-01-09T12:00', '2026-01-11T12:00']],
    ['cron(0/20 * * * ? *)', ['2026-01-05T12:20', '2026-01-05T12:40', '2026-01-05T13:00']],
    ['cron(0 8 ? * MON-FRI *)', ['2026-01-06T08:00', '2026-01-07T08:00', '2026-01-08T08:00']],
    ['cron(15,45 12 * * ? *)', ['2026-01-05T12:15', '2026-01-05T12:45', '2026-01-06T12:15']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
    ['cron(0 0 1W * ? *)', ['2026-02-02T00:00', '2026-03-02T00:00', '2026-04-01T00:00']],
    ['cron(0 0 ? * 2#1 *)', ['2026-02-02T00:00', '2026-03-02T00:00', '2026-04-06T00:00']],
    ['cron(0 0 ? * 6L *)', ['2026-01-30T00:00', '2026-02-27T00:00', '2026-03-27T00:00']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00']],
    ['cron(0 0 1 1 ? 2027)', ['2027-01-01T00:00', undefined, undefined]],
  ])('%s runs at the right times', (expression, expected) => {
    expect(runs(expression)).toEqual(expected);
  });

  it.each([
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(5 seconds)',
    'every minute',
    'cron(0 8 * * *)',
    'cron(7 20 * * 1-7 *)',
    'cron(7 20 ? * ? *)',
    'cron(*/60 * * * ? *)',
    'cron(60 * * * ? *)',
    'cron(0 8 ? * MONDAY *)',
    'cron(0 9-8 * * ? *)',
  ])('%s is refused', (expression) => {
    expect(readSchedule(expression)).toBeUndefined();
  });
});
