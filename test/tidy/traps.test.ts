/** The tables of traps and of laws name tests that exist. */
import { expect, it } from 'vitest';
import { readTexts } from './source.ts';

const texts = new Map(readTexts().map(({ path, text }) => [path, text]));

/** A test as the table names it: the file below `test/`, and one title or several in quotes. */
const NAMED = /`([\w./-]+)`: “([^”]+)”/g;

it.each([
  ['traps', 'docs/traps.md', 20],
  ['laws', 'docs/lifecycle.md', 15],
])('the table of %s names tests that exist', (_what, file, least) => {
  const named = [...(texts.get(file) ?? '').matchAll(NAMED)];
  expect(named.length).toBeGreaterThanOrEqual(least);
  const missing = named.filter(([, test = '', title = '']) => {
    const text = texts.get(`test/${test}.test.ts`) ?? texts.get(`test/${test}.ts`) ?? '';
    return !text.replaceAll(String.raw`\'`, "'").includes(title);
  });
  expect(missing.map(([words]) => words)).toEqual([]);
});
