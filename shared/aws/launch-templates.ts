/**
 * Versions of launch templates: what blue launches from, and the one that green was given.
 * A version cannot carry tags; its description says which deployment made it.
 */
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { AwsRefused, invariant } from '../core/errors.ts';
import type { GroupReading } from '../core/estate.ts';
import { clientToken } from '../core/names.ts';
import type { Plan } from '../core/plan.ts';
import { call, unlessRefused } from './call.ts';
import { templateOf } from './clone/mixed-instances.ts';

/**
 * The version that a group launches when it names none.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html
 */
export const DEFAULT_VERSION = '$Default';

/** The version that means the newest one. */
export const LATEST_VERSION = '$Latest';

/**
 * How EC2 says that a template or a version is not there.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const NO_SUCH_VERSION = [
  'InvalidLaunchTemplateId.NotFound',
  'InvalidLaunchTemplateId.VersionNotFound',
];

/**
 * How a deletion says the same of one version among several.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResponseError.html
 */
const VERSION_GONE = 'launchTemplateVersionDoesNotExist';

/**
 * A group's own template, its version resolved to the number that it means now; undefined when
 * the group has none.
 * @throws AwsUnavailable, AwsRefused when the template is gone
 */
export async function readLaunchTemplate(
  ec2: EC2Client,
  group: AutoScalingGroup,
): Promise<GroupReading['launchTemplate']> {
  const template = templateOf(group);
  const launchTemplateId = template?.LaunchTemplateId;
  if (!launchTemplateId) return undefined;
  const configuredVersion = template.Version ?? DEFAULT_VERSION;
  const found = await requireVersion(ec2, launchTemplateId, configuredVersion);
  const { version, isDefault, imageId } = found;
  return {
    launchTemplateId,
    configuredVersion,
    version,
    ...(isDefault && { isDefault }),
    ...(imageId?.startsWith('ami-') && { imageId }),
  };
}

/**
 * The number behind a version of a launch template.
 * @throws AwsUnavailable, AwsRefused when there is no such version
 */
export async function readVersion(
  ec2: EC2Client,
  launchTemplateId: string,
  configuredVersion: string,
): Promise<number> {
  return (await requireVersion(ec2, launchTemplateId, configuredVersion)).version;
}

async function requireVersion(ec2: EC2Client, launchTemplateId: string, configured: string) {
  const found = await describeVersion(ec2, launchTemplateId, configured);
  const on = `${launchTemplateId} version ${configured}`;
  invariant(found?.VersionNumber, `${on} was described without a number.`);
  const { VersionNumber: version, DefaultVersion: isDefault = false, LaunchTemplateData } = found;
  return { version, isDefault, imageId: LaunchTemplateData?.ImageId };
}

/**
 * Makes green's version from blue's, with the new image, and answers its number.
 * @throws AwsRefused when AWS warns that nothing could be launched from it
 */
export async function createVersion(ec2: EC2Client, plan: Plan): Promise<number> {
  const { launchTemplateId, launchTemplateVersion } = plan.blue;
  const command = new CreateLaunchTemplateVersionCommand({
    LaunchTemplateId: launchTemplateId,
    SourceVersion: String(launchTemplateVersion),
    VersionDescription: describeMaker(plan),
    LaunchTemplateData: { ImageId: plan.imageId },
    ClientToken: clientToken(plan.deploymentId, 'version'),
  });
  const operation = 'CreateLaunchTemplateVersion';
  const output = await call(operation, launchTemplateId, () => ec2.send(command));
  const errors = output.Warning?.Errors ?? [];
  if (errors.length > 0) {
    const answers = errors.map(({ Code, Message }) => `${Code}: ${Message}`).join('; ');
    throw new AwsRefused(
      `Tried ${operation} on ${launchTemplateId}; AWS warned that nothing can be launched from ` +
        `it: ${answers}; correct the template or the image and start again.`,
      { facts: { operation, on: launchTemplateId, code: errors[0]?.Code } },
    );
  }
  const version = output.LaunchTemplateVersion?.VersionNumber;
  invariant(version, `${operation} answered without a version number.`);
  return version;
}

/**
 * Deletes the version that a deployment made for green. One that is gone is fine, one that
 * somebody else made or has since made the default is left alone.
 * @throws AwsUnavailable, AwsRefused
 */
export async function discardVersion(ec2: EC2Client, plan: Plan, version: number): Promise<void> {
  const { launchTemplateId } = plan.blue;
  const calling = describeVersion(ec2, launchTemplateId, String(version));
  const found = await unlessRefused(NO_SUCH_VERSION, calling);
  if (!found || found.DefaultVersion || found.VersionDescription !== describeMaker(plan)) return;
  const command = new DeleteLaunchTemplateVersionsCommand({
    LaunchTemplateId: launchTemplateId,
    Versions: [String(version)],
  });
  const operation = 'DeleteLaunchTemplateVersions';
  const on = `${launchTemplateId} version ${version}`;
  const output = await call(operation, on, () => ec2.send(command));
  const error = output.UnsuccessfullyDeletedLaunchTemplateVersions?.[0]?.ResponseError;
  if (!error || error.Code === VERSION_GONE) return;
  throw new AwsRefused(
    `Tried ${operation} on ${on}; AWS answered ${error.Code}: ${error.Message}; delete it by hand.`,
    { facts: { operation, on, code: error.Code } },
  );
}

/**
 * A version of a launch template as EC2 describes it; undefined when it answers none.
 * @throws AwsUnavailable, AwsRefused when there is no such version
 */
export async function describeVersion(
  ec2: EC2Client,
  launchTemplateId: string,
  version: string,
): Promise<LaunchTemplateVersion | undefined> {
  const command = new DescribeLaunchTemplateVersionsCommand({
    LaunchTemplateId: launchTemplateId,
    Versions: [version],
  });
  const on = `${launchTemplateId} version ${version}`;
  const output = await call('DescribeLaunchTemplateVersions', on, () => ec2.send(command));
  return output.LaunchTemplateVersions?.[0];
}

function describeMaker({ deploymentId }: Plan): string {
  return `teal deployment ${deploymentId}`;
}
