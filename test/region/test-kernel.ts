/**
 * A kernel for tests of single services: time and chance are real ones of the region's, and what
 * services tell goes nowhere unless a test listens.
 * Not for: tests of the whole region, which has a kernel of its own.
 */
import { createHex, createRandom } from '../../region/kernel/chance.ts';
import type { Clock } from '../../region/kernel/clock.ts';
import type { Kernel } from '../../region/kernel/kernel.ts';

/**
 * Runs on a clock, with a seed of the test's choice; `own` are the outlets that it listens to and the
 * quotas that it lowers.
 */
export function createTestKernel(
  clock: Clock,
  {
    seed = 7,
    ...own
  }: { seed?: number } & Partial<Pick<Kernel, 'emit' | 'measure' | 'log' | 'quotas'>> = {},
): Kernel {
  const random = createRandom(seed);
  return {
    clock,
    random,
    hex: createHex(random),
    emit: () => undefined,
    measure: () => undefined,
    log: () => undefined,
    ...own,
  };
}
