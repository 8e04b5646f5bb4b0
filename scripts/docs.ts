/**
 * `npm run docs`: writes the documents that are made from the code; a test tells when one of them
 * is not up to date.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeDefinitionDocuments } from './definition-documents.ts';
import { makeDocuments } from './documents.ts';
import { ROOT } from './run.ts';

const documents = [...Object.entries(makeDocuments()), ...(await makeDefinitionDocuments())];
for (const [file, text] of documents) {
  mkdirSync(path.dirname(path.join(ROOT, file)), { recursive: true });
  writeFileSync(path.join(ROOT, file), text);
  console.log(`Wrote ${file}.`);
}
