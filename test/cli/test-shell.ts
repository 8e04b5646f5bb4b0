/** A shell for tests: everything is written down, and time passes only when somebody waits. */
import type { ApiClient } from '../../cli/api-client.ts';
import { createProgram } from '../../cli/program.ts';
import type { Shell } from '../../cli/shell.ts';

export interface TestShell extends Shell {
  /** What went to standard output, lines and picture alike. */
  readonly written: () => string;
  readonly complaints: () => string;
  readonly status: () => number | undefined;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
  /** Gives the terminal another width. */
  readonly resize: (columns: number) => void;
  readonly listeners: () => number;
  /** Milliseconds that were waited for, one wait after the other. */
  readonly waits: readonly number[];
}

/** What one request is answered; a failure is thrown. */
export type Answering = (
  method: string,
  path: string,
  body: unknown,
  key: string | undefined,
) => unknown;

const listen = (listeners: Set<() => void>) => (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Absent columns make it a log. */
export function createTestShell(
  answering: Answering,
  options: {
    readonly columns?: number;
    readonly environment?: Record<string, string>;
    readonly startAt?: string;
    /** Called whenever somebody waits. */
    readonly onWait?: (shell: TestShell) => void;
  } = {},
): TestShell {
  const { environment = { NO_COLOR: '1' } } = options;
  let out = '';
  let err = '';
  let status: number | undefined;
  let columns = options.columns;
  let now = Date.parse(options.startAt ?? '2026-01-05T09:10:00.000Z');
  const interrupts = new Set<() => void>();
  const resizes = new Set<() => void>();
  const waits: number[] = [];
  const api: ApiClient = {
    send: async (method, path, body, sent) => answering(method, path, body, sent?.idempotencyKey),
  };
  const shell: TestShell = {
    out: (text) => (out += `${text}\n`),
    err: (text) => (err += `${text}\n`),
    screen: {
      get isTTY() {
        return columns !== undefined;
      },
      get columns() {
        return columns;
      },
      rows: 40,
      write: (text) => (out += text),
    },
    environment,
    done: (given) => (status = given),
    open: () => api,
    clock: {
      now: () => now,
      sleep: async (milliseconds, signal) => {
        waits.push(milliseconds);
        now += milliseconds;
        options.onWait?.(shell);
        signal.throwIfAborted();
      },
    },
    onInterrupt: listen(interrupts),
    onResize: listen(resizes),
    written: () => out,
    complaints: () => err,
    status: () => status,
    interrupt: () => interrupts.forEach((listener) => listener()),
    resize: (given) => {
      columns = given;
      resizes.forEach((listener) => listener());
    },
    listeners: () => interrupts.size + resizes.size,
    waits,
  };
  return shell;
}

/** Runs `teal` with these words; usage errors are thrown, and said to nobody. */
export async function runTeal(shell: TestShell, ...words: readonly string[]): Promise<void> {
  const program = createProgram(shell, async () => undefined);
  const silence = {
    writeErr: () => undefined,
    writeOut: (text: string) => shell.screen.write(text),
  };
  for (const command of [program, ...program.commands]) command.configureOutput(silence);
  const local = ['completion', '__complete', 'help', 'rehearse', '--help', '--version'];
  const isLocal = local.includes(words[0] ?? '');
  const where = isLocal ? [] : ['--api', 'https://x.execute-api.eu-west-1.amazonaws.com'];
  await program.parseAsync([...words, ...where], { from: 'user' });
}
