/**
 * XML answers of the Query protocols.
 */
import type { Shape } from './model.ts';
import { toBytes, toDate, toText } from './value.ts';

/** Characters that XML text may not hold as they are; a parser would alter or refuse them. */
const SPECIAL = /[<>&"'\r\u0085\u2028]/g;

/** Text as XML may carry it. */
export function escapeXml(text: string): string {
  return text.replace(SPECIAL, (character) => `&#${character.charCodeAt(0)};`);
}

/** An element with text or other elements inside. */
export function element(tag: string, inside: string): string {
  return `<${tag}>${inside}</${tag}>`;
}

/** The elements of a structure's members, without an element around them. */
export function writeMembers(shape: Shape, value: unknown): string {
  if (!shape.isStructSchema()) return '';
  let text = '';
  for (const [name, member] of shape.structIterator()) {
    const item = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (item !== undefined && item !== null) {
      text += writeXml(member, item, member.getMergedTraits().xmlName ?? name);
    }
  }
  return text;
}

function writeXml(shape: Shape, value: unknown, tag: string): string {
  if (shape.isStructSchema()) return element(tag, writeMembers(shape, value));
  if (shape.isListSchema()) return writeList(shape, value as readonly unknown[], tag);
  if (shape.isMapSchema()) return writeMap(shape, value as Record<string, unknown>, tag);
  return element(tag, escapeXml(leafText(shape, value)));
}

function writeList(shape: Shape, items: readonly unknown[], tag: string): string {
  const item = shape.getValueSchema();
  if (shape.getMergedTraits().xmlFlattened) {
    return items.map((value) => writeXml(item, value, tag)).join('');
  }
  const itemTag = item.getMergedTraits().xmlName ?? 'member';
  return element(tag, items.map((value) => writeXml(item, value, itemTag)).join(''));
}

function writeMap(shape: Shape, entries: Readonly<Record<string, unknown>>, tag: string): string {
  const key = shape.getKeySchema();
  const value = shape.getValueSchema();
  const flat = Boolean(shape.getMergedTraits().xmlFlattened);
  const inside = Object.entries(entries).map(([name, item]) =>
    element(
      flat ? tag : 'entry',
      writeXml(key, name, key.getMergedTraits().xmlName ?? 'key') +
        writeXml(value, item, value.getMergedTraits().xmlName ?? 'value'),
    ),
  );
  return flat ? inside.join('') : element(tag, inside.join(''));
}

function leafText(shape: Shape, value: unknown): string {
  if (shape.isTimestampSchema()) return toDate(value).toISOString();
  if (shape.isBlobSchema()) return Buffer.from(toBytes(value)).toString('base64');
  return toText(value);
}
