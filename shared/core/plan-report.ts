/**
 * What a plan says to people and to programs before anything is touched: what would be created,
 * changed and deleted, the steps with their times, and what two fleets at once cost.
 * Not for: the text of it (see `plan-text.ts`).
 */
import { describePoint, type PlannedApproval } from './approvals.ts';
import type { Plan } from './plan.ts';
import { leastSecondsOf } from './plan-length.ts';
import type { Difference } from './preflight/consent.ts';
import { count } from './situation.ts';
import type { ServiceDefinition } from './spec.ts';
import type { Percent, Seconds } from './units.ts';

/** One step, with the earliest time at which it can begin. */
export interface ReportedStep {
  /** Seconds after green was found healthy. */
  readonly beginsAfterSeconds: Seconds;
  readonly greenWeightPercent: Percent;
  readonly holdSeconds: Seconds;
}

/** What it takes to run both fleets at the same time. */
export interface Overlap {
  /** Instances that green adds. */
  readonly instances: number;
  /** Seconds for which both fleets are up at the least. */
  readonly leastSeconds: Seconds;
  /** Instances times hours, two decimals. */
  readonly instanceHours: number;
  /** Absent unless the service's definition says what an instance costs. */
  readonly price?: { readonly amount: number; readonly currency: string };
}

/** The report; sentences are complete, lists keep the order in which things would happen. */
export interface PlanReport {
  /** The deployment would have this id, and these names, only if it is started by the same key. */
  readonly deploymentId: string;
  readonly service: string;
  readonly version: string;
  readonly imageId: string;
  readonly creates: readonly string[];
  readonly changes: readonly string[];
  readonly deletes: readonly string[];
  readonly steps: readonly ReportedStep[];
  /** Where it waits for a person, and for how long; absent where it never does. */
  readonly approvals?: readonly string[];
  /** All holds, tails and drains; the time that green takes to boot comes on top. */
  readonly leastTotalSeconds: Seconds;
  readonly overlap: Overlap;
  readonly warnings: readonly string[];
  readonly unknowns: readonly string[];
  readonly consented: readonly Difference[];
}

const SECONDS_PER_HOUR = 3600;

/** Tells a plan. Without a price of the service's own, no money is named. */
export function reportPlan(
  plan: Plan,
  instanceHourPrice?: ServiceDefinition['instanceHourPrice'],
): PlanReport {
  const steps = reportSteps(plan);
  const leastTotalSeconds = leastSecondsOf(plan);
  return {
    deploymentId: plan.deploymentId,
    service: plan.service,
    version: plan.version,
    imageId: plan.imageId,
    creates: listCreations(plan),
    changes: listChanges(plan),
    deletes: listDeletions(plan),
    steps,
    ...(plan.approval && { approvals: listApprovals(plan, plan.approval) }),
    leastTotalSeconds,
    overlap: reportOverlap(plan, leastTotalSeconds, instanceHourPrice),
    warnings: plan.warnings ?? [],
    unknowns: plan.unknowns ?? [],
    consented: plan.consented ?? [],
  };
}

/** A hold begins when clients no longer go by the weights before it. */
function reportSteps({ steps, tailSeconds = 0 }: Plan): readonly ReportedStep[] {
  const told: ReportedStep[] = [];
  let elapsed = 0;
  for (const { greenWeightPercent, holdSeconds } of steps) {
    told.push({
      beginsAfterSeconds: elapsed,
      greenWeightPercent,
      holdSeconds: tailSeconds + holdSeconds,
    });
    elapsed += tailSeconds + holdSeconds;
  }
  return told;
}

function listApprovals(plan: Plan, approval: PlannedApproval): readonly string[] {
  const { afterSteps, timeoutSeconds, onTimeout, approvers } = approval;
  const who = approvers ? ` by ${approvers.join(' or ')}` : '';
  const answer = onTimeout === 'approve' ? 'approved' : 'rejected';
  return afterSteps.map(
    (stepIndex) =>
      `${describePoint(plan, stepIndex)}${who}; without an answer in ${timeoutSeconds} s it counts as ${answer}.`,
  );
}

function reportOverlap(
  { green, blue }: Plan,
  leastTotalSeconds: Seconds,
  price: ServiceDefinition['instanceHourPrice'],
): Overlap {
  const { retention } = blue;
  const leastSeconds = leastTotalSeconds + (retention?.blue === 'full' ? retention.seconds : 0);
  const hours = (green.desiredCapacity * leastSeconds) / SECONDS_PER_HOUR;
  return {
    instances: green.desiredCapacity,
    leastSeconds,
    instanceHours: toCents(hours),
    ...(price && { price: { amount: toCents(hours * price.amount), currency: price.currency } }),
  };
}

function toCents(amount: number): number {
  return Math.round(amount * 100) / 100;
}

function listCreations({ blue, green, imageId, watchedAlarms = [] }: Plan): readonly string[] {
  const copies = watchedAlarms.filter(({ mirrorOf }) => mirrorOf !== undefined);
  if (green.retained) return [];
  return [
    `A version of launch template ${blue.launchTemplateId}: version ${blue.launchTemplateVersion} with image ${imageId}.`,
    `Target group ${green.targetGroupName}, with the settings and attributes of blue's.`,
    `Auto Scaling group ${green.autoScalingGroupName} with ${count(green.desiredCapacity, 'instance')}, and all that hangs on ${blue.autoScalingGroupName}.`,
    ...copies.map(({ alarmName, mirrorOf }) => `Alarm ${alarmName}, a copy of ${mirrorOf}.`),
  ];
}

function listChanges({ blue, green, routes, standby }: Plan): readonly string[] {
  const least = Math.max(blue.minSize, green.desiredCapacity);
  const { configuredVersion, launchTemplateVersion } = blue;
  return [
    `Group ${blue.autoScalingGroupName}: its minimum becomes ${least} (now ${blue.minSize}) until it is retired or restored; its schedules, rebalancing and instance refreshes rest meanwhile.`,
    ...(configuredVersion === String(launchTemplateVersion)
      ? []
      : [
          `Group ${blue.autoScalingGroupName}: it is bound to version ${launchTemplateVersion} of its launch template (now ${configuredVersion}).`,
        ]),
    ...(standby
      ? [`${standby.listenerArn}: its default action forwards to ${green.targetGroupName}.`]
      : []),
    ...routes.map(({ id }) => `${id}: ${green.targetGroupName} is added at 0 %, and shifted to.`),
  ];
}

function listDeletions({ blue }: Plan): readonly string[] {
  const { autoScalingGroupName, retirement, retention, keptBecause } = blue;
  const when = retention ? ` ${retention.seconds} s after the success` : '';
  const because = keptBecause ? `, because ${keptBecause}` : '';
  return retirement === 'delete'
    ? [`Group ${autoScalingGroupName} and target group ${blue.targetGroupArn}${when}.`]
    : [
        `The instances of ${autoScalingGroupName}${when}; the group itself is kept at zero${because}.`,
      ];
}
