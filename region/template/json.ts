/**
 * JSON values, and reading one in the type it must have.
 * Not for: the properties of a resource (see `reader.ts`).
 */
import { TemplateProblem } from './problem.ts';

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object; a member that is not there reads as undefined. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Says whether a value is an object and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Says whether a value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** A text, number or flag as text. @throws TemplateProblem for anything else */
export function asText(value: Json | undefined, what: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateProblem(`${what} must be a text, and is ${JSON.stringify(value)}.`);
}

/** A list. @throws TemplateProblem for anything else */
export function asList(value: Json | undefined, what: string): readonly Json[] {
  if (isList(value)) return value;
  throw new TemplateProblem(`${what} must be a list, and is ${JSON.stringify(value)}.`);
}

/** Name and content of an object with a single member; an empty name for anything else. */
export function onlyMember(value: Json): readonly [string, Json] {
  const members = isObject(value) ? Object.entries(value) : [];
  return members.length === 1 ? (members[0] ?? ['', null]) : ['', null];
}
