/**
 * The conditions of a template: Fn::Equals, Fn::And, Fn::Or, Fn::Not and other conditions.
 * Not for: choosing values (Fn::If, see `resolve.ts`).
 */
import { asText, isList, onlyMember } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { TemplateProblem } from './problem.ts';
import { resolve } from './resolve.ts';

/**
 * Makes the question whether a condition holds; answers are worked out when asked.
 * Asking throws TemplateProblem for conditions that are not there, malformed, or circular.
 */
export function createConditions(
  declared: JsonObject,
  ref: (name: string) => Json | undefined,
): (name: string) => boolean {
  const asked = new Set<string>();

  const holds = (name: string): boolean => {
    const condition = declared[name];
    if (condition === undefined) throw new TemplateProblem(`There is no condition ${name}.`);
    if (asked.has(name)) throw new TemplateProblem(`Condition ${name} depends on itself.`);
    asked.add(name);
    try {
      return evaluate(condition, name);
    } finally {
      asked.delete(name);
    }
  };

  const evaluate = (value: Json, name: string): boolean => {
    const [key, content] = onlyMember(value);
    const items = isList(content) ? content : [];
    switch (key) {
      case 'Condition':
        return holds(asText(content, 'Condition'));
      case 'Fn::Equals': {
        const scope = { ref, holds, attribute: () => undefined };
        const [one, other] = items.map((item) => JSON.stringify(resolve(item, scope)));
        return items.length === 2 && one === other;
      }
      case 'Fn::And':
        return items.every((item) => evaluate(item, name));
      case 'Fn::Or':
        return items.some((item) => evaluate(item, name));
      case 'Fn::Not':
        return !evaluate(items[0] ?? null, name);
      default:
        throw new TemplateProblem(
          `Condition ${name} has ${key || 'no function'}, not a condition.`,
        );
    }
  };

  return holds;
}
