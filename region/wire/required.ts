/**
 * Which required members of an input are missing, at every depth.
 * Not for: values that are there but wrong (`constraints.ts`).
 */
import type { Shape } from './model.ts';

/** Place of the number of required members in a structure's tuple; they come first in it. */
const REQUIRED_COUNT = 6;

type Path = readonly string[];

/** Places of the missing members: names, and for items their number from 1 and `member`. */
export function findMissing(shape: Shape, input: unknown): readonly Path[] {
  return [...missingIn(shape, input, [])];
}

function* missingIn(shape: Shape, value: unknown, path: Path): Iterable<Path> {
  if (value === undefined || value === null) return;
  if (shape.isStructSchema()) yield* missingMembers(shape, value, path);
  else if (shape.isListSchema()) {
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      yield* missingIn(shape.getValueSchema(), item, [...path, `${index + 1}`, 'member']);
    }
  } else if (shape.isMapSchema()) {
    for (const [key, item] of Object.entries(value)) {
      yield* missingIn(shape.getValueSchema(), item, [...path, key, 'member']);
    }
  }
}

function* missingMembers(shape: Shape, value: object, path: Path): Iterable<Path> {
  const tuple = shape.getSchema() as unknown as readonly unknown[];
  const required = Number(tuple[REQUIRED_COUNT] ?? 0);
  let index = 0;
  for (const [name, member] of shape.structIterator()) {
    const item = (value as Readonly<Record<string, unknown>>)[name];
    const isMissing = index < required && (item === undefined || item === null);
    if (isMissing) yield [...path, name];
    else yield* missingIn(member, item, [...path, name]);
    index += 1;
  }
}
