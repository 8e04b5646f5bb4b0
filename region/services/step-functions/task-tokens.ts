/**
 * Task tokens: how somebody outside says what became of a task.
 * Not for: how long a task waits (see `wait-for-task.ts`).
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Json } from './json.ts';

/** What is said about a task by its token. */
export type Signal =
  | { readonly type: 'succeeded'; readonly output: Json }
  | { readonly type: 'failed'; readonly error?: string; readonly cause?: string }
  | { readonly type: 'heartbeat' };

/** One open token. */
export interface OpenToken {
  readonly text: string;
  /** Takes what is said from now on; before that, the first final word is kept. */
  listen(listener: (signal: Signal) => void): void;
  /** Ends the token's life; whoever uses it afterwards gets `TaskTimedOut`. */
  close(): void;
}

/** Gives out tokens and brings signals to whoever waits on them. */
export interface TaskTokens {
  open(): OpenToken;
  /**
   * Passes a signal on. A final one closes the token.
   * @throws AwsError InvalidToken, TaskDoesNotExist, TaskTimedOut
   */
  signal(token: string, signal: Signal): void;
}

/** Every token starts like this, so that a text that never was one can be told apart. */
const TOKEN_PREFIX = 'AQCEAAAAKgAAAAMAAAAA';
const TOKEN_DIGITS = 160;
const TOKEN_PATTERN = new RegExp(`^${TOKEN_PREFIX}[0-9a-f]{${TOKEN_DIGITS}}$`);

/** Starts a registry without tokens. */
export function createTaskTokens(kernel: Kernel): TaskTokens {
  const tokens = new Map<string, (signal: Signal) => void>();
  const closed = new Set<string>();

  const open = (): OpenToken => {
    const text = TOKEN_PREFIX + kernel.hex(TOKEN_DIGITS);
    let listener: ((signal: Signal) => void) | undefined;
    const early: Signal[] = [];
    tokens.set(text, (signal) => {
      if (listener) listener(signal);
      else early.push(signal);
    });
    return {
      text,
      listen: (next) => {
        listener = next;
        for (const signal of early.splice(0)) next(signal);
      },
      close: () => {
        if (tokens.delete(text)) closed.add(text);
      },
    };
  };

  const signal = (token: string, what: Signal): void => {
    if (!TOKEN_PATTERN.test(token)) {
      throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    }
    const deliver = tokens.get(token);
    if (!deliver) throw noSuchTask(closed.has(token));
    if (what.type !== 'heartbeat') {
      tokens.delete(token);
      closed.add(token);
    }
    deliver(what);
  };

  return { open, signal };
}

function noSuchTask(wasKnown: boolean): AwsError {
  return wasKnown
    ? new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'")
    : new AwsError('TaskDoesNotExist', "Task does not exist: 'Provided task does not exist'");
}
