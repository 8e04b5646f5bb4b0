/**
 * Time as discrete events: it stands still while anybody works and jumps to the next scheduled
 * task when nobody does. A ten-day bake takes as long as the work in it.
 * Not for: clients that expect time to pass by itself. It moves only inside `runUntil`.
 */
import type { Cancel, Clock } from './clock.ts';
import { createEventQueue, type Entry, type EventQueue } from './event-queue.ts';

/** A clock that whoever awaits something winds forward; between two calls it stands still. */
export interface VirtualClock extends Clock {
  readonly speed: 'virtual';
  /**
   * Lets time move until `done` settles, and answers as it does.
   * @throws VirtualTimeExhausted when nothing is scheduled any more, or `limit` region
   * milliseconds have passed, and `done` is still pending
   */
  runUntil<T>(done: Promise<T>, options?: { limitMilliseconds?: number }): Promise<T>;
}

/** Nothing that is scheduled can bring about what is awaited. */
export class VirtualTimeExhausted extends Error {
  override readonly name = 'VirtualTimeExhausted';
}

/** Turns of the event loop without any new work, after which nobody can be about to work. */
const QUIET_TURNS = 3;

/** Region milliseconds that one `runUntil` may take unless told: 400 days. */
const DEFAULT_LIMIT_MILLISECONDS = 400 * 24 * 3_600_000;

/** Starts a clock at `start` epoch milliseconds. */
export function createVirtualClock(options: { start: number }): VirtualClock {
  const queue = createEventQueue();
  const flow: Flow = { time: options.start, order: 0, busy: 0, failures: [] };
  const now = (): number => flow.time;
  const schedule = (at: number, task: Entry['task']): Cancel => {
    const entry = { at: Math.max(at, flow.time), order: flow.order, task, isRemoved: false };
    flow.order += 1;
    queue.add(entry);
    return () => {
      entry.isRemoved = true;
    };
  };
  return {
    speed: 'virtual',
    now,
    schedule,
    sleep: (milliseconds, signal) => sleepOn({ schedule, now }, milliseconds, signal),
    work: (run) => counted(flow, 1, run),
    idle: (run) => (flow.busy > 0 ? counted(flow, -1, run) : run()),
    stop: () => queue.clear(),
    runUntil: (done, limits = {}) => runUntil(flow, queue, done, limits.limitMilliseconds),
  };
}

/** The clock's own state. */
interface Flow {
  time: number;
  order: number;
  /** Work that takes real time and is not settled. */
  busy: number;
  readonly failures: Error[];
}

async function counted<T>(flow: Flow, change: 1 | -1, run: () => Promise<T>): Promise<T> {
  flow.busy += change;
  try {
    return await run();
  } finally {
    flow.busy -= change;
  }
}

async function runUntil<T>(
  flow: Flow,
  queue: EventQueue,
  done: Promise<T>,
  limitMilliseconds = DEFAULT_LIMIT_MILLISECONDS,
): Promise<T> {
  const until = flow.time + limitMilliseconds;
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  done.then(settle, settle);
  while (true) {
    await quiet(() => isSettled || flow.failures.length > 0);
    const [failure] = flow.failures;
    if (failure) throw failure;
    if (isSettled) return done;
    if (flow.busy > 0) continue;
    const entry = queue.takeFirst();
    if (!entry) throw exhausted(flow, 'nothing else is scheduled.');
    if (entry.at > until) {
      queue.add(entry);
      throw exhausted(flow, 'the limit was reached.');
    }
    runTask(flow, entry);
  }
}

/**
 * Begins a task. It is no work by itself: one that awaits region time would wait for ever if time
 * stood still until it had ended.
 */
function runTask(flow: Flow, entry: Entry): void {
  flow.time = entry.at;
  const outcome = entry.task();
  if (!(outcome instanceof Promise)) return;
  outcome.catch((error: unknown) => {
    flow.failures.push(error instanceof Error ? error : new Error(String(error)));
  });
}

function exhausted(flow: Flow, why: string): VirtualTimeExhausted {
  const until = new Date(flow.time).toISOString();
  return new VirtualTimeExhausted(
    `Waited until ${until} and what was awaited had not happened; ${why}`,
  );
}

/** A promise that a clock's schedule settles; shared with the clock that runs by itself. */
export function sleepOn(
  clock: Pick<Clock, 'schedule' | 'now'>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.schedule(clock.now() + milliseconds, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

async function quiet(over: () => boolean): Promise<void> {
  for (let turn = 0; turn < QUIET_TURNS && !over(); turn += 1) {
    await new Promise(setImmediate);
  }
}
