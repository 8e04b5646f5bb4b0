/**
 * `teal.yml` as a file: read with the line and the column of whatever is wrong, and written with
 * what a person should know beside it.
 * Not for: which keys there are (see `core/service-definition.ts`).
 */
import { readFile } from 'node:fs/promises';
import {
  Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml';
import type { DefinitionDraft } from '../shared/core/draft-definition.ts';
import { SpecRefused } from '../shared/core/errors.ts';
import type { SpecIssue } from '../shared/core/parse-strictly.ts';
import type { ServiceDefinition } from '../shared/core/spec.ts';
import { parseTealFile } from '../shared/core/teal-file.ts';
import { SCHEMA_FILE, TealFileRefused } from './definition-file.ts';
import { sayComplaint } from './definition-complaints.ts';
import { wrap } from './terminal/layout.ts';

/** Letters of a line of a comment, without what it is set off by. */
const COMMENT_WIDTH = 90;

/**
 * Reads the definitions of a file, in its order.
 * @throws TealFileRefused with file, line and column of everything that is wrong
 */
export async function readTealFile(file: string): Promise<readonly ServiceDefinition[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const because = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TealFileRefused(
      `Tried to read ${file}; the answer was ${because}. Name another file with --file, or write one with teal init.`,
      { cause: error },
    );
  });
  return parseTealText(text, file);
}

/**
 * Reads the definitions of a text; `file` is what messages call it.
 * @throws TealFileRefused with file, line and column of everything that is wrong
 */
export function parseTealText(text: string, file: string): readonly ServiceDefinition[] {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const options = { lineCounter: lines, prettyErrors: false, merge: true };
  const document = parseDocument(text, options);
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw refuse(
      file,
      faults.map(({ pos, code, message }) =>
        code === 'MULTIPLE_DOCS'
          ? `${place(pos[0])}: the file has more than one document; put all services into one`
          : `${place(pos[0])}: ${message}`,
      ),
    );
  }
  if (document.contents === null || isNothing(document.contents)) {
    throw refuse(file, [`${file}: the file is empty; teal init drafts one from a group.`]);
  }
  const unnamed = findUnnameable(document);
  if (unnamed.length > 0) {
    throw refuse(
      file,
      unnamed.map((offset) => `${place(offset)}: nothing can be called ${UNNAMEABLE}`),
    );
  }
  try {
    return parseTealFile(document.toJS());
  } catch (error) {
    if (error instanceof SpecRefused) {
      const issues = error.facts['issues'] as readonly SpecIssue[];
      const complaints = issues
        .map((issue) => ({ ...issue, offset: offsetOf(document.contents, partsOf(issue)) }))
        .toSorted((one, other) => one.offset - other.offset)
        .map(
          ({ path, message, offset }) =>
            `${place(offset)}: ${path ? `${path}: ` : ''}${sayComplaint(message)}`,
        );
      throw refuse(file, complaints);
    }
    // How the parser says that an alias stands for nothing, or for too much.
    if (error instanceof ReferenceError) throw refuse(file, [`${file}: ${error.message}`]);
    throw error;
  }
}

/** A key that JavaScript keeps for itself, so that it would be lost without a word. */
const UNNAMEABLE = '__proto__';

/** Where such keys stand. */
function findUnnameable(document: Document.Parsed): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === UNNAMEABLE) offsets.push(key.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null;
}

function refuse(file: string, complaints: readonly string[]): TealFileRefused {
  return new TealFileRefused(
    `${complaints.join('\n')}\n${file} was refused. Correct it and try again; nothing was changed.`,
  );
}

/** The parts of a JSON pointer. */
function partsOf({ pointer }: SpecIssue): readonly string[] {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Where a key or an item begins; where there is none, what it should have been in. */
function offsetOf(node: ParsedNode | null, [part, ...rest]: readonly string[]): number {
  const start = node?.range[0] ?? 0;
  if (part === undefined) return start;
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const pair = node.items.find(({ key }) => String(key) === part);
    if (!pair) return start;
    const at = pair.key.range[0];
    return rest.length > 0 && pair.value ? offsetIn(pair.value, rest, at) : at;
  }
  if (isSeq<ParsedNode>(node)) {
    const item = node.items[Number(part)];
    return isNode(item) ? offsetOf(item, rest) : start;
  }
  return start;
}

/** A key that is missing in an object is told at the object's own key, which a reader looks for. */
function offsetIn(value: ParsedNode, parts: readonly string[], at: number): number {
  const offset = offsetOf(value, parts);
  return offset === value.range[0] && isMap(value) && !hasKey(value, parts[0]) ? at : offset;
}

function hasKey(node: ParsedNode, key: string | undefined): boolean {
  return isMap(node) && node.items.some((pair) => String(pair.key) === key);
}

/**
 * A draft as a file: the notes as comments, and the line by which editors find the schema where it
 * is written beside the file.
 */
export function renderTealFile(
  { definition, notes }: DefinitionDraft,
  { hasSchema }: { readonly hasSchema: boolean },
): string {
  const { service, ...body } = definition;
  const document = new Document({ services: { [service]: body } });
  const schema = hasSchema ? [`yaml-language-server: $schema=./${SCHEMA_FILE}`, ''] : [];
  const told = notes.flatMap((note) => {
    const [first = '', ...others] = wrap(note, COMMENT_WIDTH);
    return [`- ${first}`, ...others.map((line) => `  ${line}`)];
  });
  const head = [
    ...schema,
    `Drafted by teal init from Auto Scaling group ${body.autoScalingGroupName}; read it before you apply it.`,
    ...told,
  ];
  document.commentBefore = head.map((line) => (line === '' ? '' : ` ${line}`)).join('\n');
  return document.toString({ lineWidth: 0 });
}
