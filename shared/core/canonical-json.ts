/**
 * Values as texts that are the same for the same value.
 */

/**
 * JSON in which the keys of every object are sorted: people who say the same say it in one way, and
 * DynamoDB does not keep the order of a map's keys.
 */
export function toCanonicalJson(value: object): string;
/** The same of any value; undefined where there is none. */
export function toCanonicalJson(value: unknown): string | undefined;
/** Carries both out. */
export function toCanonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
