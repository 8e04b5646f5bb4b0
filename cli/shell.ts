/**
 * What a command needs besides its words: where it writes, how it ends, and how it reaches the API.
 * A test has its own.
 */
import type { ApiClient } from './api-client.ts';
import type { ApiOptions } from './api-options.ts';
import type { Screen } from './terminal/picture.ts';

/** The process around a command. */
export interface Shell {
  /** Standard output, a text at a time. */
  readonly out: (text: string) => void;
  /** Standard error, a text at a time. */
  readonly err: (text: string) => void;
  /** Standard output as a screen that something may move on. */
  readonly screen: Screen;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets the exit status, which is 0 where nobody says another. */
  readonly done: (status: number) => void;
  readonly open: (options: ApiOptions) => ApiClient;
  readonly clock: ShellClock;
  /** Calls back at Ctrl-C and its like until the answer is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Calls back when the screen gets another size, until the answer is called. */
  readonly onResize: (listener: () => void) => () => void;
}

/** Time as a command waits for it. */
export interface ShellClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @throws AbortError when the signal aborts first */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Exit statuses of commands that wait for the end of a deployment, and of all others. */
export const EXIT = { succeeded: 0, failed: 1, usage: 2, rolledBack: 3, interrupted: 130 } as const;

/** What `--help` says of them. */
export const EXIT_HELP = `
Exit status: 0 succeeded, 1 failed or refused, 2 usage, 3 rolled back, 130 interrupted.`;
