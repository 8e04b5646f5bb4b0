/**
 * Cursors: where the next page of a list begins, as text that a client hands back unread. A cursor
 * carries what it was made for, so that it cannot be used for another list by mistake.
 * Not for: secrets; a cursor names places in lists that its holder may read anyway.
 */
import { SpecRefused } from '../errors.ts';

/** Longest cursor that is read, in characters; those that are made are far shorter. */
const CURSOR_LENGTH_MAX = 2000;

/** Longest place in a list; a sort key of DynamoDB may have 1024 bytes. */
const PLACE_LENGTH_MAX = 300;

const ISSUE = { path: 'cursor', pointer: '/cursor', message: 'is no cursor of this list' };

/** Writes a cursor: `list` says what it is for, filters included, `place` what came last. */
export function toCursor(list: string, place: string): string {
  // Percent signs first: what follows takes single bytes only.
  const text = btoa(encodeURIComponent(JSON.stringify([list, place])));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Reads a cursor back, and answers the place.
 * @throws SpecRefused for text that is no cursor, or one of another list
 */
export function parseCursor(list: string, cursor: string): string {
  const [madeFor, place] = decode(cursor);
  const isPlace = typeof place === 'string' && place !== '' && place.length <= PLACE_LENGTH_MAX;
  if (madeFor === list && isPlace) return place;
  throw new SpecRefused(
    madeFor === undefined
      ? 'The cursor was refused: it is none of those that a list answers as nextCursor.'
      : 'The cursor was refused: it belongs to a list with other filters; begin again without it.',
    { facts: { issues: [ISSUE] } },
  );
}

function decode(cursor: string): readonly unknown[] {
  if (cursor.length > CURSOR_LENGTH_MAX) return [];
  try {
    const text = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const value: unknown = JSON.parse(decodeURIComponent(text));
    return Array.isArray(value) && typeof value[0] === 'string' ? value : [];
  } catch {
    // Whatever is wrong with it, it is no cursor.
    return [];
  }
}
