/**
 * EC2's refusals, in its own codes and words, where more than one operation uses them.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
import { AwsError } from '../../kernel/aws-error.ts';

/** A value that EC2 does not take. */
export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

/** A member without which there is no request. */
export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
}

/** Members that exclude each other. */
export function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}

/** Something AWS can do and this region cannot: refused, because an emulator must not pretend. */
export function notImplemented(what: string): AwsError {
  return new AwsError('UnsupportedOperation', `The region does not implement ${what}.`);
}

/** An image that does not exist, or that the account must not see. */
export function imageNotFound(imageIds: readonly string[]): AwsError {
  const [subject, verb] = imageIds.length > 1 ? ['ids', 'do'] : ['id', 'does'];
  return new AwsError(
    'InvalidAMIID.NotFound',
    `The image ${subject} '[${imageIds.join(', ')}]' ${verb} not exist`,
  );
}

/** An instance that does not exist, or is forgotten by now. */
export function instanceNotFound(instanceIds: readonly string[]): AwsError {
  const [subject, verb] = instanceIds.length > 1 ? ['IDs', 'do'] : ['ID', 'does'];
  return new AwsError(
    'InvalidInstanceID.NotFound',
    `The instance ${subject} '${instanceIds.join(', ')}' ${verb} not exist`,
  );
}

/** An id that cannot be one of its kind, such as `ami-` without digits. */
export function malformedId(code: string, id: string, prefix: string): AwsError {
  return new AwsError(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);
}

/** The answer to a call with `DryRun` that would have been carried out. */
export function dryRunPassed(): AwsError {
  return new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', {
    httpStatus: 412,
  });
}
