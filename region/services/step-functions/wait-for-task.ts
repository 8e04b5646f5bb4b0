/**
 * What comes first for a task that was started: its answer, a word by its token, or a timeout.
 * Not for: what the state does about it.
 */
import type { Cancel, Clock } from '../../kernel/clock.ts';
import type { Json, JsonObject } from './json.ts';
import type { Response } from './lambda-task.ts';
import type { OpenToken } from './task-tokens.ts';

/** How a task ended. */
export type TaskOutcome =
  | { readonly type: 'succeeded'; readonly output: Json }
  | { readonly type: 'failed'; readonly error?: string; readonly cause?: string }
  | { readonly type: 'timedOut'; readonly missed: 'heartbeat' | 'end' };

/** Everything that may end a task's wait. */
export interface TaskWait {
  readonly clock: Clock;
  /** The invocation under way. Nobody stops it: a function outlives the task that started it. */
  readonly response: Promise<Response>;
  /** Missing for a task that ends with the function's answer. */
  readonly token?: OpenToken;
  /** Seconds; missing means no limit. */
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  /** Aborts when the execution is over, and with it the wait. */
  readonly signal: AbortSignal;
  /** Called when a token's task has its function's answer and goes on waiting. */
  onSubmitted(output: JsonObject): void;
}

/** Takes the place of a timer that was never set. */
const noTimer: Cancel = () => undefined;

/** Waits. Rejects when the execution is over. */
export function waitForTask(wait: TaskWait): Promise<TaskOutcome> {
  const { clock, signal, token } = wait;
  return new Promise((resolve, reject) => {
    let isOver = false;
    let cancelHeartbeat: Cancel = noTimer;

    const end = (settle: () => void): void => {
      if (isOver) return;
      isOver = true;
      cancelTimeout();
      cancelHeartbeat();
      token?.close();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const finish = (outcome: TaskOutcome): void => end(() => resolve(outcome));
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    const after = (seconds: number | undefined, missed: 'heartbeat' | 'end'): Cancel =>
      seconds === undefined
        ? noTimer
        : clock.schedule(clock.now() + seconds * 1000, () => finish({ type: 'timedOut', missed }));
    const beat = (): void => {
      cancelHeartbeat();
      cancelHeartbeat = after(wait.heartbeatSeconds, 'heartbeat');
    };

    const cancelTimeout = after(wait.timeoutSeconds, 'end');
    beat();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    token?.listen((said) => (said.type === 'heartbeat' ? beat() : finish(said)));
    wait.response
      .then((response) => {
        if (isOver) return;
        if (token && response.type === 'succeeded') wait.onSubmitted(response.output);
        else finish(response);
      })
      .catch((error: unknown) => end(() => reject(error)));
  });
}
