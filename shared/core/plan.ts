/**
 * The plan: everything a deployment will do, decided once, before anything is written. It is data
 * that a person can read and a test can check without running anything.
 */
import { planApproval, type PlannedApproval } from './approvals.ts';
import { SpecRefused } from './errors.ts';
import type { Estate, FoundRoute, GroupReading, Route, TargetGroupReading } from './estate.ts';
import { greenName, guardAlarmName } from './names.ts';
import type { Notifications } from './notices.ts';
import { type AlarmPlan, complainAboutAlarms, planAlarms, warnAboutAlarms } from './plan-alarms.ts';
import type { ScheduleReading } from './missed-schedules.ts';
import type { LastRelease } from './preflight/consent.ts';
import { type PlannedPreflight, runPreflight } from './preflight/preflight.ts';
import { complainAboutLength, planTimes } from './plan-length.ts';
import {
  complainAboutRetention,
  type PlannedRetirement,
  planRetirement,
  warnAboutRetirement,
} from './plan-retirement.ts';
import type { RetainedFleet } from './retained-fleet.ts';
import { FORMAT_VERSION } from './record-format.ts';
import type { DeploymentSpec, Strategy } from './spec.ts';
import { type PlannedStandby, planStandby } from './standby.ts';
import { warnAboutTargetGroups } from './traffic-limits.ts';
import { refuseUnfitEstate } from './unfit-estate.ts';
import type { IsoInstant, Percent, Seconds } from './units.ts';

/** One step of traffic: the weight, and how long it stays before the next. */
export interface Step {
  readonly greenWeightPercent: Percent;
  /** At 100 % this is the bake time. */
  readonly holdSeconds: Seconds;
}

/** Blue as it was when the deployment began; what a rollback restores. */
export interface PlannedBlue extends PlannedRetirement {
  readonly autoScalingGroupName: string;
  readonly targetGroupArn: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly launchTemplateId: string;
  readonly launchTemplateVersion: number;
  /** The version as the group named it before, which a rollback puts back. */
  readonly configuredVersion: string;
  /** The image and what people call it, for who wants to go back; absent where nobody could say. */
  readonly imageId?: string;
  readonly version?: string;
  /** True when the template's default was that version, and so follows what serves. */
  readonly isDefaultVersion?: boolean;
  /** Processes that were suspended before Teal suspended any; a rollback leaves just these. */
  readonly suspendedProcesses: readonly string[];
  /** Scheduled actions, which rest: what they miss is made up for. Absent means none. */
  readonly schedules?: readonly ScheduleReading[];
  /** True when capacity rebalancing was on, which rests; absent means that it was off. */
  readonly hasCapacityRebalance?: boolean;
}

/** Green as it will be. */
export interface PlannedGreen {
  readonly autoScalingGroupName: string;
  readonly targetGroupName: string;
  /** Instances green must have in service and healthy to take 100 %. */
  readonly desiredCapacity: number;
  readonly maxSize: number;
  /** Availability Zones in which green must have a healthy target: those that blue serves from. */
  readonly zones: readonly string[];
  /** Only where a retained fleet takes its traffic back: that fleet, which is there already. */
  readonly retained?: RetainedFleet;
}

/** A deployment before it begins; nothing in it changes later. */
export interface Plan extends PlannedPreflight, AlarmPlan {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly deploymentId: string;
  readonly service: string;
  readonly version: string;
  readonly imageId: string;
  readonly createdAt: IsoInstant;
  readonly blue: PlannedBlue;
  readonly green: PlannedGreen;
  readonly routes: readonly Route[];
  /** The side that leads to green. Absent where a load balancer splits the traffic itself. */
  readonly standby?: PlannedStandby;
  /** At least one; weights rise strictly and the last is 100. */
  readonly steps: readonly Step[];
  readonly greenHealthyDeadlineSeconds: Seconds;
  /** Readings in a row that must find green whole before its first traffic; 1 or more. */
  readonly consecutiveReadings: number;
  /** Requests that green must have had in a step before the next; 0 asks for none. */
  readonly minimumRequests: number;
  readonly onForeignChange: DeploymentSpec['onForeignChange'];
  /** Absent in plans of before there were orders: the tasks that go by them know only an abort. */
  readonly takesOrders?: true;
  /** Where it waits for a person; absent where it never does. */
  readonly approval?: PlannedApproval;
  /** Names of differences between blue and green that stop nothing. */
  readonly waivers: readonly string[];
  /**
   * Longest time that a request to a retiring target may still come or take: what clients may take
   * to notice, and the deregistration delay.
   */
  readonly drainSeconds: Seconds;
  /**
   * Seconds for which clients may still go by the weights before a step; its hold begins after them.
   * Absent when a step is in effect as soon as it is confirmed.
   */
  readonly tailSeconds?: Seconds;
  /** What people want to hear; see `notices.ts`. Absent means the usual. */
  readonly notifications?: Notifications;
}

/**
 * Turns a strategy into steps.
 * An explicit list may end at 100 itself, and then the hold given there is the bake time.
 * @throws SpecRefused when an explicit list does not rise strictly
 * @example planSteps({ type: 'linear', stepPercent: 50, holdSeconds: 60 }, 300)
 * // [{ greenWeightPercent: 50, holdSeconds: 60 }, { greenWeightPercent: 100, holdSeconds: 300 }]
 */
export function planSteps(strategy: Strategy, bakeTimeSeconds: Seconds): readonly Step[] {
  const last: Step = { greenWeightPercent: 100, holdSeconds: bakeTimeSeconds };
  switch (strategy.type) {
    case 'allAtOnce':
      return [last];
    case 'canary': {
      const { greenWeightPercent, holdSeconds } = strategy;
      return [{ greenWeightPercent, holdSeconds }, last];
    }
    case 'linear': {
      const count = Math.ceil(100 / strategy.stepPercent) - 1;
      const rising = Array.from({ length: count }, (_, index) => ({
        greenWeightPercent: strategy.stepPercent * (index + 1),
        holdSeconds: strategy.holdSeconds,
      }));
      return [...rising, last];
    }
    case 'steps': {
      refuseUnorderedSteps(strategy.steps);
      const steps = strategy.steps.map(({ greenWeightPercent, holdSeconds }) => ({
        greenWeightPercent,
        holdSeconds,
      }));
      return steps.at(-1)?.greenWeightPercent === 100 ? steps : [...steps, last];
    }
  }
}

/** For definitions that were stored when nobody looked at the order; `spec.ts` reads no such. */
function refuseUnorderedSteps(steps: readonly Step[]): void {
  steps.reduce((before, { greenWeightPercent }) => {
    if (greenWeightPercent <= before) {
      throw new SpecRefused(
        `The steps were refused: ${greenWeightPercent} % follows ${before} %, and green's weight ` +
          'must rise with every step. Put the steps in order and start again; nothing was changed.',
      );
    }
    return greenWeightPercent;
  }, 0);
}

/**
 * Makes the plan, or says why there can be none.
 * @throws SpecRefused with everything that stands in the way, in one message
 */
export function makePlan(input: {
  spec: DeploymentSpec;
  estate: Estate;
  deploymentId: string;
  now: IsoInstant;
  /** The release that blue comes from; absent when there was none, or it left no footprint. */
  lastRelease?: LastRelease | undefined;
}): Plan {
  const { spec, estate, deploymentId, now } = input;
  const steps = planSteps(spec.strategy, spec.bakeTimeSeconds);
  const approval = planApproval(spec, steps);
  const desiredCapacity = greenCapacityOf(estate);
  const timed = planTimes(spec, estate, steps);
  const { lastRelease } = input;
  const preflight = runPreflight({ ...input, greenCapacity: desiredCapacity, lastRelease });
  const { group, targetGroup, template } = refuseUnfitEstate(spec, estate, [
    ...preflight.complaints,
    ...complainAboutAlarms(spec, estate, steps),
    ...complainAboutRetention(spec),
    ...complainAboutLength(timed),
  ]);
  const name = greenName(spec.service, deploymentId);
  return {
    formatVersion: FORMAT_VERSION,
    deploymentId,
    service: spec.service,
    version: spec.version,
    imageId: spec.imageId,
    createdAt: now,
    blue: planBlue(spec, group, targetGroup, template),
    green: {
      autoScalingGroupName: name,
      targetGroupName: name,
      desiredCapacity,
      maxSize: Math.max(group.maxSize, desiredCapacity),
      zones: group.zones,
    },
    routes: estate.routes.map((route) => planRoute(route, targetGroup)),
    ...(spec.routing &&
      estate.sides && { standby: planStandby(spec.routing, estate.sides, estate.routes) }),
    ...timed,
    ...planAlarms(spec, estate, name),
    greenHealthyDeadlineSeconds: spec.greenHealthyDeadlineSeconds,
    consecutiveReadings: spec.healthGate.consecutiveReadings,
    minimumRequests: spec.healthGate.minimumRequests,
    onForeignChange: spec.onForeignChange,
    takesOrders: true,
    ...(approval && { approval }),
    waivers: spec.waivers,
    ...(spec.notifications && { notifications: spec.notifications }),
    ...preflight.kept,
    warnings: [
      ...(preflight.kept.warnings ?? []),
      ...warnAboutAlarms(spec, estate, steps),
      ...warnAboutRetirement(spec, group, targetGroup),
      ...warnAboutTargetGroups(group, targetGroup),
    ],
  };
}

/** Blue as a rollback would restore it, and what becomes of it otherwise. */
function planBlue(
  spec: DeploymentSpec,
  group: GroupReading,
  targetGroup: TargetGroupReading,
  template: NonNullable<GroupReading['launchTemplate']>,
): PlannedBlue {
  return {
    autoScalingGroupName: group.autoScalingGroupName,
    targetGroupArn: targetGroup.targetGroupArn,
    minSize: group.minSize,
    maxSize: group.maxSize,
    desiredCapacity: group.desiredCapacity,
    launchTemplateId: template.launchTemplateId,
    launchTemplateVersion: template.version,
    configuredVersion: template.configuredVersion,
    ...(template.isDefault && { isDefaultVersion: true }),
    ...(template.imageId !== undefined && { imageId: template.imageId }),
    ...(group.versionLabel !== undefined && { version: group.versionLabel }),
    suspendedProcesses: group.suspendedProcesses,
    ...(group.schedules?.length && { schedules: group.schedules }),
    ...(group.hasCapacityRebalance && { hasCapacityRebalance: true }),
    ...planRetirement(spec, group, targetGroup),
  };
}

/** As many instances as blue really runs, which may be more than it was set to; 0 without blue. */
export function greenCapacityOf({ group }: Pick<Estate, 'group'>): number {
  return Math.max(group?.desiredCapacity ?? 0, group?.inServiceCount ?? 0);
}

/** What a route must be given back, and what it needs while it names both fleets. */
function planRoute(
  {
    otherTargetGroupArns: _others,
    isIndivisible: _never,
    record: _record,
    controller: _nobody,
    ...route
  }: FoundRoute,
  { stickiness }: TargetGroupReading,
): Route {
  const needsStickiness = stickiness !== 'none' && route.stickySeconds === undefined;
  return needsStickiness ? { ...route, needsStickiness } : route;
}

/** Names of all alarms whose going off ends a hold early: those watched, and green's guard. */
export function wakingAlarms({ alarms, green }: Plan): readonly string[] {
  return [...alarms, guardAlarmName(green.autoScalingGroupName)];
}
