/**
 * The waits in region time of one execution environment, and when they let virtual time move.
 * Not for: waiting in real time.
 */
import type { Clock } from '../../kernel/clock.ts';

/** Keeps track of waits; `wake` is called when one is over. */
export function createRegionSleeps(clock: Clock, wake: (id: number) => void) {
  const waits = new Map<number, AbortController>();
  let wakes = 0;
  let endIdle: (() => void) | undefined;

  const work = (): void => {
    endIdle?.();
    endIdle = undefined;
  };

  const start = (id: number, milliseconds: number): void => {
    const controller = new AbortController();
    waits.set(id, controller);
    clock.sleep(milliseconds, controller.signal).then(
      () => {
        if (!waits.delete(id)) return;
        work();
        wakes += 1;
        wake(id);
      },
      () => undefined, // Aborted: nobody waits any more.
    );
  };

  const cancel = (id: number): void => {
    waits.get(id)?.abort();
    waits.delete(id);
  };

  /** The code awaits nothing but region time, unless it has been woken since it said so. */
  const quiet = (wakesSeen: number): void => {
    if (wakesSeen !== wakes || waits.size === 0 || endIdle !== undefined) return;
    void clock.idle(
      () =>
        new Promise<void>((resolve) => {
          endIdle = resolve;
        }),
    );
  };

  /** Forgets every wait: a frozen environment does not wake up. */
  const clear = (): void => {
    work();
    for (const controller of waits.values()) controller.abort();
    waits.clear();
  };

  return { start, cancel, quiet, clear };
}
