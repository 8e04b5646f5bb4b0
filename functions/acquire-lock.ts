/** AcquireLock: one deployment of a service writes at a time. */
import { SpecRefused } from '../shared/core/errors.ts';
import { leaseSeconds } from '../shared/core/lease-time.ts';
import { instantAfter } from '../shared/core/units.ts';
import type { Deployments, Locks, Services, Timeline } from '../shared/ports/ledger.ts';
import { withStack } from './_handler.ts';
import { findRivalry, openDeployment, serviceBusy, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment that wants to be the only one of its service to write. */
export type AcquireLockInput = TaskInput;

/** The lock itself, and where the fence it gives and the refusal it may cause are kept. */
export interface AcquireLockPorts {
  readonly services: Services;
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly locks: Locks;
}

/**
 * Makes the task.
 * @throws ServiceBusy when another deployment of the service holds the lock
 * @throws SpecRefused when another deployment ended between planning and locking
 */
export const acquireLock =
  ({ services, deployments, timeline, locks }: AcquireLockPorts) =>
  async ({ deploymentId, executionArn, now }: AcquireLockInput) => {
    const record = await openDeployment({ deployments }, { deploymentId, executionArn });
    const { plan, service } = record;
    const expiresAt = instantAfter(now, leaseSeconds(plan));
    const { rival, ...abandoned } = await findRivalry({ deployments, locks }, record);
    if (rival) throw serviceBusy(service, rival, now);
    const lock = await locks.acquire({ service, deploymentId, expiresAt, ...abandoned });
    if (lock.type === 'busy') throw serviceBusy(service, lock, now);
    const serving = (await services.load(service))?.autoScalingGroupName;
    if (serving !== plan.blue.autoScalingGroupName) {
      throw new SpecRefused(
        `${service} was planned from group ${plan.blue.autoScalingGroupName}, but ${serving ?? 'nothing'} serves now; start again. Nothing was changed.`,
      );
    }
    const reason = `The lock of ${service} was taken.`;
    const progress = { ...record.progress, reason };
    const { fence } = lock.lease;
    const { revision: order } = await deployments.save(record, { progress, fence });
    await timeline.add(deploymentId, {
      at: now,
      order,
      state: 'AcquireLock',
      event: 'locked',
      reason,
    });
    return { directive: { type: 'locked', reason } } as const;
  };

export const handler = withStack(acquireLock({ ...world.journal(), services: world.services() }));
