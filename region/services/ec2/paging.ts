/** Lists in pages, as EC2's Describe operations cut them. */
import { AwsError } from '../../kernel/aws-error.ts';
import { type Page, takePage } from '../pages.ts';

/**
 * Without a limit the page has everything; `range` is what a limit may be.
 * @throws AwsError InvalidParameterValue for a limit out of range or a foreign token
 */
export function ec2Page<T>(
  items: readonly T[],
  input: { MaxResults?: number | undefined; NextToken?: string | undefined },
  range: { min: number; max: number } = { min: 5, max: 1000 },
): Page<T> {
  const { MaxResults: limit, NextToken: token } = input;
  if (limit !== undefined && (limit < range.min || limit > range.max)) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${limit} ) for parameter maxResults is invalid. ` +
        `Expecting a value between ${range.min} and ${range.max}.`,
    );
  }
  const refuse = (): AwsError =>
    new AwsError('InvalidParameterValue', `Value ( ${token} ) for parameter NextToken is invalid.`);
  return takePage(items, { size: limit ?? items.length, token, refuse });
}
