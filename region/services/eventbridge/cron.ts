/**
 * Cron expressions of six fields: minutes, hours, day of month, month, day of week, year.
 * Not for: Unix cron; here Sunday is 1, and one of the two days is always `?`.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTES: Field = { min: 0, max: 59 };
const HOURS: Field = { min: 0, max: 23 };
const DAYS_OF_MONTH: Field = { min: 1, max: 31 };
const MONTH: Field = { min: 1, max: 12, names: MONTHS };
const DAYS_OF_WEEK: Field = { min: 1, max: 7, names: DAYS };
const YEARS: Field = { min: 1970, max: 2199 };

const MINUTE_MILLISECONDS = 60_000;
const DAY_MILLISECONDS = 86_400_000;

/** Days that are looked through for the next run: eight years, the longest way to a leap day. */
const SEARCH_DAYS = 8 * 366 + 1;

type Numbers = ReadonlySet<number>;
type DayTest = (date: Date) => boolean;

/** Reads the six fields; undefined when AWS would not accept them. */
export function readCron(text: string): ((after: number) => number | undefined) | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) return undefined;
  const [
    minuteText = '',
    hourText = '',
    dayText = '',
    monthText = '',
    weekdayText = '',
    yearText = '',
  ] = fields;
  // Exactly one of the days says "any day, the other one decides".
  if ((dayText === '?') === (weekdayText === '?')) return undefined;
  const minutes = readNumbers(minuteText, MINUTES);
  const hours = readNumbers(hourText, HOURS);
  const months = readNumbers(monthText, MONTH);
  const years = readNumbers(yearText, YEARS);
  const day = dayText === '?' ? readWeekday(weekdayText) : readDayOfMonth(dayText);
  if (!minutes || !hours || !months || !years || !day) return undefined;
  const isDay: DayTest = (date) =>
    years.has(date.getUTCFullYear()) && months.has(date.getUTCMonth() + 1) && day(date);
  return (after) => nextRun(after, { isDay, hours, minutes });
}

function nextRun(
  after: number,
  when: { isDay: DayTest; hours: Numbers; minutes: Numbers },
): number | undefined {
  const first = (Math.floor(after / MINUTE_MILLISECONDS) + 1) * MINUTE_MILLISECONDS;
  const midnight = Math.floor(first / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  for (let day = 0; day < SEARCH_DAYS; day += 1) {
    const start = midnight + day * DAY_MILLISECONDS;
    if (!when.isDay(new Date(start))) continue;
    for (const hour of when.hours) {
      for (const minute of when.minutes) {
        const at = start + (hour * 60 + minute) * MINUTE_MILLISECONDS;
        if (at >= first) return at;
      }
    }
  }
  return undefined;
}

function readDayOfMonth(text: string): DayTest | undefined {
  if (text === 'L') return (date) => date.getUTCDate() === lastDay(date);
  const weekday = /^(\d{1,2})W$/.exec(text)?.[1];
  if (weekday !== undefined) {
    const wanted = Number(weekday);
    if (wanted < 1 || wanted > 31) return undefined;
    return (date) => date.getUTCDate() === nearestWeekday(date, wanted);
  }
  const numbers = readNumbers(text, DAYS_OF_MONTH);
  return numbers && ((date) => numbers.has(date.getUTCDate()));
}

function readWeekday(text: string): DayTest | undefined {
  if (text === 'L') return (date) => date.getUTCDay() === 6;
  const last = /^(\w{1,3})L$/.exec(text)?.[1];
  const [, nthDay, nth] = /^(\w{1,3})#([1-5])$/.exec(text) ?? [];
  const named = last ?? nthDay;
  if (named === undefined) {
    const numbers = readNumbers(text, DAYS_OF_WEEK);
    return numbers && ((date) => numbers.has(date.getUTCDay() + 1));
  }
  const wanted = readNumber(named, DAYS_OF_WEEK);
  if (wanted === undefined) return undefined;
  return (date) => {
    if (date.getUTCDay() + 1 !== wanted) return false;
    const day = date.getUTCDate();
    return last === undefined ? Math.ceil(day / 7) === Number(nth) : day + 7 > lastDay(date);
  };
}

function lastDay(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The working day that is nearest to a day, without leaving its month. */
function nearestWeekday(date: Date, wanted: number): number {
  const day = Math.min(wanted, lastDay(date));
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day === 1 ? day + 2 : day - 1;
  if (weekday === 0) return day === lastDay(date) ? day - 2 : day + 1;
  return day;
}

/** The numbers of a field in ascending order: lists of values, ranges and steps. */
function readNumbers(text: string, field: Field): Numbers | undefined {
  const parts = text.split(',').map((part) => readPart(part, field));
  const numbers: number[] = [];
  for (const part of parts) {
    if (!part) return undefined;
    numbers.push(...part);
  }
  return new Set(numbers.sort((a, b) => a - b));
}

function readPart(text: string, field: Field): readonly number[] | undefined {
  const [range = '', stepText, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const step = stepText === undefined ? 1 : Number(/^\d{1,4}$/.exec(stepText)?.[0]);
  if (!(step >= 1 && step <= field.max)) return undefined;
  const bounds = readBounds(range, { field, open: stepText !== undefined });
  if (!bounds || bounds.from > bounds.to) return undefined;
  const count = Math.floor((bounds.to - bounds.from) / step) + 1;
  return Array.from({ length: count }, (_, index) => bounds.from + index * step);
}

/** A value with a step, as in `0/15`, starts there and goes on to the end of the field. */
function readBounds(
  text: string,
  { field, open }: { field: Field; open: boolean },
): { from: number; to: number } | undefined {
  if (text === '*') return { from: field.min, to: field.max };
  const [first = '', second, ...rest] = text.split('-');
  if (rest.length > 0) return undefined;
  const from = readNumber(first, field);
  const single = open ? field.max : from;
  const to = second === undefined ? single : readNumber(second, field);
  return from === undefined || to === undefined ? undefined : { from, to };
}

function readNumber(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + field.min;
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= field.min && number <= field.max ? number : undefined;
}
