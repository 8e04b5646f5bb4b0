/**
 * Names of load balancers and target groups, and the ids that AWS makes from them.
 * Not for: ARNs of listeners and rules, which have no name.
 */
import { validationError } from './refusals.ts';

/** Characters of a name. */
const NAME_CHARACTERS = 32;

/**
 * Checks a name.
 * @param noun what is named, such as `Target group`
 * @throws AwsError ValidationError
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
 */
export function refuseName(name: string, noun: 'Target group' | 'Load balancer'): void {
  if (name.length > NAME_CHARACTERS) {
    throw validationError(
      `${noun} name '${name}' cannot be longer than '${NAME_CHARACTERS}' characters`,
    );
  }
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `${noun} name '${name}' can only contain characters that are alphanumeric characters or ` +
        'hyphens(-)',
    );
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError(`${noun} name '${name}' cannot begin or end with '-'`);
  }
  if (noun === 'Load balancer' && name.startsWith('internal-')) {
    throw validationError(`${noun} name '${name}' cannot begin with 'internal-'`);
  }
}

/** Hex digits at the end of an ARN. */
export const ID_DIGITS = 16;
