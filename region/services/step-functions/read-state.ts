/**
 * From the JSON of a state that was checked to the state that runs.
 * Not for: checking; what comes here has passed `checkState`.
 */
import type { Catcher, ChoiceRule, Result, Retrier, State, Template } from './definition.ts';
import { LAMBDA_INVOKE_TOKEN } from './field-rules.ts';

/** Defaults of a retrier. @source https://states-language.net/spec.html#errors */
const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_BACKOFF_RATE = 2;

/** A state as it is written; every field was checked, so each has the type named here. */
interface Written {
  readonly Type: State['type'];
  readonly Next?: string;
  readonly Resource?: string;
  readonly Arguments?: Template;
  readonly TimeoutSeconds?: number | string;
  readonly HeartbeatSeconds?: number | string;
  readonly Retry?: readonly WrittenRetrier[];
  readonly Catch?: readonly (WrittenResult & { ErrorEquals: string[]; Next: string })[];
  readonly Choices?: readonly (WrittenResult & { Condition: string | boolean; Next: string })[];
  readonly Default?: string;
  readonly Seconds?: number | string;
  readonly Timestamp?: string;
  readonly Error?: string;
  readonly Cause?: string;
}

interface WrittenResult {
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
}

interface WrittenRetrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** Reads a checked state. */
export function readState(value: unknown): State {
  const written = value as Written & WrittenResult;
  const common = { ...result(written), ...present({ next: written.Next }) };
  switch (written.Type) {
    case 'Task':
      return {
        type: 'Task',
        ...common,
        waitsForToken: written.Resource === LAMBDA_INVOKE_TOKEN,
        ...present({
          arguments: written.Arguments,
          timeoutSeconds: written.TimeoutSeconds,
          heartbeatSeconds: written.HeartbeatSeconds,
        }),
        retry: (written.Retry ?? []).map(retrier),
        catch: (written.Catch ?? []).map(catcher),
      };
    case 'Choice':
      return {
        type: 'Choice',
        ...result(written),
        choices: (written.Choices ?? []).map(choice),
        ...present({ default: written.Default }),
      };
    case 'Wait':
      return {
        type: 'Wait',
        ...common,
        ...present({ seconds: written.Seconds, timestamp: written.Timestamp }),
      };
    case 'Pass':
      return { type: 'Pass', ...common };
    case 'Succeed':
      return { type: 'Succeed', ...result(written) };
    case 'Fail':
      return { type: 'Fail', ...present({ error: written.Error, cause: written.Cause }) };
  }
}

function result(written: WrittenResult): Result {
  return present({ output: written.Output, assign: written.Assign });
}

function retrier(written: WrittenRetrier): Retrier {
  return {
    errorEquals: written.ErrorEquals,
    intervalSeconds: written.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS,
    maxAttempts: written.MaxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    backoffRate: written.BackoffRate ?? DEFAULT_BACKOFF_RATE,
    ...present({ maxDelaySeconds: written.MaxDelaySeconds }),
    hasFullJitter: written.JitterStrategy === 'FULL',
  };
}

function catcher(written: WrittenResult & { ErrorEquals: string[]; Next: string }): Catcher {
  return { ...result(written), errorEquals: written.ErrorEquals, next: written.Next };
}

function choice(
  written: WrittenResult & { Condition: string | boolean; Next: string },
): ChoiceRule {
  return { ...result(written), condition: written.Condition, next: written.Next };
}

/** The members that are there, so that a missing one stays missing. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
