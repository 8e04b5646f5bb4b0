/**
 * JSON values as data flows through an execution.
 * Not for: reading definitions, which have shapes of their own.
 */
import { DATA_LIMIT_BYTES } from './limits.ts';

/** Any JSON value, never undefined. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object; keys keep the order in which they were written. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether a value is an object with keys: not null and not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Size of a text in UTF-8 bytes, which is how Step Functions counts. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Whether a value, written as JSON, is larger than one payload may be. */
export function exceedsDataLimit(value: Json): boolean {
  return byteLength(JSON.stringify(value)) > DATA_LIMIT_BYTES;
}

/** Reads JSON text, or says why it is none. */
export function readJson(text: string): { readonly value: Json } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
