/**
 * What a rehearsal can be told, what it does when it is told nothing, and what it refuses.
 */
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../whole-number.ts';

/** Everything about a rehearsal that a person can choose, checked and with defaults filled in. */
export interface RehearsalOptions {
  /** Shell commands that serve HTTP on `PORT`. */
  readonly blue: string;
  readonly green: string;
  /** The release that has to be caught; absent when there is none. */
  readonly broken?: string;
  /** Path of the health checks. */
  readonly healthPath: string;
  /** Path that the traffic asks for. */
  readonly path: string;
  /** Requests a second, of real time. */
  readonly rate: number;
  /** Weights of green in percent, rising; 100 follows by itself. */
  readonly steps: readonly number[];
  /** Region seconds that each weight is held. */
  readonly hold: number;
  /** Region seconds that green carries everything before blue goes; `BAKE_SECONDS_MIN` or more. */
  readonly bake: number;
  /** Errors in a region minute above which an alarm is raised. */
  readonly alarmThreshold: number;
  /** Region seconds for green to become healthy. */
  readonly greenDeadline: number;
  /** Region seconds in a real second. */
  readonly speed: number;
  readonly keep: boolean;
  readonly json: boolean;
  /** Whether the region's own log is shown. */
  readonly verbose: boolean;
}

const sample = fileURLToPath(new URL('../../examples/app.mjs', import.meta.url));

/** The application that comes with Teal, as a command. */
export function sampleCommand(version: string, errorRate = 0): string {
  const quoted = `'${sample.replaceAll("'", String.raw`'\''`)}'`;
  return `VERSION=${version} ERROR_RATE=${errorRate} exec node ${quoted}`;
}

/**
 * Shortest bake, in region seconds: alarms on one minute take so long to see anything, and Teal
 * refuses to give blue up any earlier.
 */
export const BAKE_SECONDS_MIN = 240;

/** A rehearsal that shows every phase and fits a minute; units are those of the options. */
export const DEFAULTS = {
  rate: 250,
  steps: [5, 20, 50, 80],
  hold: 60,
  bake: BAKE_SECONDS_MIN,
  greenDeadline: 300,
  speed: 30,
} as const;

/** Share of a region minute's requests that may fail before an alarm is raised, 0 to 1. */
const ALARM_SHARE = 0.04;

/** The alarm threshold that suits a rate and a speed: 4 % of the requests of a region minute. */
export function defaultAlarmThreshold({ rate, speed }: { rate: number; speed: number }): number {
  return Math.floor(ALARM_SHARE * rate * (60 / speed));
}

/** Reads rising percents such as `5,20,50`. @throws InvalidArgumentError for anything else */
export function risingPercents(text: string): number[] {
  const percents = text.split(',').map(wholeNumber(1, 100));
  if (percents.some((percent, index) => percent <= (percents[index - 1] ?? 0))) {
    throw new InvalidArgumentError('The weights must rise, such as 5,20,50.');
  }
  return percents;
}

/** Reads the path of a URL. @throws InvalidArgumentError when it does not begin with a slash */
export function urlPath(text: string): string {
  if (!/^\/[!-~]*$/.test(text)) {
    throw new InvalidArgumentError('It takes a path such as /health, without spaces.');
  }
  return text;
}

/** Reads a shell command. @throws InvalidArgumentError when it is empty */
export function shellCommand(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It takes a command; this one is empty.');
  return text;
}
