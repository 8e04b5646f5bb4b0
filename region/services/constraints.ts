/**
 * The checks that AWS derives from a service's model, in the words in which AWS reports them:
 * every violation of a call is listed in one message.
 * Not for: rules between members; those have wordings of their own in each service.
 */

/** A violated constraint as AWS words it, or undefined when the value is absent or fits. */
export type Violation = string | undefined;

const violation = (value: unknown, member: string, constraint: string): string =>
  `Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${constraint}`;

/** Checks that a number lies between two bounds, both inclusive. */
export function inRange(
  value: number | undefined,
  member: string,
  bounds: { readonly min?: number; readonly max?: number },
): Violation {
  if (value === undefined) return undefined;
  if (bounds.min !== undefined && value < bounds.min) {
    return violation(value, member, `have value greater than or equal to ${bounds.min}`);
  }
  if (bounds.max !== undefined && value > bounds.max) {
    return violation(value, member, `have value less than or equal to ${bounds.max}`);
  }
  return undefined;
}

/** Checks the number of characters of a text or of items of a list. */
export function hasLength(
  value: string | readonly unknown[] | undefined,
  member: string,
  bounds: { readonly min?: number; readonly max?: number },
): Violation {
  if (value === undefined) return undefined;
  const shown = typeof value === 'string' ? value : `[${value.map(String).join(', ')}]`;
  if (bounds.min !== undefined && value.length < bounds.min) {
    return violation(shown, member, `have length greater than or equal to ${bounds.min}`);
  }
  if (bounds.max !== undefined && value.length > bounds.max) {
    return violation(shown, member, `have length less than or equal to ${bounds.max}`);
  }
  return undefined;
}

/** Checks that a value is one that the model lists. */
export function isOneOf(
  value: string | undefined,
  member: string,
  allowed: readonly string[],
): Violation {
  if (value === undefined || allowed.includes(value)) return undefined;
  return violation(value, member, `satisfy enum value set: [${allowed.join(', ')}]`);
}

/** Checks that the whole of a text has the form that the model demands. */
export function hasPattern(value: string | undefined, member: string, pattern: string): Violation {
  if (value === undefined || new RegExp(`^(?:${pattern})$`, 's').test(value)) return undefined;
  return violation(value, member, `satisfy regular expression pattern: ${pattern}`);
}

/** Checks that a required member is there. */
export function isPresent(value: unknown, member: string): Violation {
  return value === undefined || value === null
    ? `Value null at '${member}' failed to satisfy constraint: Member must not be null`
    : undefined;
}

/** Whether a text is JSON, of whatever type. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** AWS's message for a list of checks; undefined when none is violated. */
export function describeViolations(checks: readonly Violation[]): string | undefined {
  const found = checks.filter((check) => check !== undefined);
  if (found.length === 0) return undefined;
  const noun = found.length === 1 ? 'error' : 'errors';
  return `${found.length} validation ${noun} detected: ${found.join('; ')}`;
}
