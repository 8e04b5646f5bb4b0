/**
 * Attributes as AWS has them on load balancers and target groups alike: keys with text values,
 * each with its default and its range.
 * Not for: the keys themselves; see `load-balancer-attributes.ts`, `target-group-attributes.ts`.
 */
import { validationError } from './refusals.ts';

/** One attribute: what it is when nobody set it, and which values it takes. */
export interface AttributeRule {
  readonly initial: string;
  /** Says what a value must be, or undefined when it is that. */
  readonly fault: (value: string) => string | undefined;
}

/** The attributes that a kind of resource has, by key. */
export type AttributeRules = Readonly<Record<string, AttributeRule>>;

/** An attribute that takes one of some words; the first is its default. */
export function word(initial: string, ...others: readonly string[]): AttributeRule {
  const words = [initial, ...others];
  return {
    initial,
    fault: (value) => (words.includes(value) ? undefined : `must be one of [${words.join(', ')}]`),
  };
}

/** An attribute that takes a whole number, or one of some words. */
export function whole(
  initial: string,
  bounds: { readonly min: number; readonly max: number },
  ...words: readonly string[]
): AttributeRule {
  const fits = (value: string): boolean =>
    words.includes(value) ||
    (/^\d{1,7}$/.test(value) && Number(value) >= bounds.min && Number(value) <= bounds.max);
  const range = `must be between '${bounds.min}-${bounds.max}' inclusive`;
  const or = words.length > 0 ? ` or one of [${words.join(', ')}]` : '';
  return { initial, fault: (value) => (fits(value) ? undefined : range + or) };
}

/** An attribute that takes text of some form. */
export function text(initial: string, fault: (value: string) => string | undefined): AttributeRule {
  return { initial, fault };
}

/** Every attribute at its default. */
export function initialAttributes(rules: AttributeRules): ReadonlyMap<string, string> {
  return new Map(Object.entries(rules).map(([key, rule]) => [key, rule.initial]));
}

/**
 * The attributes after a change; rules between attributes are the caller's.
 * @param noun such as `Target group`
 * @throws AwsError ValidationError for unknown keys, repeated keys and values out of range
 */
export function changeAttributes(
  before: ReadonlyMap<string, string>,
  changes: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
  rules: AttributeRules,
  noun: string,
): ReadonlyMap<string, string> {
  const seen = new Set<string>();
  const after = new Map(before);
  for (const { Key: key = '', Value: value = '' } of changes) {
    const rule = rules[key];
    if (!rule) throw validationError(`${noun} attribute key '${key}' is not recognized`);
    if (seen.has(key)) {
      throw validationError(`${noun} attribute key '${key}' was specified more than once`);
    }
    const fault = rule.fault(value);
    if (fault !== undefined) throw validationError(`'${key}' value '${value}' ${fault}`);
    seen.add(key);
    after.set(key, value);
  }
  return after;
}

/** Attributes as AWS lists them. */
export function listAttributes(
  attributes: ReadonlyMap<string, string>,
): { Key: string; Value: string }[] {
  return [...attributes].map(([Key, Value]) => ({ Key, Value }));
}
