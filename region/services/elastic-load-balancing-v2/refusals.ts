/**
 * The refusals that many operations of the service share, with AWS's codes and texts.
 * Not for: refusals of one operation only; they stand where the rule stands.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { describeViolations } from '../constraints.ts';
import type { Violation } from '../constraints.ts';

/** A request that is wrong in itself. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** A configuration that does not fit together. */
export function invalidConfiguration(message: string): AwsError {
  return new AwsError('InvalidConfigurationRequest', message);
}

/** An action that no rule can have. */
export function invalidAction(message: string): AwsError {
  return new AwsError('InvalidLoadBalancerAction', message);
}

/** Something that AWS offers and the region does not: better refused than pretended. */
export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `The region does not implement ${what}.`, {
    httpStatus: 501,
  });
}

/**
 * Refuses a call that violates the service's model.
 * @throws AwsError ValidationError naming every violation
 */
export function refuseViolations(...checks: readonly Violation[]): void {
  const message = describeViolations(checks);
  if (message !== undefined) throw validationError(message);
}

/**
 * The value of a member that has to be there.
 * @throws AwsError ValidationError
 */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined || value === null || value === '') {
    throw validationError(`${what} must be specified`);
  }
  return value;
}
