/** The documents that are made from the code say what the code says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeDocuments } from '../../scripts/documents.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

it.each(Object.entries(makeDocuments()))('%s is what `npm run docs` makes', (file, text) => {
  const kept = readFileSync(path.join(ROOT, file), 'utf8');
  expect(kept === text, `${file} is not up to date: npm run docs`).toBe(true);
});
