/**
 * Time that passes by itself: as fast as on the wall, or a whole number of times faster.
 * Not for: repeatable runs; see `virtual-clock.ts`.
 */
import type { Cancel, Clock } from './clock.ts';
import { sleepOn } from './virtual-clock.ts';

/** Longest delay a Node.js timer keeps, in milliseconds; a longer one would fire at once. */
const TIMER_LIMIT_MILLISECONDS = 2 ** 31 - 1;

/**
 * Starts a clock that runs `speed` region seconds in a real second (1 to 1000).
 * @throws RangeError when the speed is outside that range
 */
export function createRealClock(options: {
  speed: number;
  /** What to do with a failure of a scheduled task; it is a defect of the region. */
  onFailure: (error: unknown) => void;
}): Clock {
  const { speed, onFailure } = options;
  if (!(speed >= 1 && speed <= 1000)) {
    throw new RangeError(`A region runs at a speed from 1 to 1000, not ${speed}.`);
  }
  const startedAt = Date.now();
  const startedMark = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const now = (): number => startedAt + (performance.now() - startedMark) * speed;

  const schedule = (at: number, task: () => void | Promise<void>): Cancel => {
    let timer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      if (timer) timers.delete(timer);
      clearTimeout(timer);
    };
    const arm = (): void => {
      if (stopped) return;
      const delay = Math.max(0, (at - now()) / speed);
      timer = setTimeout(fire, Math.min(delay, TIMER_LIMIT_MILLISECONDS));
      timers.add(timer);
    };
    const fire = (): void => {
      cancel();
      // A long delay was cut to what a timer keeps, and timers may fire a little early.
      if (now() < at) return arm();
      Promise.resolve().then(task).catch(onFailure);
    };
    arm();
    return cancel;
  };

  return {
    speed,
    now: () => Math.round(now()),
    schedule,
    sleep: (milliseconds, signal) => sleepOn({ schedule, now }, milliseconds, signal),
    work: (run) => run(),
    idle: (run) => run(),
    stop: () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
