/**
 * Limits of the account that a second fleet could meet, each with how much of it is used.
 */
import { type AutoScalingClient, DescribeAccountLimitsCommand } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeAccountLimitsCommand as DescribeLoadBalancingLimitsCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { QuotaReading } from '../../core/preflight/surroundings.ts';
import { call } from '../call.ts';
import { describeHealth } from '../groups.ts';
import { LATEST_VERSION, readVersion } from '../launch-templates.ts';
import { readPages } from '../pages.ts';

/**
 * Versions that a launch template may have.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-template-restrictions.html
 */
const VERSIONS_MAX = 10_000;

/**
 * Most target groups of one load balancer whose targets are counted, a call for each: a plan takes
 * no more of the account's calls than that.
 */
const TARGET_GROUPS_COUNTED_MAX = 10;

/** The limits' names, by how the ARN of a load balancer goes on. */
const LIMITS = {
  app: {
    targets: 'targets-per-application-load-balancer',
    targetGroups: 'target-groups-per-application-load-balancer',
  },
  net: { targets: 'targets-per-network-load-balancer', targetGroups: undefined },
} as const;

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly ec2: EC2Client;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
}

type Limits = ReadonlyMap<string, number>;

/** Reads them all. @throws AwsUnavailable, AwsRefused */
export async function readQuotas(
  { autoScaling, ec2, loadBalancing }: Dependencies,
  on: { readonly launchTemplateId: string; readonly loadBalancerArns: readonly string[] },
): Promise<readonly QuotaReading[]> {
  const limits = await readLimits(loadBalancing);
  const quotas: QuotaReading[] = [
    await readGroupQuota(autoScaling),
    {
      name: 'targetGroups',
      limit: limits.get('target-groups'),
      used: (await readTargetGroups(loadBalancing)).length,
    },
    { name: 'targetsOfTargetGroup', limit: limits.get('targets-per-target-group'), used: 0 },
    await readVersionQuota(ec2, on.launchTemplateId),
  ];
  for (const arn of on.loadBalancerArns) {
    quotas.push(...(await readLoadBalancerQuotas(loadBalancing, arn, limits)));
  }
  return quotas;
}

async function readGroupQuota(client: AutoScalingClient): Promise<QuotaReading> {
  const command = new DescribeAccountLimitsCommand({});
  const output = await call('DescribeAccountLimits', 'Auto Scaling', () => client.send(command));
  return {
    name: 'autoScalingGroups',
    limit: output.MaxNumberOfAutoScalingGroups,
    used: output.NumberOfAutoScalingGroups,
  };
}

/** Numbers are never used again, so that the newest is as many as there ever were. */
async function readVersionQuota(ec2: EC2Client, launchTemplateId: string): Promise<QuotaReading> {
  const newest = await readVersion(ec2, launchTemplateId, LATEST_VERSION);
  return {
    name: 'launchTemplateVersions',
    of: launchTemplateId,
    limit: VERSIONS_MAX,
    used: newest < VERSIONS_MAX ? newest : undefined,
  };
}

async function readLoadBalancerQuotas(
  client: ElasticLoadBalancingV2Client,
  loadBalancerArn: string,
  limits: Limits,
): Promise<readonly QuotaReading[]> {
  const [type = '', of = loadBalancerArn] = (
    loadBalancerArn.split(':loadbalancer/')[1] ?? ''
  ).split('/');
  const names = LIMITS[type === 'net' ? 'net' : 'app'];
  const groups = await readTargetGroups(client, loadBalancerArn);
  const targets: QuotaReading = {
    name: 'targetsOfLoadBalancer',
    of,
    limit: limits.get(names.targets),
    used: await countTargets(client, groups),
  };
  if (names.targetGroups === undefined) return [targets];
  const limit = limits.get(names.targetGroups);
  return [targets, { name: 'targetGroupsOfLoadBalancer', of, limit, used: groups.length }];
}

async function countTargets(
  client: ElasticLoadBalancingV2Client,
  groups: readonly TargetGroup[],
): Promise<number | undefined> {
  if (groups.length > TARGET_GROUPS_COUNTED_MAX) return undefined;
  let count = 0;
  for (const { TargetGroupArn = '' } of groups) {
    count += (await describeHealth(client, TargetGroupArn)).length;
  }
  return count;
}

async function readTargetGroups(
  client: ElasticLoadBalancingV2Client,
  LoadBalancerArn?: string,
): Promise<readonly TargetGroup[]> {
  return readPages(async (Marker) => {
    const command = new DescribeTargetGroupsCommand({ LoadBalancerArn, Marker });
    const on = LoadBalancerArn ?? 'the account';
    const output = await call('DescribeTargetGroups', on, () => client.send(command));
    return { items: output.TargetGroups, next: output.NextMarker };
  });
}

async function readLimits(client: ElasticLoadBalancingV2Client): Promise<Limits> {
  const limits = await readPages(async (Marker) => {
    const command = new DescribeLoadBalancingLimitsCommand({ Marker });
    const operation = 'DescribeAccountLimits';
    const output = await call(operation, 'load balancing', () => client.send(command));
    return { items: output.Limits, next: output.NextMarker };
  });
  return new Map(limits.map(({ Name = '', Max }) => [Name, Number(Max)]));
}
