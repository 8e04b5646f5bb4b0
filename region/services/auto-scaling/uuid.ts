/** Ids in the form of a UUID, from the region's seed. */
import type { Kernel } from '../../kernel/kernel.ts';

/** A new id such as `4f2b1c9e-…`. */
export function uuid(kernel: Kernel): string {
  return [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
}
