/**
 * Values that a JSON Schema takes, and values that are spoilt in one place.
 * Not for: every keyword; a schema of the API with an unknown one fails aloud.
 */
import * as fc from 'fast-check';

/** A JSON Schema, as far as the API's document uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** Longest text and list that are made of what may be long; those that are too long are mutants. */
const LENGTH_MAX = 40;
const ITEMS_MAX = 4;

/** Makes values of a schema; `named` are those that references lead to. */
export function valuesOf(
  schema: Schema,
  named: Readonly<Record<string, Schema>>,
): fc.Arbitrary<unknown> {
  const { $ref, ...beside } = schema;
  if ($ref !== undefined) {
    const target = named[$ref.split('/').at(-1) ?? ''];
    if (!target) throw new Error(`The schema refers to ${$ref}, which is not there.`);
    const required = [...(target.required ?? []), ...(beside.required ?? [])];
    return valuesOf({ ...target, ...beside, required }, named);
  }
  const kinds = schema.anyOf ?? schema.oneOf;
  if (kinds) return fc.oneof(...kinds.map((kind) => valuesOf(kind, named)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return objectsOf(schema, named);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, named), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? ITEMS_MAX, ITEMS_MAX),
      });
    case 'string':
      return stringsOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -10, max: schema.maximum ?? 1000 });
    case 'number':
      return fc.integer({ min: schema.exclusiveMinimum ?? schema.minimum ?? 0, max: 1000 });
    case 'boolean':
      return fc.boolean();
    case undefined:
    default:
      return fc.jsonValue();
  }
}

function objectsOf(
  { properties = {}, required = [] }: Schema,
  named: Readonly<Record<string, Schema>>,
): fc.Arbitrary<unknown> {
  const values = Object.entries(properties).map(([name, inner]) => [name, valuesOf(inner, named)]);
  const requiredKeys = required.filter((name) => name in properties);
  return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: requiredKeys as never[],
    noNullPrototype: true,
  });
}

function stringsOf({ pattern, minLength = 0, maxLength = LENGTH_MAX }: Schema) {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength, maxLength: Math.min(maxLength, LENGTH_MAX) });
}

/** Texts that programs trip over. */
const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\uD800',
  '\u202Eabc',
  '🟦🟩',
  '../../etc/passwd',
  "'; DROP TABLE deployments; --",
  '{{7*7}}',
  '__proto__',
  'x'.repeat(100_000),
  '9'.repeat(400),
];

/** A value that fits nowhere in particular. */
const oddities: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...ODD_TEXTS),
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, [], {}),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
  // Deeper than anything that recurses should have to go.
  fc.integer({ min: 50, max: 1000 }).map(nest),
);

function nest(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
}

/** Keys that nobody asked for, some of which objects have already. */
const oddKeys = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', ''),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** A change of one place of a value: a missing key, an additional one, or another value. */
export type Spoil = (value: unknown) => unknown;

/** Changes of values at a place that chance picks. */
export const spoils: fc.Arbitrary<Spoil> = fc
  .record({
    where: fc.array(fc.nat({ max: 20 }), { maxLength: 4 }),
    how: fc.constantFrom('replace', 'remove', 'add'),
    key: oddKeys,
    oddity: oddities,
  })
  .map(({ where, how, key, oddity }) => {
    const spoil = (value: unknown, path: readonly number[]): unknown => {
      if (typeof value !== 'object' || value === null) return oddity;
      const entries = Object.entries(value);
      const [index = 0, ...rest] = path;
      const at = entries[index % Math.max(1, entries.length)];
      if (how === 'add' && (path.length <= 1 || !at)) return withKey(value, key, oddity);
      if (!at) return oddity;
      const [name, inner] = at;
      if (path.length > 1) return withKey(value, name, spoil(inner, rest));
      return how === 'remove' ? withoutKey(value, name) : withKey(value, name, oddity);
    };
    return (value) => spoil(value, where);
  });

/** Defines the key, even where assigning it would mean something else. */
function withKey(value: object, key: string, inner: unknown): unknown {
  const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  Object.defineProperty(copy, Array.isArray(copy) && key === 'length' ? 'size' : key, {
    value: inner,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}

function withoutKey(value: object, key: string): unknown {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}
