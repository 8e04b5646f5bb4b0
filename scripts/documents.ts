/**
 * Documents that are made from the code, and where they are kept.
 * Not for: writing them (see `docs.ts`).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NO_SHELL } from '../cli/no-shell.ts';
import { createProgram } from '../cli/program.ts';
import { renderCliReference } from '../cli/reference.ts';
import { renderApiReference } from './api-reference.ts';
import { describeApi } from './openapi.ts';
import { ROOT } from './run.ts';

/** Every such document by its path in the repository. */
export function makeDocuments(): Readonly<Record<string, string>> {
  const api = describeApi(readVersion());
  return {
    'docs/openapi.json': `${JSON.stringify(api, undefined, 2)}\n`,
    'docs/reference/api.md': renderApiReference(api),
    'docs/reference/cli.md': renderCliReference(createProgram(NO_SHELL, async () => undefined)),
  };
}

function readVersion(): string {
  const text = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
