/**
 * The region's time inside an execution environment: `Date` tells it, and the `setTimeout` of
 * `node:timers/promises` waits in it.
 * Not for: the global `setTimeout`, `performance.now()` and sockets, which stay real so that a
 * client's network timeouts do not shrink when the region runs fast.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** Handles that are no work in progress: the port to the region, and timers. */
const PASSIVE_RESOURCES = new Set(['MessagePort', 'Immediate', 'Timeout']);

/** Turns of the event loop without work in progress, after which only region time is awaited. */
const QUIET_TURNS = 3;

/** Real milliseconds between two looks at whether the work in progress has ended. */
const LOOK_AGAIN_MILLISECONDS = 1;

/**
 * Takes over `Date` and the promise timers of this thread.
 * @param {import('./worker-protocol.ts').TimeAnchor} start
 * @param {(message: import('./worker-protocol.ts').FromWorker) => void} post
 */
export function installRegionTime(start, post) {
  let anchor = start;
  const now = () => {
    if (anchor.speed === 'virtual') return anchor.now;
    const passed = Number(process.hrtime.bigint() - anchor.mark) / 1e6;
    return Math.round(anchor.now + passed * anchor.speed);
  };
  replaceDate(now);
  const sleeps = createSleeps(post, () => anchor.speed === 'virtual');
  timers.setTimeout = sleeps.sleep;
  timers.scheduler.wait = (milliseconds, options) => sleeps.sleep(milliseconds, undefined, options);
  syncBuiltinESMExports();
  return {
    now,
    set: (next) => {
      anchor = next;
    },
    wake: sleeps.wake,
  };
}

function replaceDate(now) {
  const RealDate = globalThis.Date;
  RealDate.now = now;
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget),
  });
}

function createSleeps(post, isVirtual) {
  const waiting = new Map();
  const realSetTimeout = globalThis.setTimeout;
  let lastId = 0;
  let wakes = 0;
  let looking = false;

  /** Says when nothing but region time is awaited, so that virtual time may move. */
  const reportQuiet = async () => {
    if (!isVirtual() || looking) return;
    looking = true;
    let quietTurns = 0;
    while (waiting.size > 0 && quietTurns < QUIET_TURNS) {
      // oxlint-disable-next-line no-await-in-loop -- the turns have to follow each other
      await new Promise(setImmediate);
      const working = process.getActiveResourcesInfo().some((kind) => !PASSIVE_RESOURCES.has(kind));
      quietTurns = working ? 0 : quietTurns + 1;
      // oxlint-disable-next-line no-await-in-loop -- the next look is later
      if (working) await new Promise((done) => realSetTimeout(done, LOOK_AGAIN_MILLISECONDS));
    }
    looking = false;
    if (waiting.size > 0) post({ type: 'quiet', wakes });
  };

  const sleep = (milliseconds = 1, value, { signal } = {}) =>
    new Promise((resolve, reject) => {
      const id = (lastId += 1);
      const onAbort = () => {
        if (waiting.delete(id)) post({ type: 'cancelSleep', id });
        reject(aborted(signal));
      };
      if (signal?.aborted) {
        reject(aborted(signal));
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      waiting.set(id, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(value);
      });
      post({ type: 'sleep', id, milliseconds: milliseconds >= 1 ? milliseconds : 1 });
      void reportQuiet();
    });

  const wake = (id) => {
    wakes += 1;
    const resolve = waiting.get(id);
    waiting.delete(id);
    resolve?.();
    if (waiting.size > 0) void reportQuiet();
  };

  return { sleep, wake };
}

function aborted(signal) {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}
