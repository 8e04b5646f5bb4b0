/**
 * The time, and waiting for it.
 * Not for: measuring; nothing in Teal depends on how long a call took.
 */
import { setTimeout } from 'node:timers/promises';
import type { Timepiece } from '../ports/signals.ts';

/** Makes the clock of the machine that the function runs on. */
export function createTimepiece(): Timepiece {
  return {
    now: () => new Date(Date.now()).toISOString(),
    sleep: async (seconds) => {
      await setTimeout(seconds * 1000);
    },
  };
}
