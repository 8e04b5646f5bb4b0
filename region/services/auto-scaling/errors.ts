/**
 * Auto Scaling's refusals, in its own codes and words, where more than one operation uses them.
 */
import { AwsError } from '../../kernel/aws-error.ts';

/** Nearly everything that Auto Scaling refuses. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** Something AWS can do and this region cannot: refused, because an emulator must not pretend. */
export function notImplemented(what: string): AwsError {
  return validationError(`The region does not implement ${what}.`);
}

/** A group that does not exist, or does not exist any more. */
export function groupNotFound(name: string): AwsError {
  return validationError(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
}

/** An instance that is in no group. */
export function instanceNotManaged(instanceId: string): AwsError {
  return validationError(
    `Instance Id not found - No managed instance found for instance ID: ${instanceId}`,
  );
}

/** A member outside its range, in the words of AWS's request validation. */
export function constraintViolated(value: unknown, member: string, constraint: string): AwsError {
  return validationError(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy ` +
      `constraint: ${constraint}`,
  );
}
