/**
 * Recurrences of scheduled actions: cron expressions of five fields, in a time zone.
 * Not for: EventBridge's expressions of six fields, which number days differently. Teal's core reads
 * the same expressions backwards, in code of its own: the region imports nothing of what it judges.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/scheduled-scaling-recurring-schedule.html
 */

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly [Field, Field, Field, Field, Field] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  {
    min: 1,
    max: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { min: 0, max: 6, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
];

const MINUTE_MILLISECONDS = 60_000;
const HOUR_MILLISECONDS = 60 * MINUTE_MILLISECONDS;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;
/** No zone changes its clocks but at a full quarter of an hour. */
const QUARTER_MILLISECONDS = 15 * MINUTE_MILLISECONDS;
/** Days that are looked through for the next run: eight years, the longest way to a leap day. */
const SEARCH_DAYS = 8 * 366 + 1;

/** The first run after a moment, both epoch milliseconds; undefined when there is none. */
export type Recurrence = (after: number) => number | undefined;

/** Reads a recurrence; undefined when AWS would not accept it. An unknown zone is one reason. */
export function readRecurrence(text: string, timeZone = 'UTC'): Recurrence | undefined {
  const parts = text.trim().split(/\s+/);
  const offset = offsetIn(timeZone);
  if (parts.length !== FIELDS.length || !offset) return undefined;
  const [minutes, hours, days, months, weekdays] = FIELDS.map((field, index) =>
    readField(parts[index] ?? '', field),
  );
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  // As in every cron: where both days are restricted, either of them is enough.
  const either = parts[2] !== '*' && parts[4] !== '*';
  const isDay = (date: Date): boolean => {
    const onDay = days.includes(date.getUTCDate());
    const onWeekday = weekdays.includes(date.getUTCDay());
    if (!months.includes(date.getUTCMonth() + 1)) return false;
    return either ? onDay || onWeekday : onDay && onWeekday;
  };
  return (after) => nextRun(after, { isDay, hours, minutes, offset });
}

/** Days and hours are those of the zone's own clocks; only the result is a moment. */
function nextRun(
  after: number,
  when: {
    readonly isDay: (date: Date) => boolean;
    readonly hours: readonly number[];
    readonly minutes: readonly number[];
    readonly offset: (at: number) => number;
  },
): number | undefined {
  const { isDay, hours, minutes, offset } = when;
  const midnight = Math.floor((after + offset(after)) / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  for (let day = 0; day < SEARCH_DAYS; day += 1) {
    const start = midnight + day * DAY_MILLISECONDS;
    if (!isDay(new Date(start))) continue;
    for (const hour of hours) {
      for (const minute of minutes) {
        const local = start + hour * HOUR_MILLISECONDS + minute * MINUTE_MILLISECONDS;
        const at = local - offset(local - offset(local));
        if (at > after) return at;
      }
    }
  }
  return undefined;
}

/** How far a zone's clocks are ahead of UTC, in milliseconds; undefined for an unknown zone. */
function offsetIn(timeZone: string): ((at: number) => number) | undefined {
  if (timeZone === 'UTC' || timeZone === 'Etc/UTC') return () => 0;
  const format = formatIn(timeZone);
  if (!format) return undefined;
  const known = new Map<number, number>();
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MILLISECONDS) * QUARTER_MILLISECONDS;
    const offset = known.get(quarter) ?? offsetAt(format, quarter);
    known.set(quarter, offset);
    return offset;
  };
}

function offsetAt(format: Intl.DateTimeFormat, at: number): number {
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const [year, month, day] = [part('year'), part('month') - 1, part('day')];
  return Date.UTC(year, month, day, part('hour'), part('minute')) - at;
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
    // The platform knows the same zones as AWS: those of the IANA database.
    return undefined;
  }
}

/** The numbers of a field in ascending order: lists of values, ranges and steps. */
function readField(text: string, field: Field): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const read = readPart(part, field);
    if (!read) return undefined;
    for (const number of read) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

function readPart(text: string, field: Field): readonly number[] | undefined {
  const [range = '', stepText = '1', ...rest] = text.split('/');
  const step = Number(/^\d{1,2}$/.exec(stepText)?.[0]);
  if (rest.length > 0 || !(step >= 1)) return undefined;
  const [fromText = '', toText] = range.split('-');
  const isAll = range === '*';
  const from = isAll ? field.min : readNumber(fromText, field);
  const to = isAll ? field.max : toText === undefined ? from : readNumber(toText, field);
  if (from === undefined || to === undefined || from > to) return undefined;
  const count = Math.floor((to - from) / step) + 1;
  return Array.from({ length: count }, (_, index) => from + index * step);
}

function readNumber(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + field.min;
  if (!/^\d{1,2}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= field.min && number <= field.max ? number : undefined;
}
