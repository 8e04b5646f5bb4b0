/**
 * Event patterns: reading them strictly, and matching events against them.
 * Not for: rules and targets.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { PatternError, readCondition } from './pattern-conditions.ts';
import type { Condition } from './pattern-conditions.ts';

/** A pattern that has been read: does this event (or part of one) match? */
export type Pattern = (event: unknown) => boolean;

/**
 * Combinations that the alternatives of one pattern may amount to.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
const OR_COMBINATION_LIMIT = 1000;

/**
 * Characters of a pattern.
 * @source https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
 */
const PATTERN_LIMIT = 4096;

interface Field {
  /** The values at this place; none when the event has nothing there. */
  readonly name: string;
  readonly matches: (values: readonly unknown[]) => boolean;
}

/** @throws PatternError when AWS would not accept the pattern */
export function readPattern(text: string): Pattern {
  if (text.length > PATTERN_LIMIT) {
    throw new PatternError(`Event pattern is longer than ${PATTERN_LIMIT} characters`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new PatternError('Pattern is not valid JSON');
  }
  if (!isObject(parsed)) throw new PatternError('Filter is not an object');
  if (Object.keys(parsed).length === 0) throw new PatternError('Empty event pattern');
  if (combinations(parsed) > OR_COMBINATION_LIMIT) {
    throw new PatternError(`Rule amounts to more than ${OR_COMBINATION_LIMIT} combinations of $or`);
  }
  return readObject(parsed, '');
}

function readObject(pattern: Readonly<Record<string, unknown>>, at: string): Pattern {
  const names = Object.keys(pattern);
  if (names.length === 0) throw new PatternError(`Empty objects are not allowed at '${at}'`);
  const fields = names
    .filter((name) => !isAlternatives(name, pattern[name]))
    .map((name) => readField(name, { pattern: pattern[name], at }));
  const alternatives = names
    .filter((name) => isAlternatives(name, pattern[name]))
    .map((name) => readAlternatives(pattern[name], at));
  return (event) =>
    fields.every((field) => field.matches(valuesAt(event, field.name))) &&
    alternatives.every((any) => any(event));
}

/** `$or` is an operator where its value is a list of several objects, and a field elsewhere. */
function isAlternatives(name: string, value: unknown): boolean {
  return name === '$or' && Array.isArray(value) && value.length >= 2 && value.every(isObject);
}

function readAlternatives(value: unknown, at: string): Pattern {
  const patterns = (value as readonly Record<string, unknown>[]).map((one) => readObject(one, at));
  return (event) => patterns.some((pattern) => pattern(event));
}

function readField(name: string, { pattern, at }: { pattern: unknown; at: string }): Field {
  const path = at === '' ? name : `${at}.${name}`;
  if (isObject(pattern)) {
    const inner = readObject(pattern, path);
    // An object of the pattern asks for an object, or for a list with one that matches. Where the
    // event has neither, "exists: false" inside the object can still hold.
    return {
      name,
      matches: (values) => (values.length === 0 ? inner(undefined) : values.some(inner)),
    };
  }
  if (!Array.isArray(pattern)) throw new PatternError(`"${name}" must be an object or an array`);
  if (pattern.length === 0) throw new PatternError('Empty arrays are not allowed');
  const conditions = pattern.map((one) => readCondition(one));
  return { name, matches: (values) => matchesAny(conditions, values) };
}

function matchesAny(conditions: readonly Condition[], values: readonly unknown[]): boolean {
  const leaves = values.filter((value) => !isObject(value));
  return conditions.some((condition) =>
    condition.type === 'exists'
      ? condition.wanted === leaves.length > 0
      : leaves.some((value) => condition.test(value)),
  );
}

/** What an event has at a field. A list stands for each of its items. */
function valuesAt(event: unknown, name: string): readonly unknown[] {
  if (!isObject(event) || !Object.hasOwn(event, name)) return [];
  const value = event[name];
  return Array.isArray(value) ? flatten(value) : [value];
}

function flatten(list: readonly unknown[]): readonly unknown[] {
  return list.flatMap((item) => (Array.isArray(item) ? flatten(item) : [item]));
}

function combinations(pattern: unknown): number {
  if (!isObject(pattern)) return 1;
  return Object.entries(pattern).reduce((product, [name, value]) => {
    if (!isAlternatives(name, value)) return product * combinations(value);
    const sum = (value as readonly unknown[]).reduce<number>(
      (all, one) => all + combinations(one),
      0,
    );
    return product * sum;
  }, 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
