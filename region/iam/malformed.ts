/**
 * The refusal of a policy that cannot be meant as it stands.
 */
import { AwsError } from '../kernel/aws-error.ts';

/** IAM's refusal of a policy document, with the reason. */
export function malformed(reason: string): AwsError {
  return new AwsError('MalformedPolicyDocument', reason);
}
