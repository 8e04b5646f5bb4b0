/**
 * The one way to call AWS: every failure leaves it as one of Teal's own.
 * Not for: retries; the SDK's standard mode does those below it, the state machine above it.
 */
import { type Attempt, toFailure } from './failures.ts';

/**
 * Makes one call.
 * @throws AwsUnavailable, AwsRefused
 * @example await call('DescribeImages', imageId, () => ec2.send(new DescribeImagesCommand({})))
 */
export async function call<Output>(
  operation: Attempt['operation'],
  on: Attempt['on'],
  send: () => Promise<Output>,
): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    throw toFailure({ operation, on }, error);
  }
}

/** Says whether a failure of `call` carries one of these codes of AWS. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !('facts' in error)) return false;
  const { code } = error.facts as { readonly code?: unknown };
  return typeof code === 'string' && codes.includes(code);
}

/**
 * Waits for a call and answers undefined where AWS refused it with one of these codes.
 * @throws AwsUnavailable, AwsRefused with any other code
 */
export async function unlessRefused<Output>(
  codes: readonly string[],
  calling: Promise<Output>,
): Promise<Output | undefined> {
  try {
    return await calling;
  } catch (error) {
    // The codes are outcomes that the caller expects, such as "no such rule".
    if (hasCode(error, ...codes)) return undefined;
    throw error;
  }
}
