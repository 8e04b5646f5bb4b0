/** Schedules that came due while they were at rest, as their owner expects to find the group. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecurrence } from '../../region/services/auto-scaling/recurrence.ts';
import { makeUpFor, type ScheduleReading } from '../../shared/core/missed-schedules.ts';
import { lastRun } from '../../shared/core/recurrence.ts';

const SIZES = { minSize: 2, maxSize: 8, desiredCapacity: 4 };
const rest = { since: '2026-01-05T09:00:00.000Z', now: '2026-01-06T09:00:00.000Z' };

const at = (recurrence: string, sizes: object, more: object = {}): ScheduleReading => ({
  name: recurrence,
  recurrence,
  ...sizes,
  ...more,
});

describe('a group whose schedules were at rest for a day', () => {
  it('gets the size of the last schedule that came due', () => {
    const evening = at('0 18 * * *', { desiredCapacity: 3, minSize: 1 });
    const morning = at('0 7 * * *', { desiredCapacity: 6 });
    expect(makeUpFor([morning, evening], SIZES, rest)).toEqual({
      minSize: 1,
      maxSize: 8,
      desiredCapacity: 6,
    });
  });

  it('is left as it was when nothing came due', () => {
    const monthly = at('0 18 1 * *', { desiredCapacity: 3 });
    const over = at('0 18 * * *', { desiredCapacity: 3 }, { endTime: '2026-01-05T17:00:00.000Z' });
    const later = at(
      '0 18 * * *',
      { desiredCapacity: 3 },
      { startTime: '2026-01-07T00:00:00.000Z' },
    );
    expect(makeUpFor([monthly, over, later], SIZES, rest)).toBeUndefined();
    expect(makeUpFor([], SIZES, rest)).toBeUndefined();
  });

  it('gets what was to be done once, although AWS has forgotten it by now', () => {
    const once = { name: 'sale', startTime: '2026-01-05T12:00:00.000Z', minSize: 6 };
    expect(makeUpFor([once], SIZES, rest)).toEqual({ ...SIZES, minSize: 6, desiredCapacity: 6 });
    const before = { ...once, startTime: rest.since };
    expect(makeUpFor([before], SIZES, rest)).toBeUndefined();
  });

  it('passes over a schedule that contradicts the sizes, as AWS does', () => {
    const tooMany = at('0 18 * * *', { minSize: 9 });
    expect(makeUpFor([tooMany], SIZES, rest)).toEqual(SIZES);
  });

  it('goes by the clocks of the time zone that the schedule names', () => {
    const evening = { recurrence: '0 23 * * *', timeZone: 'America/New_York' };
    expect(lastRun(evening, rest.since, rest.now)).toBe('2026-01-06T04:00:00.000Z');
    const unknown = { recurrence: '0 23 * * *', timeZone: 'Mars/Base' };
    expect(lastRun(unknown, rest.since, rest.now)).toBeUndefined();
  });
});

const MINUTE = 60_000;
const START = Date.parse('2026-03-20T00:00:00Z');

/** Fields of a cron expression: all, a value, a list, a range, a step. */
function field(min: number, max: number) {
  const value = fc.integer({ min, max });
  return fc.oneof(
    fc.constant('*'),
    value.map(String),
    fc.tuple(value, value).map(([a, b]) => `${a},${b}`),
    fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`),
  );
}

it('comes due when AWS would have carried it out, whatever the expression and the zone', () => {
  const recurrence = fc
    .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
    .map((fields) => fields.join(' '));
  const timeZone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata');
  const minutes = fc.integer({ min: 1, max: 20 * 1440 });
  fc.assert(
    fc.property(recurrence, timeZone, minutes, minutes, (expression, zone, begin, length) => {
      const since = START + begin * MINUTE;
      const now = since + length * MINUTE;
      const next = readRecurrence(expression, zone);
      const found = lastRun(
        { recurrence: expression, timeZone: zone },
        new Date(since).toISOString(),
        new Date(now).toISOString(),
      );
      // The region says when an expression runs next: nothing may come between what was found
      // and now, and what was found is what comes after the moment before it.
      if (found === undefined) return (next?.(since) ?? Infinity) > now;
      const time = Date.parse(found);
      return next?.(time - 1) === time && (next?.(time) ?? Infinity) > now;
    }),
  );
});
