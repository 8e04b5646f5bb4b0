/**
 * Everything that the planner looks at, read from AWS before anything is written.
 * Calls come one after the other, so that the same world is read the same way.
 */
import type { AutoScalingClient, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { GroupReading, TargetGroupReading } from '../core/estate.ts';
import { DEPLOYMENT_TAG } from '../core/names.ts';
import type { EstateReader } from '../ports/estate.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import { readAlarms } from './alarms.ts';
import { isInService, toFleetReading, zonesOf } from './fleet-reading.ts';
import { readSuspended } from './group-processes.ts';
import { listUnsupported, readBusyWith } from './group-features.ts';
import {
  describeAttributes,
  describeGroup,
  describeHealth,
  describeTags,
  describeTargetGroup,
  tagValue,
} from './groups.ts';
import { readImage } from './images.ts';
import { readLaunchTemplate } from './launch-templates.ts';

/**
 * Seconds that AWS gives to requests under way where the attribute is missing.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
const DEREGISTRATION_DELAY_DEFAULT_SECONDS = 300;

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly router: Pick<TrafficRouter, 'find'>;
}

/** Makes the reader of everything that is live before a deployment. */
export function createEstateReader(dependencies: Dependencies): EstateReader {
  const { autoScaling, cloudWatch, ec2, loadBalancing, router } = dependencies;
  return {
    async read({ autoScalingGroupName, imageId, alarms }) {
      const image = await readImage(ec2, imageId);
      const described = await describeGroup(autoScaling, autoScalingGroupName);
      const group = described && (await readGroup(dependencies, described));
      const arns = group?.targetGroupArns ?? [];
      const targetGroup =
        arns.length === 1 && arns[0] ? await readTargetGroup(loadBalancing, arns[0]) : undefined;
      return {
        image,
        group,
        targetGroup,
        routes: targetGroup ? await router.find(targetGroup.targetGroupArn) : [],
        alarms: await readAlarms(cloudWatch, alarms),
      };
    },
  };
}

async function readGroup(
  { autoScaling, ec2 }: Dependencies,
  group: AutoScalingGroup,
): Promise<GroupReading> {
  const { inServiceCount, desiredCapacity } = toFleetReading({ group, targets: [] });
  const launchTemplate = await readLaunchTemplate(ec2, group);
  const busyWith = await readBusyWith(autoScaling, group);
  return {
    autoScalingGroupName: group.AutoScalingGroupName ?? '',
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    desiredCapacity,
    inServiceCount,
    zones: zonesOf(group.Instances?.filter(isInService) ?? []),
    suspendedProcesses: readSuspended(group),
    targetGroupArns: readTargetGroupArns(group),
    ...(launchTemplate && { launchTemplate }),
    unsupported: listUnsupported(group),
    isCreatedByTeal: tagValue(group.Tags ?? [], DEPLOYMENT_TAG) !== undefined,
    ...(busyWith !== undefined && { busyWith }),
  };
}

/** A target group may be attached by either of two APIs and then shows in either list. */
function readTargetGroupArns({ TargetGroupARNs = [], TrafficSources = [] }: AutoScalingGroup) {
  const sources = TrafficSources.flatMap(({ Identifier = '' }) =>
    Identifier.includes(':elasticloadbalancing:') ? [Identifier] : [],
  );
  return [...new Set([...TargetGroupARNs, ...sources])];
}

/** A type says nothing while stickiness is off. */
function readStickiness(attributes: ReadonlyMap<string, string>): TargetGroupReading['stickiness'] {
  if (attributes.get('stickiness.enabled') !== 'true') return 'none';
  const type = attributes.get('stickiness.type');
  return type === 'app_cookie' || type === 'source_ip' ? type : 'lb_cookie';
}

async function readTargetGroup(
  client: ElasticLoadBalancingV2Client,
  targetGroupArn: string,
): Promise<TargetGroupReading | undefined> {
  const targetGroup = await describeTargetGroup(client, { arn: targetGroupArn });
  if (!targetGroup) return undefined;
  const attributes = await describeAttributes(client, targetGroupArn);
  const health = await describeHealth(client, targetGroupArn);
  const tags = await describeTags(client, targetGroupArn);
  const delay = attributes.get('deregistration_delay.timeout_seconds');
  return {
    targetGroupArn,
    targetGroupName: targetGroup.TargetGroupName ?? targetGroupArn,
    targetType: targetGroup.TargetType ?? 'instance',
    deregistrationDelaySeconds: delay ? Number(delay) : DEREGISTRATION_DELAY_DEFAULT_SECONDS,
    healthyCount: health.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length,
    stickiness: readStickiness(attributes),
    isCreatedByTeal: tagValue(tags, DEPLOYMENT_TAG) !== undefined,
  };
}
