/**
 * What a definition would change about the one that is kept, key by key.
 */
import { toCanonicalJson } from './canonical-json.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** One key that differs. */
export interface DefinitionChange {
  /** Such as `strategy.holdSeconds`; a list is one value. */
  readonly path: string;
  /** Absent where the key is new. */
  readonly from?: unknown;
  /** Absent where the key goes. */
  readonly to?: unknown;
}

/**
 * Everything that differs, in the order of the new definition, and last what it has no more.
 * `before` is undefined where there is none yet: then everything is new.
 */
export function compareDefinitions(
  before: ServiceDefinition | undefined,
  after: ServiceDefinition,
): readonly DefinitionChange[] {
  const was = new Map(flatten(before ?? {}));
  const is = new Map(flatten(after));
  const paths = [...new Set([...is.keys(), ...was.keys()])];
  return paths
    .filter((path) => toCanonicalJson(was.get(path)) !== toCanonicalJson(is.get(path)))
    .map((path) => ({
      path,
      ...(was.has(path) && { from: was.get(path) }),
      ...(is.has(path) && { to: is.get(path) }),
    }));
}

/** Every value that is not an object, by the keys that lead to it. The name is no setting. */
function flatten(value: object, prefix = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, member]) => {
    const path = `${prefix}${key}`;
    if (path === 'service' || member === undefined) return [];
    const isObject = typeof member === 'object' && member !== null && !Array.isArray(member);
    return isObject ? flatten(member as object, `${path}.`) : [[path, member] as const];
  });
}
