/**
 * How long the region waits for code that runs on a real machine.
 * Not for: waiting itself.
 */
import type { Clock } from '../../kernel/clock.ts';

/**
 * Real milliseconds that a limit of the region leaves at the very least. A region that runs 60
 * times faster would give a 30 s function half a second, less than a slow machine needs to load
 * it; a limit is there to catch what hangs, not to measure the machine.
 */
const LEAST_REAL_MILLISECONDS = 15_000;

/** The region milliseconds that a limit means on this clock. */
export function limitOn(clock: Clock, milliseconds: number): number {
  return atLeastReal(clock, milliseconds, LEAST_REAL_MILLISECONDS);
}

/**
 * The region milliseconds that whoever invokes a function waits for it on this clock: on a fast one
 * twice what the function itself has at the very least, so that it still gives up first.
 */
export function patienceOn(clock: Clock, milliseconds: number): number {
  return atLeastReal(clock, milliseconds, 2 * LEAST_REAL_MILLISECONDS);
}

function atLeastReal({ speed }: Clock, milliseconds: number, leastReal: number): number {
  if (speed === 'virtual' || speed <= 1) return milliseconds;
  return Math.max(milliseconds, leastReal * speed);
}
