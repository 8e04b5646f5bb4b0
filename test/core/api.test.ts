/** What the HTTP API's words mean, apart from who answers them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCursor, toCursor } from '../../shared/core/api/cursor.ts';
import { methodsOf } from '../../shared/core/api/operations.ts';
import { deploymentsQuerySchema, keySchema } from '../../shared/core/api/requests.ts';
import { parseStrictly } from '../../shared/core/parse-strictly.ts';

/** The place, or the name of the refusal. */
function readCursor(text: string): unknown {
  try {
    return parseCursor('services', text);
  } catch (error) {
    return (error as Error).name;
  }
}

function readQuery(query: object) {
  return parseStrictly(deploymentsQuerySchema, query, 'query');
}

function isKey(key: string): boolean {
  return keySchema.safeParse(key).success;
}

it('deployments can be listed by status, by all that have not ended, and by no other word', () => {
  expect(readQuery({ service: 'web', status: 'running' })).toMatchObject({ status: 'running' });
  expect(() => readQuery({ status: 'nonsense' })).toThrow(/status/);
});

describe('a cursor', () => {
  it('brings back the place it was made for, whatever its letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (place) => {
        const cursor = toCursor('services', place);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(parseCursor('services', cursor)).toBe(place);
      }),
    );
  });

  it('is of no use to another list', () => {
    const cursor = toCursor('deployments web ', 'there');
    expect(() => parseCursor('deployments  ', cursor)).toThrow(/belongs to a list with other/);
  });

  it('that nobody made is refused, whatever it is', () => {
    const texts = fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' }));
    fc.assert(fc.property(texts, (text) => readCursor(text) === 'SpecRefused'));
    const forged = toCursor('services', 'x'.repeat(2000));
    expect(() => parseCursor('services', forged)).toThrow(/cursor was refused/);
  });
});

describe('a path', () => {
  it('has the methods of the table, and none where it is not there', () => {
    expect(methodsOf('/deployments')).toEqual(['POST', 'GET']);
    expect(methodsOf('/services/web')).toEqual(['PUT', 'GET', 'DELETE']);
    expect(methodsOf('/deployments/web-1/abort')).toEqual(['POST']);
    expect(['/', '/deployments/', '/deployments/web-1/explode'].flatMap(methodsOf)).toEqual([]);
  });
});

describe('a query', () => {
  it('is read as words and numbers', () => {
    expect(readQuery({ service: 'web', status: 'holding', limit: '5' })).toEqual({
      service: 'web',
      status: 'holding',
      limit: 5,
    });
  });

  it.each([{ limit: '0' }, { limit: '101' }, { limit: 'all' }, { limit: '1.5' }, { limit: '' }])(
    'is refused with %j',
    (query) => {
      expect(() => readQuery(query)).toThrow(/limit/);
    },
  );

  it('is refused with a word that is nearly known, and told which is', () => {
    expect(() => readQuery({ statsu: 'holding' })).toThrow(
      /statsu: no such key; did you mean status/,
    );
    expect(() => readQuery({ status: 'succeded' })).toThrow(/succeeded/);
  });
});

it('takes a key of printable ASCII and no other', () => {
  expect(['release-42', ' ', '~'.repeat(255)].map(isKey)).toEqual([true, true, true]);
  expect(['', 'é', '\n', 'x'.repeat(256)].map(isKey)).toEqual([false, false, false, false]);
});
