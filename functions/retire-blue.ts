/** RetireBlue: green has won; blue leaves the routes, drains, is emptied and removed. */
import { decideRetireBlue } from '../shared/core/decide-removal.ts';
import type { RemovalDirective } from '../shared/core/directive.ts';
import { invariant } from '../shared/core/errors.ts';
import type { OpenLease } from '../shared/core/leases.ts';
import { hasEnded, type Progress } from '../shared/core/progress.ts';
import { retainedBlueLease } from '../shared/core/retained-fleet.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import { openForWriting, type PlannedDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { isToRelease, takeDown, type TakeDownPorts } from './_take-down.ts';

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
    scope: { alarms: false, blue: true, green: false, routes: true, attachments: true },
    decide: decideRetireBlue,
    act: (directive, taken, fence) => actOnBlue(ports, directive, taken, fence),
  });
};

async function begin(
  ports: RetireBluePorts,
  record: PlannedDeployment,
  now: string,
): Promise<PlannedDeployment> {
  const { plan, progress } = record;
  // Saved first: green has won, and no failure of what follows makes less of that.
  // An outcome stays what it is: a failure that is finished by hand was one all the same.
  const phase = hasEnded(progress) ? progress.phase : 'retiringBlue';
  const started: Progress = { ...progress, phase, retirementStartedAt: now };
  const begun = progress.retirementStartedAt
    ? record
    : { ...(await ports.deployments.save(record, { progress: started })), plan };
  const leases = await ports.leases.list(begun.deploymentId);
  await endWatch(ports, begun, leases);
  await releaseGreen(ports, begun, { leases, now });
  return begun;
}

/** Nobody looks at the alarms any more, so those that watched green go. */
async function endWatch(
  { fleetAlarms, leases }: RetireBluePorts,
  { plan, deploymentId }: PlannedDeployment,
  open: readonly OpenLease[],
): Promise<void> {
  const lease = open.find(({ kind }) => kind === 'mirroredAlarms');
  if (!lease) return;
  const { autoScalingGroupName } = plan.green;
  await fleetAlarms.removeMirrored({ autoScalingGroupName, createdBy: deploymentId });
  await leases.close(lease);
}

/**
 * Green carries everything and has proved itself: from here on it may scale like blue did. Once it
 * was released its sizes are its owner's, whatever is still to be done for blue.
 */
async function releaseGreen(
  { fleets, leases }: RetireBluePorts,
  record: PlannedDeployment,
  { leases: open, now }: { readonly leases: readonly OpenLease[]; readonly now: IsoInstant },
): Promise<void> {
  const { plan, deploymentId, progress } = record;
  const freeze = {
    deploymentId,
    kind: 'greenFreeze',
    resource: plan.green.autoScalingGroupName,
  } as const;
  if (!isToRelease(open, freeze, { record, since: progress.retirementStartedAt, now })) return;
  await fleets.releaseGreen(plan, now);
  await leases.close(freeze);
}

async function actOnBlue(
  { fleets, fleetAlarms, leases, standby, trafficRouter }: RetireBluePorts,
  directive: RemovalDirective,
  record: PlannedDeployment,
  fence: Fence,
): Promise<void> {
  const { plan, progress } = record;
  const { autoScalingGroupName, targetGroupArn, retirement, liftsProtection = false } = plan.blue;
  switch (directive.type) {
    case 'detach': {
      const keepTargetGroupArn = progress.greenTargetGroupArn;
      invariant(keepTargetGroupArn, 'blue leaves the routes only when green is in them.');
      const removal = { keepTargetGroupArn, removeTargetGroupArn: targetGroupArn };
      return trafficRouter.settle(plan.routes, removal, fence);
    }
    case 'deregister':
      return fleets.deregister(autoScalingGroupName);
    case 'empty':
      return fleets.empty(autoScalingGroupName, directive);
    case 'retain':
      await leases.open(retainedBlueLease(record, plan));
      return fleets.rest(autoScalingGroupName);
    case 'leave':
      return standby.park(plan, fence);
    // Also at the end: a run that died half-way may have left the target group without its group.
    case 'delete':
    case 'finish':
      await standby.park(plan, fence);
      if (retirement !== 'delete') return;
      await fleetAlarms.remove({ autoScalingGroupName });
      return fleets.remove({ autoScalingGroupName, targetGroupArn, liftsProtection });
    case 'wait':
      return;
  }
}

export const handler = withStack(
  retireBlue({
    ...world.journal(),
    leases: world.leases(),
    observer: world.observer(),
    fleets: world.fleets(),
    fleetAlarms: world.fleetAlarms(),
    trafficRouter: world.trafficRouter(),
    standby: world.standbyListeners(),
  }),
);
