/**
 * When a recurring scheduled action ran last: cron expressions of five fields, in a time zone.
 * Written here because the core imports nothing, and because the libraries answer when an
 * expression runs next, which would have to be asked once for every run of a long deployment.
 * Not for: checking expressions; AWS took them when the action was made. The region reads them too,
 * in code of its own: a look-alike that shared this file would share its mistakes.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
 */
import type { IsoInstant } from './units.ts';

/** First and last value of each field, and names for its values from the first on. */
const FIELDS = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  {
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { min: 0, max: 6, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
] as const;

type Field = (typeof FIELDS)[number];

const MINUTE_MILLISECONDS = 60_000;
const DAY_MILLISECONDS = 86_400_000;

/** All zones change their clocks at a full quarter of an hour, so an offset holds for as long. */
const QUARTER_MILLISECONDS = 15 * MINUTE_MILLISECONDS;

/** Days that are looked through; a deployment may take 365 days, as long as its execution. */
const SEARCH_DAYS_MAX = 367;

/**
 * The last time after `from`, and not after `to`, at which a recurrence came due; undefined when
 * it did not, or when the expression or its zone cannot be read.
 * @example lastRun({ recurrence: '0 18 * * *' }, monday, tuesday) // Monday 18:00 UTC
 */
export function lastRun(
  schedule: { readonly recurrence: string; readonly timeZone?: string },
  from: IsoInstant,
  to: IsoInstant,
): IsoInstant | undefined {
  const times = readTimes(schedule.recurrence);
  const offset = offsetIn(schedule.timeZone ?? 'UTC');
  if (!times || !offset) return undefined;
  const end = Date.parse(to);
  const lastDay = Math.floor((end + offset(end)) / DAY_MILLISECONDS);
  const begin = Date.parse(from);
  const firstDay = Math.floor((begin + offset(begin)) / DAY_MILLISECONDS);
  for (let day = lastDay; day >= Math.max(firstDay, lastDay - SEARCH_DAYS_MAX); day -= 1) {
    if (!times.isDay(new Date(day * DAY_MILLISECONDS))) continue;
    const runs = times.minutesOfDay
      .map((minute) => toInstant(day * DAY_MILLISECONDS + minute * MINUTE_MILLISECONDS, offset))
      .filter((at) => at > begin && at <= end);
    if (runs.length > 0) return new Date(Math.max(...runs)).toISOString();
  }
  return undefined;
}

interface Times {
  readonly isDay: (date: Date) => boolean;
  readonly minutesOfDay: readonly number[];
}

function readTimes(recurrence: string): Times | undefined {
  const parts = recurrence.trim().split(/\s+/);
  const fields = FIELDS.map((field, index) => readField(parts[index] ?? '', field));
  const [minutes, hours, days, months, weekdays] = fields;
  if (parts.length !== FIELDS.length) return undefined;
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  // As in every cron: where both days are restricted, either of them is enough.
  const isEither = parts[2] !== '*' && parts[4] !== '*';
  const isDay = (date: Date): boolean => {
    const onDay = days.has(date.getUTCDate());
    const onWeekday = weekdays.has(date.getUTCDay());
    if (!months.has(date.getUTCMonth() + 1)) return false;
    return isEither ? onDay || onWeekday : onDay && onWeekday;
  };
  const minutesOfDay = [...hours].flatMap((hour) =>
    [...minutes].map((minute) => hour * 60 + minute),
  );
  return { isDay, minutesOfDay };
}

/** The values of a field: lists of values, ranges and steps; undefined when it has others. */
function readField(text: string, field: Field): ReadonlySet<number> | undefined {
  const parts = text.split(',').map((part) => readPart(part, field));
  const isRead = parts.every((part) => part !== undefined);
  return isRead ? new Set(parts.flat()) : undefined;
}

function readPart(text: string, field: Field): readonly number[] | undefined {
  const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(text) ?? [];
  const [first = '', last = first] =
    range === '*' ? [`${field.min}`, `${field.max}`] : range.split('-');
  const [from, to] = [readNumber(first, field), readNumber(last, field)];
  if (from === undefined || to === undefined || from > to || Number(step) < 1) return undefined;
  const count = Math.floor((to - from) / Number(step)) + 1;
  return Array.from({ length: count }, (_, index) => from + index * Number(step));
}

function readNumber(text: string, { min, max, names }: Field): number | undefined {
  const named = (names as readonly string[]).indexOf(text.toUpperCase());
  if (named >= 0) return named + min;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

/** A time of a zone's own clocks as a moment; of an hour that a clock skips, the one before. */
function toInstant(local: number, offset: (at: number) => number): number {
  return local - offset(local - offset(local));
}

/** How far a zone's clocks are ahead of UTC, in milliseconds; undefined for an unknown zone. */
function offsetIn(timeZone: string): ((at: number) => number) | undefined {
  const format = formatIn(timeZone);
  if (!format) return undefined;
  const known = new Map<number, number>();
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MILLISECONDS) * QUARTER_MILLISECONDS;
    const offset = known.get(quarter) ?? readOffset(format, quarter);
    known.set(quarter, offset);
    return offset;
  };
}

/** @param at a full minute, epoch milliseconds */
function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const parts = format.formatToParts(at).map(({ type, value }) => [type, Number(value)]);
  const part = Object.fromEntries(parts) as Readonly<Record<string, number>>;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute) - at;
}

function formatIn(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    // A zone that the platform does not know: the action is passed over rather than run at noon.
    return undefined;
  }
}
