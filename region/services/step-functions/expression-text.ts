/**
 * How a JSONata expression stands in a definition: a string that starts with `{%` and ends with
 * `%}`. Anything else, such as one with a space before it, is a literal string, as on AWS.
 * Not for: evaluating expressions.
 */
import { isObject } from './json.ts';

const OPEN = '{%';
const CLOSE = '%}';

/** An expression and the field it stands in, such as `Arguments/Payload/service`. */
export interface PlacedExpression {
  readonly text: string;
  readonly field: string;
}

/** Whether a value of a definition is evaluated rather than taken as it is. */
export function isExpression(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= OPEN.length + CLOSE.length &&
    value.startsWith(OPEN) &&
    value.endsWith(CLOSE)
  );
}

/** The JSONata inside the marks. */
export function expressionText(value: string): string {
  return value.slice(OPEN.length, -CLOSE.length).trim();
}

/** All expressions of a template, in the order in which they are evaluated. */
export function expressionsIn(template: unknown, field: string): readonly PlacedExpression[] {
  if (isExpression(template)) return [{ text: expressionText(template), field }];
  if (Array.isArray(template)) {
    return template.flatMap((item, index) => expressionsIn(item, `${field}[${index}]`));
  }
  if (!isObject(template)) return [];
  return Object.entries(template).flatMap(([key, value]) =>
    expressionsIn(value, `${field}/${key}`),
  );
}
