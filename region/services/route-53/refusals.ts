/**
 * The refusals of Route 53 that several operations share, in AWS's words.
 * Not for: refusals of one operation only; they stand where the rule stands.
 */
import { AwsError } from '../../kernel/aws-error.ts';

/** A request that is wrong in itself. */
export function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}

/** A batch of which nothing is done, with everything that is wrong with it. */
export function invalidChangeBatch(messages: readonly string[]): AwsError {
  return new AwsError('InvalidChangeBatch', `[${messages.join(', ')}]`, {
    fields: { messages: [...messages] },
  });
}

/** A zone that is not there. */
export function noSuchHostedZone(id: string): AwsError {
  return new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, {
    httpStatus: 404,
  });
}

/** A health check that is not there. */
export function noSuchHealthCheck(id: string): AwsError {
  return new AwsError('NoSuchHealthCheck', `No health check exists with the specified ID: ${id}`, {
    httpStatus: 404,
  });
}

/** Something that AWS offers and the region does not: better refused than pretended. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `The region does not implement ${what}.`, {
    httpStatus: 501,
  });
}
