/** Lists in pages, as Auto Scaling cuts them. */
import { AwsError } from '../../kernel/aws-error.ts';
import { type Page, takePage } from '../pages.ts';
import { constraintViolated } from './errors.ts';

const refuse = (): AwsError => new AwsError('InvalidNextToken', 'The token is not valid.');

/** @throws AwsError InvalidNextToken, ValidationError for a size out of range */
export function pageOfGroupThings<T>(
  items: readonly T[],
  input: { MaxRecords?: number | undefined; NextToken?: string | undefined },
  size: { default: number; max: number } = { default: 50, max: 100 },
): Page<T> {
  const limit = input.MaxRecords ?? size.default;
  if (limit < 1 || limit > size.max) {
    throw constraintViolated(
      limit,
      'maxRecords',
      `Member must have value between 1 and ${size.max}`,
    );
  }
  return takePage(items, { size: limit, token: input.NextToken, refuse });
}
