/**
 * A failure inside an execution, by the error name that Retry and Catch compare, and the rules of
 * that comparison.
 * Not for: refusing an API call (see `AwsError`).
 */

/** What failed in a state: a name such as `States.Timeout` and a cause for people. */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  /** Error name; missing when a Fail state names none. */
  readonly error: string | undefined;
  /** Cause; missing where AWS gives none, as for a timeout. */
  readonly reason: string | undefined;

  constructor(options: { error?: string; reason?: string }) {
    super(`${options.error ?? 'no error name'}: ${options.reason ?? 'no cause'}`);
    this.error = options.error;
    this.reason = options.reason;
  }
}

/** Names that a heartbeat's absence answers to, the one in histories first. */
const HEARTBEAT_NAMES = ['States.Timeout', 'States.HeartbeatTimeout'] as const;

/** The failure of a task that sent no heartbeat in time. */
export class HeartbeatError extends StatesError {
  constructor() {
    super({ error: HEARTBEAT_NAMES[0] });
  }
}

/** Errors that a wildcard never matches. */
const TERMINAL_ERRORS: ReadonlySet<string> = new Set([
  'States.Runtime',
  'States.DataLimitExceeded',
]);

/**
 * Whether a list of error names matches a failure. `States.Runtime` is matched by nothing;
 * `States.DataLimitExceeded` by its own name alone; `States.TaskFailed` by everything but a
 * timeout. A missing heartbeat is a `States.Timeout` that also answers to
 * `States.HeartbeatTimeout`.
 *
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matchesError(names: readonly string[], failure: StatesError): boolean {
  const error = failure.error ?? '';
  if (error === 'States.Runtime') return false;
  const own: readonly string[] = failure instanceof HeartbeatError ? HEARTBEAT_NAMES : [error];
  if (names.some((name) => own.includes(name))) return true;
  if (TERMINAL_ERRORS.has(error)) return false;
  if (names.includes('States.ALL')) return true;
  return names.includes('States.TaskFailed') && error !== 'States.Timeout';
}

/** The name under which a catcher sees a failure. */
export function caughtName(names: readonly string[], failure: StatesError): string {
  const isNamed = failure instanceof HeartbeatError && names.includes(HEARTBEAT_NAMES[1]);
  return isNamed ? HEARTBEAT_NAMES[1] : (failure.error ?? '');
}
