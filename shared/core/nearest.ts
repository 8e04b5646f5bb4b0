/**
 * Which known word somebody probably meant.
 */

/** Edits that a word of this many letters may be away from what was meant: one in three. */
const LETTERS_PER_EDIT = 3;

/** Letters that say which word was begun. */
const BEGINNING_LETTERS_MIN = 4;

/** Longest word that is compared; whatever is longer is no slip of a key. */
const WORD_LETTERS_MAX = 64;

/**
 * The nearest of some words, by letters to add, drop, replace or swap; capitals do not count. A word
 * that was only begun is near, too. Undefined where none is.
 * @example nearestOf('alarm', ['alarms', 'retain']) // 'alarms'
 */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  if (word.length > WORD_LETTERS_MAX) return undefined;
  const asked = word.toLowerCase();
  const limit = Math.max(1, Math.floor(word.length / LETTERS_PER_EDIT));
  const near = known
    .map((one) => ({ one, edits: distance(asked, one.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit);
  return near.toSorted((a, b) => a.edits - b.edits)[0]?.one;
}

function distance(asked: string, known: string): number {
  const isBegun = asked.length >= BEGINNING_LETTERS_MIN && known.startsWith(asked);
  return isBegun ? 1 : countEdits(asked, known);
}

/**
 * Edits between two words, a swap of neighbours being one.
 * @source https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance
 */
function countEdits(from: string, to: string): number {
  let [older, old]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const replaced = (old[j - 1] ?? 0) + (isSame ? 0 : 1);
      const swapped = isSwap ? (older[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    [older, old] = [old, row];
  }
  return old[to.length] ?? 0;
}
