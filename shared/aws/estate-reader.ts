/**
 * Everything that the planner looks at, read from AWS before anything is written.
 * Calls come one after the other, so that the same world is read the same way.
 */
import type { AutoScalingClient, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { toAlarmTerms } from '../core/alarm-terms.ts';
import type { Estate, GroupReading, TargetGroupReading } from '../core/estate.ts';
import { DEPLOYMENT_TAG, VERSION_TAG } from '../core/names.ts';
import { ownerOf } from '../core/ownership.ts';
import type { Routing } from '../core/routing.ts';
import { chooseTargetGroup } from '../core/traffic-limits.ts';
import type { EstateReader } from '../ports/estate.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import { metricNameOf } from './clone/green-names.ts';
import { isInService, toFleetReading, zonesOf } from './fleet-reading.ts';
import { FULL_PROTECTION } from './fleet-removal.ts';
import { findAlarms } from './found-alarms.ts';
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
import { readControllers } from './route-controllers.ts';
import { readSchedules } from './schedules.ts';
import { readSides, type SidesDependencies } from './sides-reader.ts';

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
  readonly recordsOf: SidesDependencies['recordsOf'];
}

/** Makes the reader of everything that is live before a deployment. */
export function createEstateReader(dependencies: Dependencies): EstateReader {
  const { autoScaling, cloudWatch, ec2, loadBalancing } = dependencies;
  return {
    async readGroup(autoScalingGroupName) {
      const group = await describeGroup(autoScaling, autoScalingGroupName);
      return group && readGroup(dependencies, group);
    },
    async read(spec) {
      const { autoScalingGroupName, imageId, alarms, routing } = spec;
      const image = await readImage(ec2, imageId);
      const described = await describeGroup(autoScaling, autoScalingGroupName);
      const group = described && (await readGroup(dependencies, described));
      const chosen = group && chooseTargetGroup(spec, group);
      const targetGroup = chosen ? await readTargetGroup(loadBalancing, chosen) : undefined;
      const strayRoutes =
        targetGroup && group ? await readStrayRoutes(dependencies, group, targetGroup) : [];
      return {
        image,
        group,
        targetGroup,
        ...(await readTraffic(dependencies, targetGroup?.targetGroupArn, routing)),
        ...(strayRoutes.length > 0 && { strayRoutes }),
        alarms: await findAlarms(
          cloudWatch,
          alarms.map((wish) => toAlarmTerms(wish).name),
          {
            blueGroupName: autoScalingGroupName,
            ...(targetGroup && { blueTargetGroup: metricNameOf(targetGroup.targetGroupArn) }),
          },
        ),
      };
    },
  };
}

/** Where traffic to blue is split: on its load balancer, or by records before it. */
async function readTraffic(
  dependencies: Dependencies,
  targetGroupArn: string | undefined,
  routing: Routing | undefined,
): Promise<Pick<Estate, 'routes' | 'sides'>> {
  if (targetGroupArn === undefined) return { routes: [] };
  const found = await dependencies.router.find(targetGroupArn);
  const routes = await readControllers(dependencies.loadBalancing, found);
  if (!routing) return { routes };
  return readSides(dependencies, routing, { targetGroupArn, routes });
}

/** Routes to the other target groups of a group, which would stay with blue. */
async function readStrayRoutes(
  { router }: Dependencies,
  { targetGroupArns }: GroupReading,
  chosen: TargetGroupReading,
): Promise<NonNullable<Estate['strayRoutes']>> {
  const strays: NonNullable<Estate['strayRoutes']>[number][] = [];
  for (const targetGroupArn of targetGroupArns) {
    if (targetGroupArn === chosen.targetGroupArn) continue;
    const routes = await router.find(targetGroupArn);
    strays.push(...routes.map(({ id }) => ({ id, targetGroupArn })));
  }
  return strays;
}

/** One group as it is, from its description. @throws AwsUnavailable, AwsRefused */
export async function readGroup(
  { autoScaling, ec2 }: Pick<Dependencies, 'autoScaling' | 'ec2'>,
  group: AutoScalingGroup,
): Promise<GroupReading> {
  const { inServiceCount, desiredCapacity } = toFleetReading({ group, targets: [] });
  const launchTemplate = await readLaunchTemplate(ec2, group);
  const busyWith = await readBusyWith(autoScaling, group);
  const versionLabel = tagValue(group.Tags ?? [], VERSION_TAG);
  return {
    autoScalingGroupName: group.AutoScalingGroupName ?? '',
    minSize: group.MinSize ?? 0,
    maxSize: group.MaxSize ?? 0,
    desiredCapacity,
    inServiceCount,
    zones: zonesOf(group.Instances?.filter(isInService) ?? []),
    suspendedProcesses: readSuspended(group),
    schedules: await readSchedules(autoScaling, group.AutoScalingGroupName ?? ''),
    hasCapacityRebalance: group.CapacityRebalance === true,
    targetGroupArns: readTargetGroupArns(group),
    ...(launchTemplate && { launchTemplate }),
    unsupported: listUnsupported(group),
    ...(versionLabel !== undefined && { versionLabel }),
    ...readOwnership(group.Tags ?? []),
    isProtectedFromDeletion: group.DeletionProtection === FULL_PROTECTION,
    ...(busyWith !== undefined && { busyWith }),
  };
}

/** Who made something, and who else believes that it is theirs, as its tags say. */
function readOwnership(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
) {
  const isCreatedByTeal = tagValue(tags, DEPLOYMENT_TAG) !== undefined;
  const readings = tags.map(({ Key: key = '', Value: value = '' }) => ({ key, value }));
  const owner = ownerOf(readings, { isCreatedByTeal });
  return { isCreatedByTeal, ...(owner !== undefined && { owner }) };
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

/** One target group as it is; undefined when there is none. @throws AwsUnavailable, AwsRefused */
export async function readTargetGroup(
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
    ...readOwnership(tags),
  };
}
