/**
 * The data of a launch template: what is refused when it is stored, and how a version inherits.
 * Not for: whether an instance could be launched from it; that shows at the launch.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-template-restrictions.html
 */
import type { RequestLaunchTemplateData, ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { malformedId, missingParameter } from './errors.ts';

/** The prefix of an image id that Systems Manager resolves at each launch. */
export const PARAMETER_REFERENCE = 'resolve:ssm:';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Template data as it is stored: without absent members.
 * @throws AwsError MissingParameter, InvalidAMIID.Malformed, InvalidUserData.Malformed
 */
export function readTemplateData(
  data: RequestLaunchTemplateData | undefined,
): ResponseLaunchTemplateData {
  const entries = Object.entries(data ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) throw missingParameter('LaunchTemplateData');
  const stored = structuredClone(Object.fromEntries(entries)) as ResponseLaunchTemplateData;
  const { ImageId, UserData } = stored;
  if (ImageId && !ImageId.startsWith('ami-') && !ImageId.startsWith(PARAMETER_REFERENCE)) {
    throw malformedId('InvalidAMIID.Malformed', ImageId, 'ami');
  }
  if (UserData !== undefined && !BASE64.test(UserData)) {
    throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
  return stored;
}

/** A version's data: what it says itself replaces what it inherits, member by whole member. */
export function inheritData(
  source: ResponseLaunchTemplateData,
  own: ResponseLaunchTemplateData,
): ResponseLaunchTemplateData {
  return { ...structuredClone(source), ...own };
}
