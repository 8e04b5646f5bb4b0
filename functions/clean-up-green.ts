/** CleanUpGreen: green is taken down and blue gets its own sizes back. */
import { decideCleanUpGreen } from '../shared/core/decide-removal.ts';
import type { RemovalDirective } from '../shared/core/directive.ts';
import type { Plan } from '../shared/core/plan.ts';
import type { Progress } from '../shared/core/progress.ts';
import { isOnErrand } from '../shared/core/record.ts';
import type { RetainedFleet } from '../shared/core/retained-fleet.ts';
import { secondsUntilSettled } from '../shared/core/settled-blue.ts';
import type { BlueRestorer } from '../shared/ports/fleets.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import { openForWriting, type PlannedDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { isToRelease, takeDown, type TakeDownPorts } from './_take-down.ts';

/** The deployment whose green lost. */
export type CleanUpGreenInput = TaskInput;

/** The same as for retiring blue, and what gives blue back what was taken from it. */
export interface CleanUpGreenPorts extends TakeDownPorts {
  readonly blueRestorer: BlueRestorer;
}

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not write any more
 */
export const cleanUpGreen = (ports: CleanUpGreenPorts) => async (input: CleanUpGreenInput) => {
  const { now } = input;
  const opened = await openForWriting(ports, input);
  await restoreBlue(ports, opened, now);
  const progress: Progress = isOnErrand(opened)
    ? opened.progress
    : { ...opened.progress, phase: 'cleaningUpGreen' };
  return takeDown(ports, {
    state: 'CleanUpGreen',
    now,
    record: { ...opened, progress },
    scope: { alarms: false, blue: false, green: true, routes: true, attachments: true },
    decide: decideCleanUpGreen,
    act: (directive, record, fence) => actOnGreen(ports, directive, record, fence),
  });
};

/**
 * As soon as blue has settled: whatever becomes of green, it must not stay pinned. Once it was restored, and
 * nothing can have pinned it since, its sizes are its owner's, whatever is still to be done for green.
 */
async function restoreBlue(
  { blueRestorer, leases }: CleanUpGreenPorts,
  record: PlannedDeployment,
  now: string,
): Promise<void> {
  const { plan, deploymentId, progress } = record;
  if (!isOnErrand(record) && secondsUntilSettled({ progress, now }) > 0) return;
  const pin = {
    deploymentId,
    kind: 'bluePin',
    resource: plan.blue.autoScalingGroupName,
  } as const;
  const open = await leases.list(deploymentId);
  if (!isToRelease(open, pin, { record, since: progress.rollbackConfirmedAt, now })) return;
  await blueRestorer.restoreBlue(plan, now);
  await leases.close(pin);
}

async function actOnGreen(
  ports: CleanUpGreenPorts,
  directive: RemovalDirective,
  { plan, progress }: PlannedDeployment,
  fence: Fence,
): Promise<void> {
  const { fleets, standby, trafficRouter } = ports;
  const { autoScalingGroupName } = plan.green;
  const removeTargetGroupArn = progress.greenTargetGroupArn;
  switch (directive.type) {
    case 'detach': {
      if (!removeTargetGroupArn) return;
      const removal = { keepTargetGroupArn: plan.blue.targetGroupArn, removeTargetGroupArn };
      return trafficRouter.settle(plan.routes, removal, fence);
    }
    case 'deregister':
      return fleets.deregister(autoScalingGroupName);
    case 'empty':
      if (removeTargetGroupArn) await standby.restore(plan, removeTargetGroupArn, fence);
      return fleets.empty(autoScalingGroupName, directive);
    // Also at the end: a deployment that died young may have left a target group without a group.
    case 'delete':
    case 'finish':
      if (removeTargetGroupArn) await standby.restore(plan, removeTargetGroupArn, fence);
      return plan.green.retained
        ? keepAgain(ports, plan, plan.green.retained)
        : removeGreen(ports, plan, progress);
    // Time passes, or has run out; green is never retained, only kept again as it was.
    case 'wait':
    case 'leave':
    case 'retain':
      return;
  }
}

/** It was there before this deployment, and the one that kept it still answers for it. */
async function keepAgain(
  { fleets, fleetAlarms }: CleanUpGreenPorts,
  { deploymentId: createdBy, green: { autoScalingGroupName } }: Plan,
  { kept }: RetainedFleet,
): Promise<void> {
  await fleetAlarms.removeMirrored({ autoScalingGroupName, createdBy });
  await fleets.rest(autoScalingGroupName);
  await fleets.resize(autoScalingGroupName, kept);
}

async function removeGreen(
  { blueRestorer, fleets, fleetAlarms }: CleanUpGreenPorts,
  plan: Plan,
  progress: Progress,
): Promise<void> {
  const { autoScalingGroupName, targetGroupName } = plan.green;
  const createdBy = plan.deploymentId;
  await fleetAlarms.remove({ autoScalingGroupName, createdBy });
  // Whatever protects green was copied from blue, and means blue.
  const fleet = { autoScalingGroupName, targetGroupName, createdBy, liftsProtection: true };
  await fleets.remove(fleet);
  await blueRestorer.discardLaunchTemplateVersion(plan, progress.greenLaunchTemplateVersion);
}

export const handler = withStack(
  cleanUpGreen({
    ...world.journal(),
    observer: world.observer(),
    fleets: world.fleets(),
    fleetAlarms: world.fleetAlarms(),
    blueRestorer: world.blueRestorer(),
    trafficRouter: world.trafficRouter(),
    leases: world.leases(),
    standby: world.standbyListeners(),
  }),
);
