/**
 * What every file owes its reader: a name in kebab-case, a header, a docstring on each export, a
 * length one can read, and no loose ends.
 * Not for: format and grammar of code, which formatter and linter hold.
 */
import type { Source, Text } from './source.ts';

/** Longest file outside `test`, in lines. */
const LINES_MAX = 300;

/** Folders whose files are read from the outside and therefore documented. */
const DOCUMENTED = /^(?:shared|functions|region|cli|scripts|bench)\//;

/** Names that tools or readers expect in capitals or with dots. */
const GIVEN_NAMES =
  /^(?:\.[a-z.-]+|README\.md|LICENSE|CONTRIBUTING\.md|CHANGELOG\.md|SECURITY\.md|deploy\.asl\.json|teal\.schema\.json)$/;

const KEBAB_NAME = /^_?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|contract|config|bench|d))?\.[a-z0-9]+$/;

/** A file name that is not kebab-case. */
export function misnamed({ path: file }: Text): readonly string[] {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (GIVEN_NAMES.test(name) || KEBAB_NAME.test(name) || name === 'run') return [];
  return [`${file} is not named in kebab-case`];
}

/** A file outside `test` that is too long to be read at once. */
export function tooLong({ path: file, text }: Source): readonly string[] {
  if (file.startsWith('test/')) return [];
  const lines = text.trimEnd().split('\n').length;
  return lines > LINES_MAX ? [`${file} has ${lines} lines; ${LINES_MAX} is the most`] : [];
}

/** A documented file that does not begin with a header. */
export function headless(source: Source): readonly string[] {
  if (!DOCUMENTED.test(source.path) || headerOf(source) !== undefined) return [];
  return [`${source.path} has no header that says what it is for`];
}

/** Exports without a docstring of their own directly before them. */
export function undocumentedExports(source: Source): readonly string[] {
  if (!DOCUMENTED.test(source.path)) return [];
  const { text, tree } = source;
  const header = headerOf(source);
  const ends = new Set(
    tree.comments
      .filter(({ type, value }) => type === 'Block' && value.startsWith('*'))
      .filter((comment) => comment !== header)
      .map(({ end }) => end),
  );
  return tree.module.staticExports
    .filter(({ start }) => !ends.has(text.slice(0, start).trimEnd().length))
    .filter(({ start, end }) => !isExplainedElsewhere(text.slice(start, end)))
    .flatMap(({ entries }) => entries)
    .filter(({ moduleRequest }) => moduleRequest === null)
    .map(({ exportName }) => `${source.path} exports ${exportName.name} without a docstring`);
}

/** AWS's own word, and the type that a schema next to it documents. */
function isExplainedElsewhere(statement: string): boolean {
  return /^export const handler\b|^export type \w+ = z\.infer</.test(statement);
}

function headerOf({ text, tree }: Source): Source['tree']['comments'][number] | undefined {
  // In plain JavaScript the parser counts the interpreter's line among the comments.
  const first = tree.comments.find(({ start }) => start > 0 || !text.startsWith('#!'));
  if (first === undefined || first.type !== 'Block' || !first.value.startsWith('*'))
    return undefined;
  return text.slice(0, first.start).replace(/^#!.*/, '').trim() === '' ? first : undefined;
}

interface LooseEnd {
  readonly pattern: RegExp;
  readonly what: string;
}

/** Spelt with one letter in brackets, because this file is read by its own rule. */
const LOOSE_ENDS: readonly LooseEnd[] = [
  { pattern: /\b(?:TOD[O]|FIXM[E]|XX[X])\b/, what: 'a loose end' },
  {
    pattern: /(?<![\w.~-])\/(?:hom[e]|roo[t]|tm[p]|User[s]|wor[k])\//,
    what: 'a path of one machine',
  },
  {
    pattern: /\bregistr[y]\.[a-z0-9-]+\.[a-z]+|"resolve[d]": "http/,
    what: 'the host of a package registry',
  },
];

/** Loose ends, and names of things that exist on one machine only. */
export function looseEnds({ path: file, text }: Text): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      LOOSE_ENDS.filter(({ pattern }) => pattern.test(line)).map(
        ({ what }) => `${file}:${index + 1} has ${what}: ${line.trim().slice(0, 80)}`,
      ),
    );
}
