/** RetireBlue: green has won; blue leaves the routes, drains, is emptied and removed. */
import { decideRetireBlue } from '../shared/core/decide-removal.ts';
import type { RemovalDirective } from '../shared/core/directive.ts';
import { invariant } from '../shared/core/errors.ts';
import type { Progress } from '../shared/core/progress.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import { openForWriting, type PlannedDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { takeDown, type TakeDownPorts } from './_take-down.ts';

/** The deployment whose green carries everything and has kept its bake time. */
export type RetireBlueInput = TaskInput;

/** The same as for cleaning up green: which fleet goes is the task's choice, not the ports'. */
export type RetireBluePorts = TakeDownPorts;

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not write any more
 */
export const retireBlue = (ports: RetireBluePorts) => async (input: RetireBlueInput) => {
  const { now } = input;
  const record = await openForWriting(ports, input);
  const begun = await begin(ports, record, now);
  return takeDown(ports, {
    state: 'RetireBlue',
    now,
    record: begun,
    scope: { alarms: false, blue: true, green: false, routes: true },
    decide: decideRetireBlue,
    act: (directive, taken, fence) => actOnBlue(ports, directive, taken, fence),
  });
};

async function begin(
  { deployments, fleets }: RetireBluePorts,
  record: PlannedDeployment,
  now: string,
): Promise<PlannedDeployment> {
  const { plan, progress } = record;
  // Green carries everything and has proved itself: from here on it may scale like blue did.
  await fleets.releaseGreen(plan);
  if (progress.retirementStartedAt) return record;
  const started: Progress = { ...progress, phase: 'retiringBlue', retirementStartedAt: now };
  return { ...(await deployments.save(record, { progress: started })), plan };
}

async function actOnBlue(
  { fleets, fleetAlarms, trafficRouter }: RetireBluePorts,
  directive: RemovalDirective,
  { plan, progress }: PlannedDeployment,
  fence: Fence,
): Promise<void> {
  const { autoScalingGroupName, targetGroupArn } = plan.blue;
  if (directive.type === 'detach') {
    const keepTargetGroupArn = progress.greenTargetGroupArn;
    invariant(keepTargetGroupArn, 'blue leaves the routes only when green is in them.');
    const removal = { keepTargetGroupArn, removeTargetGroupArn: targetGroupArn };
    await trafficRouter.settle(plan.routes, removal, fence);
  }
  if (directive.type === 'empty') {
    const isDeleted = plan.blue.retirement === 'delete';
    // A group that is kept keeps its warm pool and its maximum: both are its owner's.
    if (isDeleted) await fleets.drainWarmPool(autoScalingGroupName);
    const size = { minSize: 0, desiredCapacity: 0 };
    await fleets.resize(autoScalingGroupName, isDeleted ? { ...size, maxSize: 0 } : size);
  }
  // Also at the end: a run that died half-way may have left the target group without its group.
  const isDue = directive.type === 'delete' || directive.type === 'finish';
  if (isDue && plan.blue.retirement === 'delete') {
    await fleetAlarms.remove({ autoScalingGroupName });
    await fleets.remove({ autoScalingGroupName, targetGroupArn });
  }
}

export const handler = withStack(
  retireBlue({
    ...world.journal(),
    observer: world.observer(),
    fleets: world.fleets(),
    fleetAlarms: world.fleetAlarms(),
    trafficRouter: world.trafficRouter(),
  }),
);
