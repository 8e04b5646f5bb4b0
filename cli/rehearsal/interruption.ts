/**
 * The ways in which a rehearsal is ended from outside: signals, a reader that went away, npm that
 * was killed. All of them end it in the same orderly way.
 * Not for: the programs of instances, which the region ends.
 */

/** Signals and the exit status after them, as shells have it: 128 and the number of the signal. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Exit status when nobody reads the output any more: that of SIGPIPE, which Node.js ignores. */
const BROKEN_PIPE = 141;

/**
 * Real milliseconds in which a signal that comes again is the same one: at Ctrl-C, npm passes on
 * what the terminal has sent already.
 */
const ECHO_MILLISECONDS = 300;

/** Real milliseconds between two looks for npm. */
const PARENT_LOOK_MILLISECONDS = 500;

/** Somebody or something ended the rehearsal; the message says who. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What ends a rehearsal early. */
export interface Interruption {
  /** Aborts with an `Interrupted`, or with what was handed to `fail`. */
  readonly signal: AbortSignal;
  /** Ends the rehearsal because of a failure. */
  fail(error: unknown): void;
  /** Settles, by rejection only, when the rehearsal is to end. */
  readonly ended: Promise<never>;
  /** Stops listening; the process is the system's again. */
  close(): void;
}

/**
 * Listens until `close`. A second signal ends the process at once, and the programs of instances
 * with it; `onImpatience` is called before.
 */
export function watchInterruptions(onImpatience: () => void): Interruption {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (reason: unknown): void => controller.abort(reason);
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  // Whoever waits for it hears of it; when nobody does, it is no failure of its own.
  ended.catch(() => undefined);

  let signalledAt = Number.NEGATIVE_INFINITY;
  const onSignal = (name: keyof typeof EXIT_CODES): void => {
    const isEcho = performance.now() - signalledAt < ECHO_MILLISECONDS;
    signalledAt = performance.now();
    if (!signal.aborted) return abort(new Interrupted(`Interrupted by ${name}`, EXIT_CODES[name]));
    if (isEcho) return;
    onImpatience();
    process.exit(EXIT_CODES[name]);
  };
  const names = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
  for (const name of names) process.on(name, onSignal);

  const onBrokenPipe = (): void => {
    abort(new Interrupted('Nobody reads the output any more', BROKEN_PIPE));
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onBrokenPipe);

  const stopLooking = watchNpm(() => abort(new Interrupted('npm is gone', EXIT_CODES.SIGHUP)));
  return {
    signal,
    ended,
    fail: abort,
    close: () => {
      for (const name of names) process.off(name, onSignal);
      stopLooking();
    },
  };
}

/** Under npm, whose end nobody announces, a process that has another parent is an orphan. */
function watchNpm(onGone: () => void): () => void {
  if (process.env['npm_lifecycle_event'] !== 'start') return () => undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, PARENT_LOOK_MILLISECONDS).unref();
  return () => clearInterval(timer);
}
