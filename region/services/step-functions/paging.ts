/** Lists in pages, as Step Functions cuts them. */
import { AwsError } from '../../kernel/aws-error.ts';
import { type Page, takePage } from '../pages.ts';
import { PAGE_DEFAULT } from './limits.ts';

/** Which part of a list a caller asks for; without a token, the first. */
export interface PageRequest {
  /** 0 and missing mean the default size. */
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

const refuse = (): AwsError => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");

/**
 * Cuts a page out of a list. `scope` says what is listed: a token is good for the same list only.
 * @throws AwsError InvalidToken
 */
export function page<T>(items: readonly T[], request: PageRequest, scope: string): Page<T> {
  const size = request.maxResults || PAGE_DEFAULT;
  return takePage(items, { size, token: request.nextToken, scope, refuse });
}
