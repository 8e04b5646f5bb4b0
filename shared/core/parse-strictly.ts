/**
 * Reads what people wrote against a schema, and says of everything that is wrong where it stands,
 * what is wrong, and which known word was probably meant.
 * Not for: any schema itself.
 */
import english from 'zod/v4/locales/en.js';
import * as z from 'zod/mini';
import { SpecRefused } from './errors.ts';
import { nearestOf } from './nearest.ts';

// The small build of zod speaks no language until it is told to.
z.config(english());

/** One thing that is wrong. */
export interface SpecIssue {
  /** Keys and indexes from the top, such as `alarms.0.name`; empty for the whole. */
  readonly path: string;
  /** The same as a JSON pointer. @source https://www.rfc-editor.org/rfc/rfc6901 */
  readonly pointer: string;
  /** What is wrong, without the path. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;
type Schema = z.ZodMiniType;
type Path = readonly PropertyKey[];

/** Known words that are listed where none is near enough; a longer list says nothing. */
const KNOWN_LISTED_MAX = 12;

/** Issues that a message tells, and letters of each one's path; an input may have any number. */
const ISSUES_TOLD_MAX = 20;
const PATH_TOLD_MAX = 120;

/**
 * Reads a value.
 * @throws SpecRefused with every issue in its message, and as `facts.issues`
 */
export function parseStrictly<Output>(
  schema: z.ZodMiniType<Output>,
  value: unknown,
  what: string,
): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => explain(schema, value, issue));
  throw new SpecRefused(
    `The ${what} was refused: ${tellIssues(issues)}. Correct it and start again; nothing was changed.`,
    { facts: { issues } },
  );
}

/** The issues as one text, the first of them where there are many. */
export function tellIssues(issues: readonly SpecIssue[]): string {
  const told = issues.slice(0, ISSUES_TOLD_MAX).map(({ path, message }) => {
    const place = path.length > PATH_TOLD_MAX ? `${path.slice(0, PATH_TOLD_MAX)}…` : path;
    return place ? `${place}: ${message}` : message;
  });
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function explain(schema: Schema, value: unknown, issue: Issue): readonly SpecIssue[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, value, path);
    return issue.keys.map((key) => toIssue([...path, key], `no such key; ${suggest(key, known)}`));
  }
  if (issue.code === 'invalid_key') {
    return [toIssue(path, issue.issues[0]?.message ?? issue.message)];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Where one kind of value was clearly meant, its own complaints say more than the choice.
    const meant = issue.errors.find(isAboutKeys);
    if (meant) {
      const inner = meant.map((one) => ({ ...one, path: [...path, ...one.path] }));
      return inner.flatMap((one) => explain(schema, value, one));
    }
  }
  const given = valueAt(value, path);
  if (given === undefined && issue.code !== 'custom') return [toIssue(path, 'must be given')];
  const words = choicesOf(issue);
  const nearest = typeof given === 'string' ? nearestOf(given, words) : undefined;
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return [toIssue(path, issue.message + hint)];
}

/** Says whether complaints are about an object's keys, and so about a value that is an object. */
function isAboutKeys(issues: readonly Issue[]): boolean {
  return issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys');
}

function suggest(key: string, known: readonly string[]): string {
  if (known.length === 0) return 'none is known here';
  const nearest = nearestOf(key, known);
  if (nearest !== undefined) return `did you mean ${nearest}?`;
  const more = known.length > KNOWN_LISTED_MAX ? ', …' : '';
  return `known are ${known.slice(0, KNOWN_LISTED_MAX).join(', ')}${more}`;
}

/** The words of which one should have been given; none where it was not about words. */
function choicesOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  const { options = [] } = issue as { readonly options?: readonly unknown[] };
  return options.map(String);
}

function toIssue(path: Path, message: string): SpecIssue {
  const parts = path.map(String);
  const escaped = parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'));
  return {
    path: parts.join('.'),
    pointer: escaped.map((part) => `/${part}`).join(''),
    message,
  };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

/** The keys that an object may have at a place in a value. */
function keysAt(schema: Schema, value: unknown, path: Path): readonly string[] {
  const places = placesAt([schema], value, path);
  return [...new Set(places.flatMap((place) => Object.keys(shapeOf(place) ?? {})))];
}

/** The schemas that may be meant at a place; of a union those whose fixed words fit the value. */
function placesAt(schemas: readonly Schema[], value: unknown, path: Path): readonly Schema[] {
  const open = schemas.flatMap((schema) => unwrap(schema, value));
  const [key, ...rest] = path;
  if (key === undefined) return open;
  const inner = open.flatMap((schema) => stepInto(schema, key));
  return placesAt(inner, valueAt(value, [key]), rest);
}

/** What schemas are made of, as far as it is looked at here. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly values?: readonly unknown[];
}

const definitionOf = (schema: Schema) => schema.def as unknown as Definition;
const shapeOf = (schema: Schema) => definitionOf(schema).shape;

function unwrap(schema: Schema, value: unknown): readonly Schema[] {
  const { innerType, options } = definitionOf(schema);
  if (innerType) return unwrap(innerType, value);
  if (!options) return [schema];
  const fitting = options.flatMap((option) => unwrap(option, value));
  return fitting.filter((option) => fitsWords(option, value));
}

/** Says whether every fixed word of an object, such as its `type`, is the value's. */
function fitsWords(schema: Schema, value: unknown): boolean {
  return Object.entries(shapeOf(schema) ?? {}).every(([key, inner]) => {
    const { type, values = [] } = definitionOf(inner);
    return type !== 'literal' || values.includes(valueAt(value, [key]));
  });
}

function stepInto(schema: Schema, key: PropertyKey): readonly Schema[] {
  const { shape, element, valueType } = definitionOf(schema);
  const inner = shape ? shape[String(key)] : (element ?? valueType);
  return inner ? [inner] : [];
}
