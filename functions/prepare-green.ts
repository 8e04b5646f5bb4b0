/** PrepareGreen: blue keeps its size; green gets everything but traffic. */
import { neededFor } from '../shared/core/capacity.ts';
import { describeClone, refuseDifferences, reportClone } from '../shared/core/clone/report.ts';
import { AwsUnavailable } from '../shared/core/errors.ts';
import {
  bluePinLease,
  greenFreezeLease,
  lockLease,
  mirroredAlarmsLease,
} from '../shared/core/open-leases.ts';
import { type Plan, wakingAlarms } from '../shared/core/plan.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type {
  CloneItem,
  Fleets,
  GreenBuilder,
  GreenCloner,
  GreenParts,
} from '../shared/ports/fleets.ts';
import type { GreenGuard } from '../shared/ports/green-guard.ts';
import type { Leases, Watches } from '../shared/ports/ledger.ts';
import type { Timepiece } from '../shared/ports/signals.ts';
import type { StandbyListeners } from '../shared/ports/standby.ts';
import type { Fence, TrafficRouter } from '../shared/ports/traffic-router.ts';
import { count } from '../shared/core/situation.ts';
import { withStack } from './_handler.ts';
import {
  advance,
  fenceOf,
  type Journal,
  openForWriting,
  type PlannedDeployment,
  type TaskInput,
} from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment whose green is to be made; made parts are found again by their names. */
export type PrepareGreenInput = TaskInput;

/** What builds green, keeps blue at its size, and gives green its place in the routes. */
export interface PrepareGreenPorts extends Journal {
  readonly leases: Leases;
  readonly watches: Watches;
  readonly fleets: Fleets;
  readonly greenGuard: GreenGuard;
  readonly greenBuilder: GreenBuilder;
  readonly greenCloner: GreenCloner;
  readonly trafficRouter: TrafficRouter;
  readonly standby: StandbyListeners;
  readonly timepiece: Timepiece;
}

/**
 * Looks at green before a difference counts, and seconds between two of them: what AWS describes
 * may be older than what was written.
 */
const LOOKS_MAX = 6;
const LOOK_AGAIN_SECONDS = 3;

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not write any more
 * @throws NameTaken when green's name belongs to something else
 * @throws CloneDiffers when green is not what blue is, in something that nobody waived
 */
export const prepareGreen = (ports: PrepareGreenPorts) => async (input: PrepareGreenInput) => {
  const { fleets, trafficRouter, watches } = ports;
  const { now } = input;
  const opened = await openForWriting(ports, input);
  const { plan, deploymentId } = opened;
  const begun = await advance(ports, opened, {
    state: 'PrepareGreen',
    now,
    event: 'preparing',
    progress: {
      ...opened.progress,
      phase: 'preparingGreen',
      reason: `Green was being ${plan.green.retained ? 'woken' : 'made'} for ${plan.version}.`,
    },
  });
  await watches.watch(deploymentId, wakingAlarms(plan));
  await ports.leases.open(lockLease(begun, now));
  await ports.leases.open(bluePinLease(begun, now));
  await ports.leases.open(greenFreezeLease(begun, now));
  await ports.leases.open(mirroredAlarmsLease(begun, now));
  const mayWrite = fenceOf(ports, begun, input);
  await mayWrite();
  await fleets.pinBlue(plan);
  const parts = await makeParts(ports, plan, mayWrite);
  const { greenTargetGroupArn } = parts;
  const named = await ports.deployments.save(begun, {
    progress: { ...begun.progress, ...parts },
  });
  // Health checks of a target group begin only when a route names it, so it gets weight 0 first. A
  // record that leads to an unhealthy green is none to have: there, the other side leads to it.
  const pair = { blueTargetGroupArn: plan.blue.targetGroupArn, greenTargetGroupArn };
  const fence = fenceOf(ports, { ...named, plan }, input);
  if (plan.standby) await ports.standby.lead(plan, greenTargetGroupArn, fence);
  else await trafficRouter.shift(plan.routes, pair, 0, fence);
  await fence();
  await setGuard(ports, plan, greenTargetGroupArn);
  await fence();
  if (plan.green.retained) return wakeRetained(ports, { ...named, plan }, now);
  await ports.greenBuilder.createGroup(plan, parts);
  const cloned = await makeItems(ports, { ...named, plan }, parts, input);
  const proven = await proveClone(ports, cloned, parts, input);
  const reason = `Green ${plan.green.autoScalingGroupName} was asked for ${count(plan.green.desiredCapacity, 'instance')} of ${plan.version}; ${proven.reason}`;
  await advance(ports, proven.record, {
    state: 'PrepareGreen',
    now,
    event: 'prepared',
    progress: { ...proven.record.progress, phase: 'awaitingGreen', reason, greenRequestedAt: now },
  });
  return { directive: { type: 'prepared', reason } } as const;
};

/** Long before the first weight, so that the alarm has seen green whole when it begins to count. */
async function setGuard(
  { greenGuard }: PrepareGreenPorts,
  plan: Plan,
  targetGroupArn: string,
): Promise<void> {
  const weight = plan.steps[0]?.greenWeightPercent ?? 100;
  const neededTargets = neededFor(weight, plan.green.desiredCapacity);
  await greenGuard.set(plan, { targetGroupArn, neededTargets });
}

/** What green is made of besides its group; a fleet that was kept has all of it. */
async function makeParts(
  { greenBuilder }: PrepareGreenPorts,
  plan: Plan,
  mayWrite: Fence,
): Promise<GreenParts> {
  const { retained } = plan.green;
  if (retained) {
    const { launchTemplateVersion, targetGroupArn } = retained;
    return {
      greenLaunchTemplateVersion: launchTemplateVersion,
      greenTargetGroupArn: targetGroupArn,
    };
  }
  await mayWrite();
  const greenLaunchTemplateVersion = await greenBuilder.createLaunchTemplateVersion(plan);
  await mayWrite();
  const greenTargetGroupArn = await greenBuilder.createTargetGroup(plan);
  return { greenLaunchTemplateVersion, greenTargetGroupArn };
}

/** A fleet that was kept is whole but for its size. */
async function wakeRetained(ports: PrepareGreenPorts, record: PlannedDeployment, now: IsoInstant) {
  const { plan, progress } = record;
  const { autoScalingGroupName, desiredCapacity } = plan.green;
  await ports.fleets.wake(plan);
  const reason = `Group ${autoScalingGroupName} was asked for ${count(desiredCapacity, 'instance')} of ${plan.version} again.`;
  await advance(ports, record, {
    state: 'PrepareGreen',
    now,
    event: 'prepared',
    progress: { ...progress, phase: 'awaitingGreen', reason, greenRequestedAt: now },
  });
  return { directive: { type: 'prepared', reason } } as const;
}

/** Item by item, each saved when it is made: whoever comes after a crash goes on from there. */
async function makeItems(
  ports: PrepareGreenPorts,
  record: PlannedDeployment,
  parts: GreenParts,
  input: PrepareGreenInput,
): Promise<PlannedDeployment> {
  const { plan } = record;
  let current = record;
  for (const { name, make } of await listItems(ports, plan, parts, input.now)) {
    const { clonedItems = [] } = current.progress;
    if (clonedItems.includes(name)) continue;
    await fenceOf(ports, current, input)();
    await make();
    const progress = { ...current.progress, clonedItems: [...clonedItems, name] };
    current = { ...(await ports.deployments.save(current, { progress })), plan };
  }
  return current;
}

/** Waits out the moment in which AWS has made green's group and does not describe it yet. */
async function listItems(
  { greenCloner, timepiece }: PrepareGreenPorts,
  plan: Plan,
  parts: GreenParts,
  now: IsoInstant,
): Promise<readonly CloneItem[]> {
  let items = await greenCloner.list(plan, parts, now);
  for (let looks = 1; items === undefined && looks < LOOKS_MAX; looks += 1) {
    await timepiece.sleep(LOOK_AGAIN_SECONDS);
    items = await greenCloner.list(plan, parts, now);
  }
  if (items) return items;
  throw new AwsUnavailable(
    `AWS did not describe ${plan.green.autoScalingGroupName} after it was made; it is tried again.`,
  );
}

/** Reads green back, keeps what was found in the record, and stops at what nobody waived. */
async function proveClone(
  { deployments, greenCloner, timepiece }: PrepareGreenPorts,
  record: PlannedDeployment,
  parts: GreenParts,
  { now }: PrepareGreenInput,
): Promise<{ readonly record: PlannedDeployment; readonly reason: string }> {
  const { plan, progress } = record;
  const { autoScalingGroupName, targetGroupName } = plan.green;
  const items = [
    `version ${parts.greenLaunchTemplateVersion} of ${plan.blue.launchTemplateId}`,
    `target group ${targetGroupName}`,
    `group ${autoScalingGroupName}`,
    ...(progress.clonedItems ?? []),
  ];
  const look = async () =>
    reportClone({
      items,
      waivers: plan.waivers,
      ...(await greenCloner.compare(plan, parts, now)),
    });
  let report = await look();
  for (let looks = 1; report.differences.length > 0 && looks < LOOKS_MAX; looks += 1) {
    await timepiece.sleep(LOOK_AGAIN_SECONDS);
    report = await look();
  }
  const saved = await deployments.save(record, { progress, cloneReport: report });
  refuseDifferences(report);
  return { record: { ...saved, plan }, reason: describeClone(report) };
}

export const handler = withStack(
  prepareGreen({
    ...world.journal(),
    leases: world.leases(),
    watches: world.watches(),
    fleets: world.fleets(),
    greenGuard: world.greenGuard(),
    greenBuilder: world.greenBuilder(),
    greenCloner: world.greenCloner(),
    trafficRouter: world.trafficRouter(),
    standby: world.standbyListeners(),
    timepiece: world.timepiece(),
  }),
);
