/** PrepareGreen: blue keeps its size; green gets everything but traffic. */
import { describeClone, refuseDifferences, reportClone } from '../shared/core/clone/report.ts';
import { AwsUnavailable } from '../shared/core/errors.ts';
import type { Plan } from '../shared/core/plan.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type {
  CloneItem,
  Fleets,
  GreenBuilder,
  GreenCloner,
  GreenParts,
} from '../shared/ports/fleets.ts';
import type { Watches } from '../shared/ports/ledger.ts';
import type { Timepiece } from '../shared/ports/signals.ts';
import type { TrafficRouter } from '../shared/ports/traffic-router.ts';
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
  readonly watches: Watches;
  readonly fleets: Fleets;
  readonly greenBuilder: GreenBuilder;
  readonly greenCloner: GreenCloner;
  readonly trafficRouter: TrafficRouter;
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
  const { fleets, greenBuilder, trafficRouter, watches } = ports;
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
      reason: `Green was being made for ${plan.version}.`,
    },
  });
  await watches.watch(deploymentId, plan.alarms);
  await fleets.pinBlue(plan);
  const greenLaunchTemplateVersion = await greenBuilder.createLaunchTemplateVersion(plan);
  const greenTargetGroupArn = await greenBuilder.createTargetGroup(plan);
  const parts = { greenLaunchTemplateVersion, greenTargetGroupArn };
  const named = await ports.deployments.save(begun, {
    progress: { ...begun.progress, ...parts },
  });
  // Health checks of a target group begin only when a route names it, so it gets weight 0 first.
  const pair = { blueTargetGroupArn: plan.blue.targetGroupArn, greenTargetGroupArn };
  const fence = fenceOf(ports, { ...named, plan }, input);
  await trafficRouter.shift(plan.routes, pair, 0, fence);
  await greenBuilder.createGroup(plan, parts);
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
    watches: world.watches(),
    fleets: world.fleets(),
    greenBuilder: world.greenBuilder(),
    greenCloner: world.greenCloner(),
    trafficRouter: world.trafficRouter(),
    timepiece: world.timepiece(),
  }),
);
