/**
 * Reads green's target group and launch template version back, and compares them with blue's.
 * Bundles with this file keep every member of a template; others only those that Teal names.
 */
import {
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { CloneDifference } from '../../core/clone/report.ts';
import { AwsUnavailable } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import type { GreenParts } from '../../ports/fleets.ts';
import { call } from '../call.ts';
import { isForeignTag } from '../deployment-tags.ts';
import { toGreenTargetGroup } from '../green-target-group.ts';
import { describeAttributes, describeTags, describeTargetGroup } from '../groups.ts';
import { compareLists, compareMembers } from './differences.ts';

/** Everything in which green's target group is not as it should be. @throws AwsUnavailable, AwsRefused */
export async function compareTargetGroups(
  client: ElasticLoadBalancingV2Client,
  plan: Plan,
  { greenTargetGroupArn }: GreenParts,
): Promise<readonly CloneDifference[]> {
  const blue = await readTargetGroup(client, plan.blue.targetGroupArn);
  const green = await readTargetGroup(client, greenTargetGroupArn);
  const { Name, Tags: _tags } = toGreenTargetGroup(blue.described, [], plan);
  return [
    ...compareMembers('TargetGroup', {
      of: `target group ${plan.green.targetGroupName}`,
      blue: blue.described,
      wanted: { TargetGroupName: Name },
      found: green.described,
    }),
    ...compareLists({
      shape: 'TargetGroupAttribute',
      keyMember: 'Value',
      noun: 'attribute',
      blue: toPairings(blue.attributes),
      found: green.attributes,
    }),
    ...compareLists({
      shape: 'Tag',
      keyMember: 'Key',
      noun: 'target group tag',
      blue: toPairings(blue.tags),
      found: green.tags,
    }),
  ];
}

async function readTargetGroup(client: ElasticLoadBalancingV2Client, arn: string) {
  const described = await describeTargetGroup(client, { arn });
  if (!described) {
    throw new AwsUnavailable(
      `Tried DescribeTargetGroups on ${arn}; AWS did not describe it; it is tried again.`,
      { facts: { on: arn } },
    );
  }
  const attributes = await describeAttributes(client, arn);
  const tags = (await describeTags(client, arn)).filter(isForeignTag);
  return {
    described,
    attributes: new Map([...attributes].map(([Key, Value]) => [Key, { Key, Value }])),
    tags: new Map(tags.map((tag) => [tag.Key ?? '', tag])),
  };
}

function toPairings<Described extends object>(things: ReadonlyMap<string, Described>) {
  return new Map([...things].map(([key, described]) => [key, { described, wanted: {} }]));
}

/** Everything in which green's launch template version is not as it should be. */
export async function compareTemplates(
  client: EC2Client,
  { blue, imageId }: Plan,
  { greenLaunchTemplateVersion }: GreenParts,
): Promise<readonly CloneDifference[]> {
  const { launchTemplateId, launchTemplateVersion } = blue;
  const of = `version ${greenLaunchTemplateVersion} of ${launchTemplateId}`;
  return compareMembers('ResponseLaunchTemplateData', {
    of,
    blue: await readTemplateData(client, launchTemplateId, launchTemplateVersion),
    wanted: { ImageId: imageId },
    found: await readTemplateData(client, launchTemplateId, greenLaunchTemplateVersion),
  });
}

async function readTemplateData(
  client: EC2Client,
  launchTemplateId: string,
  version: number,
): Promise<ResponseLaunchTemplateData> {
  const command = new DescribeLaunchTemplateVersionsCommand({
    LaunchTemplateId: launchTemplateId,
    Versions: [String(version)],
  });
  const on = `${launchTemplateId} version ${version}`;
  const output = await call('DescribeLaunchTemplateVersions', on, () => client.send(command));
  return output.LaunchTemplateVersions?.[0]?.LaunchTemplateData ?? {};
}
