/**
 * Copies and compares members of AWS's shapes as their ledger says.
 * Not for: what is rewritten; each shape has a file of its own for that.
 */
import type { MemberLedger } from '../../core/clone/treatment.ts';

/** Longest text of a value in a difference; enough to recognize it by. */
const TEXT_LENGTH_MAX = 160;

/** Names of a ledger's copied members. */
type CopiedMember<Ledger> = {
  [Member in keyof Ledger]: Ledger[Member] extends { readonly type: 'copied' } ? Member : never;
}[keyof Ledger];

/** Says whether AWS was ever told a value: what was never set is described as empty. */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (value instanceof Date || typeof value !== 'object') return true;
  return Array.isArray(value) ? value.length > 0 : Object.values(value).some(isSet);
}

/** The copied members that are set. Empty ones are not sent: AWS describes them but takes none. */
export function copyMembers<Shape extends object, Ledger extends MemberLedger>(
  ledger: Ledger,
  blue: Shape,
): Pick<Shape, keyof Shape & CopiedMember<Ledger>> {
  const copied = Object.entries(blue).filter(
    ([member, value]) => ledger[member]?.type === 'copied' && isSet(value),
  );
  return Object.fromEntries(copied) as Pick<Shape, keyof Shape & CopiedMember<Ledger>>;
}

/** Says whether two values are the same; what is empty is the same as what is missing. */
export function isSame(left: unknown, right: unknown): boolean {
  return normalize(left) === normalize(right);
}

/**
 * Says whether `found` has everything that `wanted` has; members that AWS adds, such as the name
 * of a launch template next to its id, do not count.
 */
export function hasWanted(wanted: unknown, found: unknown): boolean {
  if (!isPlainObject(wanted)) {
    if (!Array.isArray(wanted)) return isSame(wanted, found);
    const others: readonly unknown[] = Array.isArray(found) ? found : [];
    return (
      wanted.length === others.length &&
      wanted.every((value, index) => hasWanted(value, others[index]))
    );
  }
  const members = isPlainObject(found) ? found : {};
  return Object.entries(wanted).every(([member, value]) => hasWanted(value, members[member]));
}

/** A value as short text, for a difference; `nothing` where it is empty. */
export function showValue(value: unknown): string {
  const text = normalize(value);
  if (text === undefined) return 'nothing';
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX - 1)}…` : text;
}

/** JSON text with sorted keys and without what is empty. */
function normalize(value: unknown): string | undefined {
  if (!isSet(value)) return undefined;
  return JSON.stringify(value, (_key, member: unknown) => {
    if (!isPlainObject(member)) return member;
    const entries = Object.entries(member).filter(([, inner]) => isSet(inner));
    return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)));
  });
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
