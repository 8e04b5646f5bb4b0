/**
 * What a running deployment looks at: its alarms, its two fleets and its routes, as far as the
 * task needs them. Calls come one after the other, so that the same world is read the same way.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeScalingActivitiesCommand,
} from '@aws-sdk/client-auto-scaling';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AlarmsReading, FleetReading } from '../core/observation.ts';
import { isArmed, transitionsCountFrom } from '../core/judge-alarms.ts';
import { DEPLOYMENT_TAG, toTagValue } from '../core/names.ts';
import type { Plan } from '../core/plan.ts';
import type { Progress } from '../core/progress.ts';
import type { ObservationScope, Observer } from '../ports/estate.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import { addTransitions, readAlarms } from './alarms.ts';
import { call } from './call.ts';
import { EMPTY_FLEET, toFailures, toFleetReading } from './fleet-reading.ts';
import { observeRequests } from './green-requests.ts';
import { describeGroups, describeHealth, tagValue } from './groups.ts';
import { isLeavingSource } from './traffic-sources.ts';

/**
 * Newest activities that are looked at; a few failures are enough to give up on green.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html
 */
const ACTIVITIES_MAX = 100;

interface Dependencies {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly router: Pick<TrafficRouter, 'read'>;
}

/** Makes the observer of running deployments. */
export function createObserver(dependencies: Dependencies): Observer {
  return {
    async observe(plan, progress, scope) {
      const { greenTargetGroupArn } = progress;
      const pair = {
        blueTargetGroupArn: plan.blue.targetGroupArn,
        ...(greenTargetGroupArn !== undefined && { greenTargetGroupArn }),
      };
      return {
        alarms: await observeAlarms(dependencies, plan, progress, scope),
        ...(await observeFleets(dependencies, plan, progress, scope)),
        routes: scope.routes ? await dependencies.router.read(plan.routes, pair) : [],
        greenRequests: scope.requests
          ? await observeRequests(dependencies.cloudWatch, plan, progress)
          : undefined,
      };
    },
  };
}

/** A metrics API that fails says nothing about the fleets, so it is not an exception. */
async function observeAlarms(
  { cloudWatch }: Dependencies,
  plan: Plan,
  progress: Progress,
  scope: ObservationScope,
): Promise<AlarmsReading> {
  try {
    const alarms = await readAlarms(cloudWatch, scope.alarms ? plan.alarms : []);
    // An alarm that is on decides already, and must not wait for an API that may fail.
    const isOn = alarms.some(
      ({ alarmName, state }) => state === 'ALARM' && isArmed(plan, progress, alarmName),
    );
    if (isOn || !scope.alarmHistory) return { type: 'read', alarms };
    const fromOf = (alarmName: string) => transitionsCountFrom(plan, progress, alarmName);
    return { type: 'read', alarms: await addTransitions(cloudWatch, alarms, fromOf) };
  } catch (error) {
    return { type: 'unreadable', because: error instanceof Error ? error.message : String(error) };
  }
}

async function observeFleets(
  { autoScaling, loadBalancing }: Dependencies,
  plan: Plan,
  progress: Progress,
  scope: ObservationScope,
): Promise<{ readonly blue: FleetReading; readonly green: FleetReading }> {
  const { blue, green } = plan;
  const asked = [
    ...(scope.blue ? [blue.autoScalingGroupName] : []),
    ...(scope.green ? [green.autoScalingGroupName] : []),
  ];
  if (asked.length === 0) return { blue: EMPTY_FLEET, green: EMPTY_FLEET };
  const groups = await describeGroups(autoScaling, asked);
  const read = async (group: AutoScalingGroup | undefined, targetGroupArn: string | undefined) =>
    toFleetReading({
      group,
      targets: targetGroupArn ? await describeHealth(loadBalancing, targetGroupArn) : [],
    });
  const greenGroup = keepOwn(plan, groups.get(green.autoScalingGroupName));
  const greenReading = scope.green
    ? await read(greenGroup, progress.greenTargetGroupArn)
    : EMPTY_FLEET;
  const blueGroup = groups.get(blue.autoScalingGroupName);
  const blueReading = scope.blue ? await read(blueGroup, blue.targetGroupArn) : EMPTY_FLEET;
  if (scope.attachments) {
    const seen = (name: string, reading: FleetReading) =>
      observeAttachment(autoScaling, name, reading);
    return {
      blue: await seen(blue.autoScalingGroupName, blueReading),
      green: await seen(green.autoScalingGroupName, greenReading),
    };
  }
  return {
    blue: blueReading,
    green: isStruggling(plan, progress, greenReading)
      ? { ...greenReading, failures: await readFailures(autoScaling, plan, progress) }
      : greenReading,
  };
}

/** A group that has given up its target group may still be leaving it. */
async function observeAttachment(
  client: AutoScalingClient,
  groupName: string,
  reading: FleetReading,
): Promise<FleetReading> {
  if (!reading.exists || reading.attachment !== 'none') return reading;
  const isLeaving = await isLeavingSource(client, groupName);
  return isLeaving ? { ...reading, attachment: 'leaving' } : reading;
}

/** A group that has green's name, but that this deployment did not make, is not green. */
function keepOwn(
  { deploymentId, green }: Plan,
  group: AutoScalingGroup | undefined,
): AutoScalingGroup | undefined {
  if (green.retained) return group;
  const maker = tagValue(group?.Tags ?? [], DEPLOYMENT_TAG);
  return maker === toTagValue(deploymentId) ? group : undefined;
}

/** Failed launches matter only while green has to come up and has not. */
function isStruggling(plan: Plan, progress: Progress, green: FleetReading): boolean {
  const needed = plan.green.desiredCapacity;
  const isStarting = progress.stepIndex < 0 && progress.rollbackStartedAt === undefined;
  const isComplete = green.inServiceCount >= needed && green.healthyCount >= needed;
  return green.exists && isStarting && !isComplete;
}

/** A fleet that was there before has a past, whose failures are not this deployment's. */
async function readFailures(
  client: AutoScalingClient,
  { green: { autoScalingGroupName, retained } }: Plan,
  { greenRequestedAt }: Progress,
): Promise<readonly string[]> {
  const since = retained && greenRequestedAt ? Date.parse(greenRequestedAt) : 0;
  const command = new DescribeScalingActivitiesCommand({
    AutoScalingGroupName: autoScalingGroupName,
    MaxRecords: ACTIVITIES_MAX,
  });
  const output = await call('DescribeScalingActivities', autoScalingGroupName, () =>
    client.send(command),
  );
  const activities = (output.Activities ?? []).filter(
    ({ StartTime }) => (StartTime?.getTime() ?? since) >= since,
  );
  return toFailures(activities);
}
