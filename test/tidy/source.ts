/**
 * Source files as the tidy rules see them: path, text and syntax tree.
 * Not for: the rules themselves.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import type { ParseResult } from 'oxc-parser';

/** The repository's folder. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** Folders that are made, not written. */
const MADE = new Set(['.git', '.serverless', 'coverage', 'dist', 'node_modules']);

/** A file's extensions that hold text of ours. */
const TEXT = /\.(?:ts|mts|mjs|js|json|yml|yaml|md|html|css|sh|run)$|\/run$|^\.[a-z]+[a-z.]*$/;

/** A text file; `path` is relative to the repository and has forward slashes. */
export interface Text {
  readonly path: string;
  readonly text: string;
}

/** A parsed module. */
export interface Source extends Text {
  readonly tree: ParseResult;
}

/** Parses a module under a path of choice; rules are tested on sources made this way. */
export function toSource(file: string, text: string): Source {
  return { path: file, text, tree: parseSync(file, text) };
}

/** Every text file of the repository that somebody wrote, sorted by path. */
export function readTexts(): readonly Text[] {
  return filesUnder('')
    .filter((file) => TEXT.test(file))
    .map((file) => ({ path: file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
}

/** Those of the texts that are modules, parsed. */
export function toSources(texts: readonly Text[]): readonly Source[] {
  return texts
    .filter(({ path: file }) => /\.(?:ts|mjs)$/.test(file))
    .map(({ path: file, text }) => toSource(file, text));
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .flatMap((entry) => {
      const inside = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(inside) : [inside];
    })
    .sort();
}
