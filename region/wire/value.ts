/**
 * Values of the model to and from the trees that JSON and CBOR can carry. Both formats share the
 * walk over the shapes and differ in a few leaves only.
 * Not for: forms (`form.ts`) and XML (`xml.ts`).
 */
import { AwsError } from '../kernel/aws-error.ts';
import type { Shape } from './model.ts';

/** How one format spells what JSON itself cannot. */
export interface Leaves {
  /** Undefined when the value cannot be a time. */
  readTime(value: unknown, shape: Shape): Date | undefined;
  writeTime(time: Date, shape: Shape): unknown;
  /** Undefined when the value cannot be bytes. */
  readBytes(value: unknown): Uint8Array | undefined;
  writeBytes(bytes: Uint8Array): unknown;
  /** Name of a member on the wire. */
  key(member: string, shape: Shape): string;
  writeNumber(value: number): unknown;
}

/** Numbers that JSON spells as text. */
const SPELT_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * Reads a value; null counts as missing, and members that the shape does not have are ignored.
 * @throws AwsError SerializationException when a value has another type than its shape
 */
export function readValue(shape: Shape, value: unknown, leaves: Leaves, path = ''): unknown {
  if (value === null || value === undefined) return undefined;
  if (shape.isDocumentSchema()) return value;
  if (shape.isStructSchema()) return readStructure(shape, record(value, path), leaves, path);
  if (shape.isMapSchema()) {
    return Object.fromEntries(
      Object.entries(record(value, path)).map(([key, item]) => [
        key,
        readValue(shape.getValueSchema(), item, leaves, `${path}.${key}`),
      ]),
    );
  }
  if (shape.isListSchema()) {
    if (!Array.isArray(value)) throw mismatch('a list', path);
    const items = value.map((item, index) =>
      readValue(shape.getValueSchema(), item, leaves, `${path}.${index + 1}`),
    );
    return shape.getMergedTraits().sparse ? items.map((item) => item ?? null) : items.filter(isSet);
  }
  return readLeaf(shape, value, leaves, path);
}

/** Writes a value; members that the shape does not have stay behind. */
export function writeValue(shape: Shape, value: unknown, leaves: Leaves): unknown {
  if (value === null || value === undefined) return value;
  if (shape.isDocumentSchema()) return value;
  if (shape.isStructSchema()) {
    const members: Record<string, unknown> = {};
    for (const [name, member] of shape.structIterator()) {
      const item = writeValue(member, (value as Record<string, unknown>)[name], leaves);
      if (isSet(item)) members[leaves.key(name, member)] = item;
    }
    return members;
  }
  if (shape.isMapSchema()) {
    return Object.fromEntries(
      Object.entries(value as Record<string, unknown>)
        .filter(([, item]) => isSet(item))
        .map(([key, item]) => [key, writeValue(shape.getValueSchema(), item, leaves)]),
    );
  }
  if (shape.isListSchema()) {
    return (value as readonly unknown[]).map((item) =>
      writeValue(shape.getValueSchema(), item, leaves),
    );
  }
  if (shape.isTimestampSchema()) return leaves.writeTime(toDate(value), shape);
  if (shape.isBlobSchema()) return leaves.writeBytes(toBytes(value));
  if (shape.isNumericSchema()) return leaves.writeNumber(Number(value));
  return shape.isStringSchema() ? toText(value) : value;
}

/** A time that an operation answered, which must be a Date. */
export function toDate(value: unknown): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw new TypeError(`An operation answered ${JSON.stringify(value)} where a Date belongs.`);
}

/** Text that an operation answered; numbers and truths count as text in XML. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`;
  throw new TypeError(`An operation answered ${JSON.stringify(value)} where text belongs.`);
}

/** Bytes that an operation answered; text stands for its UTF-8. */
export function toBytes(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`An operation answered ${JSON.stringify(value)} where bytes belong.`);
}

function readStructure(
  shape: Shape,
  value: Readonly<Record<string, unknown>>,
  leaves: Leaves,
  path: string,
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, member] of shape.structIterator()) {
    const at = path ? `${path}.${name}` : name;
    const item = readValue(member, value[leaves.key(name, member)], leaves, at);
    if (isSet(item)) members[name] = item;
  }
  return members;
}

function readLeaf(shape: Shape, value: unknown, leaves: Leaves, path: string): unknown {
  if (shape.isTimestampSchema()) return leaves.readTime(value, shape) ?? fault('a time', path);
  if (shape.isBlobSchema()) return leaves.readBytes(value) ?? fault('bytes', path);
  if (shape.isBooleanSchema()) {
    return typeof value === 'boolean' ? value : fault('true or false', path);
  }
  if (shape.isNumericSchema()) {
    return typeof value === 'number' ? value : (readSpelt(value) ?? fault('a number', path));
  }
  if (shape.isStringSchema()) return typeof value === 'string' ? value : fault('text', path);
  return value;
}

function readSpelt(value: unknown): number | undefined {
  return typeof value === 'string' ? SPELT_NUMBERS[value] : undefined;
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw mismatch('a structure', path);
}

function mismatch(expected: string, path: string): AwsError {
  return new AwsError('SerializationException', `Expected ${expected} at '${path || 'input'}'.`);
}

function fault(expected: string, path: string): never {
  throw mismatch(expected, path);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
