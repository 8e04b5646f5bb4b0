/**
 * The region's chance: a stream of numbers that one seed determines to the last.
 * Not for: secrets.
 */

/** A generator of numbers in [0, 1) from a 32-bit seed (the `mulberry32` recurrence). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lower-case hex digits from a generator, for resource ids. */
export function createHex(random: () => number): (digits: number) => string {
  return (digits) => {
    let text = '';
    while (text.length < digits) text += Math.floor(random() * 16).toString(16);
    return text;
  };
}
