/** The table of traps names tests that exist. */
import { expect, it } from 'vitest';
import { readTexts } from './source.ts';

const texts = new Map(readTexts().map(({ path, text }) => [path, text]));

/** A test as the table names it: the file below `test/`, and one title or several in quotes. */
const NAMED = /`([\w./-]+)`: “([^”]+)”/g;

it('the table of traps names tests that exist', () => {
  const named = [...(texts.get('docs/traps.md') ?? '').matchAll(NAMED)];
  expect(named.length).toBeGreaterThan(20);
  const missing = named.filter(([, file = '', title = '']) => {
    const text = texts.get(`test/${file}.test.ts`) ?? texts.get(`test/${file}.ts`) ?? '';
    return !text.replaceAll(String.raw`\'`, "'").includes(title);
  });
  expect(missing.map(([words]) => words)).toEqual([]);
});
