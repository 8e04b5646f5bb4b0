/**
 * What the public models of AWS's services say about the values of the served operations' inputs:
 * bounds, lengths, patterns and enumerations, in `constraints.json`.
 * Not for: required members, which the SDK's schemas have, and rules that no model states.
 */
import { readFileSync } from 'node:fs';
import type { ServiceName } from '../kernel/service.ts';

/** A shape's own constraints, and by name the shapes inside it that have some. */
export interface ShapeConstraints {
  /** Of a number itself; of characters, items or entries of anything else. Inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** The whole text has to match. */
  readonly pattern?: string;
  /** The values of an enumeration. */
  readonly values?: readonly string[];
  /** Set where a refusal must not repeat the value. */
  readonly sensitive?: true;
  readonly members?: Readonly<Record<string, string>>;
  /** Shape of a list's items. */
  readonly items?: string;
  /** Shape of a map's keys. */
  readonly keys?: string;
  /** Shape of a map's values. */
  readonly mapped?: string;
}

/** The constraints of one service: of each operation's input, through the shapes it is made of. */
export interface ServiceConstraints {
  /** Shape of each served operation's input; null when nothing in it is constrained. */
  readonly operations: Readonly<Record<string, string | null>>;
  readonly shapes: Readonly<Record<string, ShapeConstraints>>;
}

const file = new URL('./constraints.json', import.meta.url);

/**
 * The constraints of every served operation.
 * @source https://github.com/boto/botocore/tree/develop/botocore/data (1.43.11)
 */
export const constraintTable = JSON.parse(readFileSync(file, 'utf8')) as Readonly<
  Record<ServiceName, ServiceConstraints>
>;
