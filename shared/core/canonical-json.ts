/**
 * Values as texts that are the same for the same value.
 */

/** JSON in which the keys of every object are sorted; undefined where there is no value. */
export function toCanonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
