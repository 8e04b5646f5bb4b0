/**
 * Reads XML of requests into trees and trees into values: elements and text, without attributes.
 * Not for: document type declarations, which no client of AWS sends and which are refused.
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { Shape } from './model.ts';

/** One element. */
export interface XmlNode {
  readonly tag: string;
  readonly children: readonly XmlNode[];
  /** The text between the tags, with its entities resolved. */
  readonly text: string;
}

/** Elements inside elements; deeper than any input that AWS models. */
const DEPTH_LIMIT = 64;

/** What the parts of XML look like: comments and the prologue, tags, and text between them. */
const TOKEN =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<(\/?)([\w:.-]+)([^<>]*?)(\/?)>|([^<]+)/y;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

interface OpenNode {
  readonly tag: string;
  readonly children: XmlNode[];
  text: string;
}

/**
 * Reads one document.
 * @throws AwsError MalformedXML when it is none
 */
export function parseXml(text: string): XmlNode {
  const root: OpenNode = { tag: '', children: [], text: '' };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    const top = open.at(-1);
    if (!found || !top || open.length > DEPTH_LIMIT) throw malformed();
    const [, data, slash, name, , empty, words] = found;
    if (data !== undefined) top.text += data;
    else if (words !== undefined) top.text += unescape(words);
    else if (name !== undefined)
      take(open, top, { name, ends: slash === '/', empty: empty === '/' });
  }
  const [first] = root.children;
  if (!first || root.children.length > 1 || open.length > 1 || root.text.trim() !== '') {
    throw malformed();
  }
  return first;
}

function take(
  open: OpenNode[],
  top: OpenNode,
  { name, ends, empty }: { name: string; ends: boolean; empty: boolean },
): void {
  if (ends) {
    if (top.tag !== name || open.length < 2) throw malformed();
    open.pop();
    return;
  }
  const node: OpenNode = { tag: name, children: [], text: '' };
  top.children.push(node);
  if (!empty) open.push(node);
}

function unescape(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    return ENTITIES[entity] ?? whole;
  });
}

/**
 * Reads a value out of an element.
 * @throws AwsError MalformedXML or InvalidInput when a value has another type than its shape
 */
export function readXml(shape: Shape, node: XmlNode): unknown {
  if (shape.isStructSchema()) return readMembers(shape, node);
  if (shape.isListSchema()) return readItems(shape, node.children);
  if (shape.isMapSchema()) return readEntries(shape, node.children);
  return readLeaf(shape, node);
}

function readMembers(shape: Shape, node: XmlNode): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, member] of shape.structIterator()) {
    const { xmlName = name, xmlFlattened } = member.getMergedTraits();
    const found = node.children.filter((child) => child.tag === xmlName);
    const [first] = found;
    if (!first) continue;
    members[name] =
      xmlFlattened && member.isListSchema()
        ? found.map((child) => readXml(member.getValueSchema(), child))
        : readXml(member, first);
  }
  return members;
}

function readItems(shape: Shape, nodes: readonly XmlNode[]): unknown[] {
  const item = shape.getValueSchema();
  return nodes.map((child) => readXml(item, child));
}

function readEntries(shape: Shape, nodes: readonly XmlNode[]): Record<string, unknown> {
  const key = shape.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const value = shape.getValueSchema();
  const valueTag = value.getMergedTraits().xmlName ?? 'value';
  const entries = nodes.flatMap(({ children }) => {
    const name = children.find(({ tag }) => tag === key);
    const item = children.find(({ tag }) => tag === valueTag);
    return name && item ? [[name.text, readXml(value, item)] as const] : [];
  });
  return Object.fromEntries(entries);
}

function readLeaf(shape: Shape, { tag, text, children }: XmlNode): unknown {
  if (children.length > 0) throw malformed();
  if (shape.isBooleanSchema()) {
    const word = text.trim();
    return word === 'true' || word === 'false' ? word === 'true' : refuse(tag, text);
  }
  if (shape.isNumericSchema()) {
    const number = Number(text);
    return text.trim() === '' || Number.isNaN(number) ? refuse(tag, text) : number;
  }
  if (shape.isTimestampSchema()) {
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? refuse(tag, text) : time;
  }
  return shape.isBlobSchema() ? new Uint8Array(Buffer.from(text, 'base64')) : text;
}

function refuse(tag: string, text: string): never {
  throw new AwsError('InvalidInput', `Invalid XML ; '${text}' is not a valid value for '${tag}'.`);
}

function malformed(): AwsError {
  return new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema.',
  );
}
