/**
 * What is wrong with the values of an input, by the public model of its service, in the words of
 * the validator that most services of AWS share.
 * Not for: which error a service makes of it (`input-check.ts`), nor rules between members.
 */
import { constraintTable } from './constraint-table.ts';
import type { ServiceConstraints, ShapeConstraints } from './constraint-table.ts';
import type { ServiceName } from '../kernel/service.ts';

/** One value that breaks its constraint. */
export interface Violation {
  /** Names of members, and for items their number from 1 and `member`. */
  readonly path: readonly string[];
  /** The value as a refusal repeats it; absent where it must not. */
  readonly shown?: string;
  /** Such as `Member must have length less than or equal to 32`. */
  readonly constraint: string;
  /** The values that would have been right, for an enumeration. */
  readonly kind: 'bounds' | 'length' | 'pattern' | 'enumeration';
}

type Shapes = ServiceConstraints['shapes'];
type Found = Pick<Violation, 'constraint' | 'kind'>;

/** Every violation of an operation's input, in the order of the model. */
export function findViolations(
  service: ServiceName,
  operation: string,
  input: unknown,
): readonly Violation[] {
  const { operations, shapes } = constraintTable[service];
  const name = operations[operation];
  return name ? [...violationsIn(shapes, name, input, [])] : [];
}

function* violationsIn(
  shapes: Shapes,
  name: string,
  value: unknown,
  path: readonly string[],
): Iterable<Violation> {
  const shape = shapes[name];
  if (!shape || value === undefined || value === null || isOpaque(value)) return;
  for (const found of ownViolations(shape, value)) {
    yield { ...found, path, ...(!shape.sensitive && { shown: show(value) }) };
  }
  if (typeof value !== 'object') return;
  if (shape.members) yield* memberViolations(shapes, shape.members, value, path);
  const [form, inner, items] = Array.isArray(value)
    ? (['Member', shape.items, value] as const)
    : (['Map value', shape.mapped, Object.values(value)] as const);
  yield* innerViolations(shapes, { form, inner, items, value, path });
  const keys = { form: 'Map keys', inner: shape.keys, items: Object.keys(value), value, path };
  if (shape.keys !== undefined) yield* innerViolations(shapes, keys);
}

function* memberViolations(
  shapes: Shapes,
  members: Readonly<Record<string, string>>,
  value: object,
  path: readonly string[],
): Iterable<Violation> {
  for (const [key, inner] of Object.entries(members)) {
    const item = (value as Readonly<Record<string, unknown>>)[key];
    yield* violationsIn(shapes, inner, item, [...path, key]);
  }
}

/** Plain items are reported together, at their list; structures each at their own place. */
function* innerViolations(
  shapes: Shapes,
  given: {
    readonly form: string;
    readonly inner: string | undefined;
    readonly items: readonly unknown[];
    readonly value: object;
    readonly path: readonly string[];
  },
): Iterable<Violation> {
  const { form, inner, items, value, path } = given;
  const shape = inner === undefined ? undefined : shapes[inner];
  if (inner === undefined || !shape) return;
  const plain = items.filter((item) => typeof item !== 'object');
  const found = plain.flatMap((item) => ownViolations(shape, item))[0];
  if (found) {
    const constraint = `${form} must satisfy constraint: [${rulesOf(shape).join(', ')}]`;
    yield { kind: found.kind, path, constraint, ...(!shape.sensitive && { shown: show(value) }) };
  }
  for (const [index, item] of items.entries()) {
    if (typeof item !== 'object') continue;
    yield* violationsIn(shapes, inner, item, [...path, `${index + 1}`, 'member']);
  }
}

function ownViolations(shape: ShapeConstraints, value: unknown): readonly Found[] {
  if (typeof value === 'number') return outside(shape, value, 'bounds');
  if (typeof value === 'string') {
    return [
      ...outside(shape, value.length, 'length'),
      ...(shape.pattern !== undefined && !matches(shape.pattern, value)
        ? [{ kind: 'pattern' as const, constraint: patternRule(shape.pattern) }]
        : []),
      ...(shape.values && !shape.values.includes(value)
        ? [{ kind: 'enumeration' as const, constraint: enumRule(shape.values) }]
        : []),
    ];
  }
  if (Array.isArray(value)) return outside(shape, value.length, 'length');
  return typeof value === 'object' && value !== null && !shape.members
    ? outside(shape, Object.keys(value).length, 'length')
    : [];
}

function outside(shape: ShapeConstraints, size: number, kind: 'bounds' | 'length'): Found[] {
  const { min, max } = shape;
  if (max !== undefined && size > max) return [{ kind, constraint: maxRule(max, kind) }];
  if (min !== undefined && size < min) return [{ kind, constraint: minRule(min, kind) }];
  return [];
}

const quantity = (kind: 'bounds' | 'length'): string => (kind === 'bounds' ? 'value' : 'length');
const maxRule = (max: number, kind: 'bounds' | 'length'): string =>
  `Member must have ${quantity(kind)} less than or equal to ${max}`;
const minRule = (min: number, kind: 'bounds' | 'length'): string =>
  `Member must have ${quantity(kind)} greater than or equal to ${min}`;
const patternRule = (pattern: string): string =>
  `Member must satisfy regular expression pattern: ${pattern}`;
const enumRule = (values: readonly string[]): string =>
  `Member must satisfy enum value set: [${values.join(', ')}]`;

/** All constraints of the text that a list or a map holds. */
function rulesOf({ min, max, pattern, values }: ShapeConstraints): readonly string[] {
  return [
    ...(max === undefined ? [] : [maxRule(max, 'length')]),
    ...(min === undefined ? [] : [minRule(min, 'length')]),
    ...(pattern === undefined ? [] : [patternRule(pattern)]),
    ...(values ? [enumRule(values)] : []),
  ];
}

const compiled = new Map<string, RegExp>();

/** Whether the whole of a text matches a pattern of the models, which are Java's. */
function matches(pattern: string, text: string): boolean {
  const known = compiled.get(pattern) ?? compile(pattern);
  compiled.set(pattern, known);
  return known.test(text);
}

/** Most patterns know characters beyond 16 bits; some are only correct in the older dialect. */
function compile(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new RegExp(`^(?:${pattern})$`);
  }
}

const isOpaque = (value: unknown): boolean => value instanceof Date || value instanceof Uint8Array;

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, item]) => `${key}=${show(item)}`);
  return `{${pairs.join(', ')}}`;
}
