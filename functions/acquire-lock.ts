/** AcquireLock: one deployment of a service writes at a time. */
import { newerSuperseder, supersededBy } from '../shared/core/decide-turn.ts';
import type { LockDirective } from '../shared/core/directive.ts';
import { SpecRefused } from '../shared/core/errors.ts';
import { leaseSeconds } from '../shared/core/lease-time.ts';
import type { ServiceDefinition } from '../shared/core/spec.ts';
import { instantAfter } from '../shared/core/units.ts';
import type { Holder, Locks, Services, Timeline } from '../shared/ports/ledger.ts';
import { withStack } from './_handler.ts';
import { findRivalry, openDeployment, type PlannedDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { dropEnded, enqueue, lookAtTurn, toWaiting, type TurnPorts } from './_turn.ts';

/** The deployment that wants to be the only one of its service to write. */
export type AcquireLockInput = TaskInput;

/** The lock itself, and where the fence it gives and the refusal it may cause are kept. */
export interface AcquireLockPorts extends TurnPorts {
  readonly services: Services;
  readonly timeline: Timeline;
  readonly locks: Locks;
}

/**
 * Makes the task.
 * @throws SpecRefused when another deployment ended between planning and locking
 */
export const acquireLock =
  (ports: AcquireLockPorts) =>
  async (input: AcquireLockInput): Promise<{ directive: LockDirective }> => {
    const { services, deployments, timeline, locks } = ports;
    const { deploymentId, now } = input;
    const record = await openDeployment({ deployments }, input);
    const { plan, service } = record;
    const definition = await services.load(service);
    const expiresAt = instantAfter(now, leaseSeconds(plan));
    const { rival, ...abandoned } = await findRivalry({ deployments, locks }, record);
    if (rival) return yieldTo(ports, record, { definition, holder: rival, now });
    const lock = await locks.acquire({ service, deploymentId, expiresAt, ...abandoned });
    if (lock.type === 'busy') return yieldTo(ports, record, { definition, holder: lock, now });
    refuseStale(record, definition);
    const superseded = await leaveQueue(ports, record, definition);
    if (superseded) return superseded;
    const reason = `The lock of ${service} was taken.`;
    const progress = { ...record.progress, reason };
    const { fence } = lock.lease;
    const { revision: order } = await deployments.save(record, { progress, fence });
    await timeline.add(deploymentId, {
      at: now,
      order,
      state: STATE,
      event: 'locked',
      reason,
    });
    return { directive: { type: 'locked', reason } };
  };

const STATE = 'AcquireLock';

/** Another one was faster: what was planned is of no use any more. */
async function yieldTo(
  ports: AcquireLockPorts,
  record: PlannedDeployment,
  seen: {
    readonly definition: ServiceDefinition | undefined;
    readonly holder: Holder;
    readonly now: string;
  },
): Promise<{ directive: LockDirective }> {
  const { turn } = await lookAtTurn(ports, record, seen);
  if (turn.type === 'refuse') return { directive: turn };
  return enqueue(ports, record, {
    turn: { type: 'queue', reason: turn.reason },
    state: STATE,
    now: seen.now,
  });
}

function refuseStale({ plan, service }: PlannedDeployment, definition?: ServiceDefinition): void {
  const serving = definition?.autoScalingGroupName;
  if (serving === plan.blue.autoScalingGroupName) return;
  throw new SpecRefused(
    `${service} was planned from group ${plan.blue.autoScalingGroupName}, but ${serving ?? 'nothing'} serves now; start again. Nothing was changed.`,
  );
}

/**
 * A newer deployment that supersedes this one may have begun to wait before it could see who has the
 * lock; then it asked nobody to abort. One of the two sees the other, because this looks at the
 * queue after locking, and that one at the lock after queueing.
 */
async function leaveQueue(
  { deployments, queue, locks }: AcquireLockPorts,
  record: PlannedDeployment,
  definition: ServiceDefinition | undefined,
): Promise<{ directive: LockDirective } | undefined> {
  const self = toWaiting(record, definition);
  const rows = await dropEnded({ deployments, queue }, self, await queue.list(self.service));
  const newer = newerSuperseder(self, rows);
  if (newer) {
    await locks.release(self);
    return { directive: supersededBy(newer) };
  }
  if (record.progress.queuedAt) await queue.leave(self);
  return undefined;
}

export const handler = withStack(
  acquireLock({
    ...world.journal(),
    services: world.services(),
    queue: world.queue(),
    leases: world.leases(),
  }),
);
