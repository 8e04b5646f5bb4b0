/**
 * Reads the resolved properties of one resource, and refuses those that nobody reads.
 * Not for: the meaning of a property (see `types/`).
 */
import { TemplateProblem } from './problem.ts';
import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';

/** Properties of one resource, each read in the type it must have. */
export interface Reader {
  /** What a message calls the resource. */
  readonly label: string;
  has(name: string): boolean;
  /** @throws TemplateProblem when it is missing or no text; the same for those below */
  text(name: string): string;
  optionalText(name: string): string | undefined;
  optionalNumber(name: string): number | undefined;
  optionalFlag(name: string): boolean | undefined;
  object(name: string): JsonObject;
  optionalObject(name: string): JsonObject | undefined;
  /** Empty when it is missing. */
  objects(name: string): readonly JsonObject[];
  /** Empty when it is missing. */
  texts(name: string): readonly string[];
  /** The properties without reading them, for shapes that are handed on as they are. */
  raw(): JsonObject;
}

/** Starts reading. */
export function createReader(label: string, properties: JsonObject): Reader {
  const wrong = (name: string, wanted: string): TemplateProblem =>
    new TemplateProblem(
      `${label}: property ${name} must be ${wanted}, and is ${JSON.stringify(properties[name])}.`,
    );
  const optionalText = (name: string): string | undefined => {
    const value = properties[name];
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    throw wrong(name, 'a text');
  };
  const optionalObject = (name: string): JsonObject | undefined => {
    const value = properties[name];
    if (value === undefined || isObject(value)) return value;
    throw wrong(name, 'an object');
  };
  const list = (name: string): readonly Json[] => {
    const value = properties[name] ?? [];
    if (isList(value)) return value;
    throw wrong(name, 'a list');
  };
  return {
    label,
    has: (name) => properties[name] !== undefined,
    text: (name) => optionalText(name) ?? fail(wrong(name, 'given')),
    optionalText,
    optionalNumber: (name) => {
      const text = optionalText(name);
      if (text === undefined) return undefined;
      return text.trim() === '' || Number.isNaN(Number(text))
        ? fail(wrong(name, 'a number'))
        : Number(text);
    },
    optionalFlag: (name) => {
      const value = properties[name];
      if (value === undefined || typeof value === 'boolean') return value;
      if (value === 'true' || value === 'false') return value === 'true';
      throw wrong(name, 'true or false');
    },
    object: (name) => optionalObject(name) ?? fail(wrong(name, 'given')),
    optionalObject,
    objects: (name) =>
      list(name).map((item) => (isObject(item) ? item : fail(wrong(name, 'a list of objects')))),
    texts: (name) =>
      list(name).map((item) =>
        typeof item === 'string' ? item : fail(wrong(name, 'a list of texts')),
      ),
    raw: () => properties,
  };
}

function fail(problem: TemplateProblem): never {
  throw problem;
}
