/**
 * Compares what AWS says of green with what blue, written for green, should be.
 * Not for: reading either.
 */
import { COMPARED_LEDGERS, type ComparedShape } from '../../core/clone/ledgers.ts';
import type { CloneDifference } from '../../core/clone/report.ts';
import type { MemberLedger } from '../../core/clone/treatment.ts';
import { hasWanted, isSame, showValue } from './members.ts';

type Members = Readonly<Record<string, unknown>>;

/** Members whose values may be secret, so that a difference tells of them but not what they are. */
const UNTOLD_MEMBERS: ReadonlySet<string> = new Set(['UserData']);

/** One thing of both fleets. */
export interface Pairing {
  /** Such as `policy cpu`. */
  readonly of: string;
  /** As AWS describes blue's. */
  readonly blue: object;
  /** The request that made green's; only its rewritten members are looked at. */
  readonly wanted: object;
  /** As AWS describes green's. */
  readonly found: object;
}

/**
 * The members in which green's thing is not what it should be: copied ones against blue itself,
 * rewritten ones against what was written. Copied members are compared with blue and not with what
 * was sent, so that one that was forgotten shows.
 */
export function compareMembers(shape: ComparedShape, pairing: Pairing): readonly CloneDifference[] {
  const ledger: MemberLedger = COMPARED_LEDGERS[shape];
  const { of } = pairing;
  const [blue, wanted, found] = [pairing.blue, pairing.wanted, pairing.found] as Members[];
  return Object.entries(ledger).flatMap(([member, { type }]) => {
    const value = found?.[member];
    const [isRight, expected] =
      type === 'copied'
        ? [isSame(blue?.[member], value), blue?.[member]]
        : [
            !isRewritten(type, member, wanted) || hasWanted(wanted?.[member], value),
            wanted?.[member],
          ];
    return isRight ? [] : [toDifference({ shape, member, of, expected, found: value })];
  });
}

function isRewritten(type: string, member: string, wanted: Members | undefined): boolean {
  return type === 'rewritten' && wanted?.[member] !== undefined;
}

/** Things of one shape that both fleets have, by a key. */
export interface Listing<Blue, Found> {
  readonly shape: ComparedShape;
  /** The member that tells things of this shape apart. */
  readonly keyMember: string;
  /** What one of them is called, before its key. */
  readonly noun: string;
  /** What blue has, under the key that green's should have, with the request for it. */
  readonly blue: ReadonlyMap<string, { readonly described: Blue; readonly wanted: object }>;
  readonly found: ReadonlyMap<string, Found>;
}

/** What green lacks, what it has too much, and what differs in the things of one shape. */
export function compareLists<Blue extends object, Found extends object>(
  listing: Listing<Blue, Found>,
): readonly CloneDifference[] {
  const { shape, keyMember: member, noun, blue, found } = listing;
  const different = [...blue].flatMap(([key, { described, wanted }]) => {
    const of = `${noun} ${key}`;
    const green = found.get(key);
    if (!green) return [toDifference({ shape, member, of, expected: key, found: undefined })];
    return compareMembers(shape, { of, blue: described, wanted, found: green });
  });
  const extra = [...found.keys()]
    .filter((key) => !blue.has(key))
    .map((key) =>
      toDifference({ shape, member, of: `${noun} ${key}`, expected: undefined, found: key }),
    );
  return [...different, ...extra];
}

function toDifference(facts: {
  readonly shape: ComparedShape;
  readonly member: string;
  readonly of: string;
  readonly expected: unknown;
  readonly found: unknown;
}): CloneDifference {
  const { shape, member, of } = facts;
  const isUntold = UNTOLD_MEMBERS.has(member);
  return {
    name: `${shape}.${member}`,
    of,
    expected: isUntold ? "blue's" : showValue(facts.expected),
    found: isUntold ? 'something else' : showValue(facts.found),
  };
}
