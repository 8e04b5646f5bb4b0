/** CleanUpGreen: green is taken down and blue gets its own sizes back. */
import { decideCleanUpGreen } from '../shared/core/decide-removal.ts';
import type { RemovalDirective } from '../shared/core/directive.ts';
import type { BlueRestorer } from '../shared/ports/fleets.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import { openForWriting, type PlannedDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { takeDown, type TakeDownPorts } from './_take-down.ts';

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
  const { plan } = opened;
  // First and every time: whatever becomes of green, blue must not stay pinned.
  await ports.blueRestorer.restoreBlue(plan);
  const progress = { ...opened.progress, phase: 'cleaningUpGreen' } as const;
  return takeDown(ports, {
    state: 'CleanUpGreen',
    now,
    record: { ...opened, progress },
    scope: { alarms: false, blue: false, green: true, routes: true },
    decide: decideCleanUpGreen,
    act: (directive, record, fence) => actOnGreen(ports, directive, record, fence),
  });
};

async function actOnGreen(
  { blueRestorer, fleets, fleetAlarms, trafficRouter }: CleanUpGreenPorts,
  directive: RemovalDirective,
  { plan, progress }: PlannedDeployment,
  fence: Fence,
): Promise<void> {
  const { autoScalingGroupName, targetGroupName } = plan.green;
  const removeTargetGroupArn = progress.greenTargetGroupArn;
  if (directive.type === 'detach' && removeTargetGroupArn) {
    const removal = { keepTargetGroupArn: plan.blue.targetGroupArn, removeTargetGroupArn };
    await trafficRouter.settle(plan.routes, removal, fence);
  }
  if (directive.type === 'empty') {
    // A warm pool and a policy whose alarm is still on would keep the group from becoming empty.
    await fleets.drainWarmPool(autoScalingGroupName);
    await fleets.resize(autoScalingGroupName, { minSize: 0, maxSize: 0, desiredCapacity: 0 });
  }
  // Also at the end: a deployment that died young may have left a target group without a group.
  if (directive.type === 'delete' || directive.type === 'finish') {
    const createdBy = plan.deploymentId;
    await fleetAlarms.remove({ autoScalingGroupName, createdBy });
    await fleets.remove({ autoScalingGroupName, targetGroupName, createdBy });
    await blueRestorer.discardLaunchTemplateVersion(plan, progress.greenLaunchTemplateVersion);
  }
}

export const handler = withStack(
  cleanUpGreen({
    ...world.journal(),
    observer: world.observer(),
    fleets: world.fleets(),
    fleetAlarms: world.fleetAlarms(),
    blueRestorer: world.blueRestorer(),
    trafficRouter: world.trafficRouter(),
  }),
);
