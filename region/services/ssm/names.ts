/**
 * What a parameter may be called.
 * @source https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';

/** Parts of a name that is a path. */
const LEVELS_MAX = 15;

/** Characters of a parameter's ARN, the part before its name included. */
const ARN_LENGTH_MAX = 1011;

const ALLOWED = /^[\w.\-/]+$/;

/** The ARN that permissions name; it has one slash between `parameter` and the name. */
export function parameterArn(name: string): string {
  return arn('ssm', `parameter/${name.replace(/^\//, '')}`);
}

/** @throws AwsError ValidationException, AccessDeniedException, HierarchyLevelLimitExceeded… */
export function checkName(name: string): void {
  if (name.includes('/') && !name.startsWith('/')) {
    throw validationError('Parameter name must be a fully qualified name.');
  }
  if (/^\/?aws/i.test(name)) {
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  }
  if (/^\/?ssm/i.test(name) || !ALLOWED.test(name) || name.endsWith('/') || name.includes('//')) {
    throw validationError(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it ' +
        'can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of ' +
        'letters, numbers and the following 3 symbols .-_',
    );
  }
  if (name.split('/').filter(Boolean).length > LEVELS_MAX) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `Hierarchies can have a maximum of ${LEVELS_MAX} levels.`,
    );
  }
  if (parameterArn(name).length > ARN_LENGTH_MAX) {
    throw validationError(`Parameter name exceeds the maximum length of ${ARN_LENGTH_MAX}.`);
  }
}

/** Refuses a request that is wrong in itself. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
