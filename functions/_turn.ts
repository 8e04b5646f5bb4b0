/**
 * How a deployment finds out whether its turn has come, and how the next one is told that it may
 * look. What is decided here is decided by `core/decide-turn.ts`.
 */
import { onBusyOf } from '../shared/core/busy-policy.ts';
import {
  decideTurn,
  isFreeze,
  isUnmended,
  newerSuperseder,
  olderThan,
  type Rival,
  type Waiting,
} from '../shared/core/decide-turn.ts';
import type { TurnDirective } from '../shared/core/directive.ts';
import { hasNotBegun } from '../shared/core/progress.ts';
import type { OpenLease } from '../shared/core/leases.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import { isRollbackRequest, type ServiceDefinition } from '../shared/core/spec.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type {
  Deployments,
  Holder,
  Holds,
  Leases,
  Locks,
  Queue,
  Timeline,
} from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';
import { findRivalry } from './_journal.ts';

/** What tells whose turn it is. */
export interface TurnPorts {
  readonly deployments: Deployments;
  readonly locks: Pick<Locks, 'holder'>;
  readonly queue: Queue;
  readonly leases: Pick<Leases, 'list'>;
}

type Queued = Extract<TurnDirective, { type: 'queue' }>;

/** A turn, and what it was decided from. */
export interface Look {
  readonly turn: TurnDirective;
  readonly self: Waiting;
  /** Record of the deployment that has the lock; absent when nobody has. */
  readonly rival?: DeploymentRecord;
  /** Those that were asked for before, oldest first. */
  readonly older: readonly Waiting[];
}

/** A deployment as the queue knows it. */
export function toWaiting(
  { service, deploymentId, startedAt, request }: DeploymentRecord,
  definition: ServiceDefinition | undefined,
): Waiting {
  const isRollback = isRollbackRequest(request);
  const onBusy = onBusyOf(definition, request);
  return { service, deploymentId, startedAt, onBusy, ...(isRollback && { isRollback }) };
}

/**
 * Looks at the lock and the queue, and decides whether a deployment may begin. `holder` is who
 * turned out to have the lock, for whoever knows better than a look.
 */
export async function lookAtTurn(
  ports: TurnPorts,
  record: DeploymentRecord,
  {
    definition,
    holder,
    now,
  }: {
    readonly definition: ServiceDefinition | undefined;
    readonly holder?: Holder | undefined;
    readonly now: IsoInstant;
  },
): Promise<Look> {
  const self = toWaiting(record, definition);
  const held = holder ?? (await findRivalry(ports, record)).rival;
  const rival = held && (await ports.deployments.load(held.owner));
  const waiting = await dropEnded(ports, self, await ports.queue.list(self.service));
  // Whoever starts onto what a failure left has just decided to; a queue would by itself.
  const hasWaited = !held && record.progress.queuedAt !== undefined;
  const unmended =
    hasWaited && (await findUnmended(ports, self, await ports.leases.list(), definition));
  const turn = decideTurn({
    self,
    ...(held && rival && { rival: toRival(held, toWaiting(rival, definition)) }),
    waiting,
    ...(unmended && { unmended }),
    abort: record.abort,
    now,
  });
  return { turn, self, ...(rival && { rival }), older: olderThan(self, waiting) };
}

function toRival({ expiresAt }: Holder, { deploymentId, startedAt, onBusy }: Waiting): Rival {
  return { deploymentId, startedAt, onBusy, expiresAt };
}

/**
 * Rows that somebody forgot would keep everybody waiting. Only those that would be decided by are
 * looked at, because a queue may be long: the first before `self`, and the newest that supersedes.
 * One that was aborted leaves the queue by itself, and displaces nobody any more.
 */
export async function dropEnded(
  ports: Pick<TurnPorts, 'deployments' | 'queue'>,
  self: Waiting,
  rows: readonly Waiting[],
): Promise<readonly Waiting[]> {
  let left = rows.filter(({ deploymentId }) => deploymentId !== self.deploymentId);
  for (const pick of [newerSuperseder, oldest]) {
    for (let row = pick(self, left); row; row = pick(self, left)) {
      const record = await ports.deployments.load(row.deploymentId);
      const isWaiting = record !== undefined && hasNotBegun(record.progress);
      if (isWaiting && !record.abort) break;
      if (!isWaiting) await ports.queue.leave(row);
      left = left.filter((other) => other !== row);
    }
  }
  return left;
}

function oldest(self: Waiting, rows: readonly Waiting[]): Waiting | undefined {
  return olderThan(self, rows)[0];
}

/**
 * Id of another deployment of a service that failed and left frozen what serves; undefined when
 * there is none. `leases` are the open rows of all deployments.
 */
export async function findUnmended(
  { deployments }: Pick<TurnPorts, 'deployments'>,
  { service, deploymentId }: Pick<DeploymentRecord, 'service' | 'deploymentId'>,
  leases: readonly OpenLease[],
  definition: ServiceDefinition | undefined,
): Promise<string | undefined> {
  const frozen = leases.filter((lease) => lease.service === service && isFreeze(lease));
  for (const id of new Set(frozen.map((lease) => lease.deploymentId))) {
    const record = id === deploymentId ? undefined : await deployments.load(id);
    if (record && isUnmended(record, frozen, definition)) return id;
  }
  return undefined;
}

/**
 * Writes down that a deployment waits, before it does: whoever recovers it knows by this that it has
 * a row in the queue.
 */
export async function enqueue(
  { deployments, timeline }: Pick<TurnPorts, 'deployments'> & { readonly timeline: Timeline },
  record: DeploymentRecord,
  { turn, state, now }: { readonly turn: Queued; readonly state: string; readonly now: IsoInstant },
): Promise<{ directive: Queued }> {
  const { deploymentId, progress } = record;
  const { reason } = turn;
  const isNew = progress.phase !== 'queued';
  if (isNew || progress.reason !== reason) {
    const queuedAt = progress.queuedAt ?? now;
    const queued = { ...progress, phase: 'queued', reason, queuedAt } as const;
    const { revision: order } = await deployments.save(record, { progress: queued });
    if (isNew) {
      await timeline.add(deploymentId, { at: now, order, state, event: 'queued', reason });
    }
  }
  return { directive: turn };
}

/** Task tokens, and the executions that wait for them. */
export interface WakePorts {
  readonly holds: Pick<Holds, 'waiting' | 'close'>;
  readonly executions: Pick<Executions, 'signal'>;
}

/** Has one deployment look again; answers false when it does not wait any more, or not yet. */
export async function wake(
  { holds, executions }: WakePorts,
  deploymentId: string,
  reason: string,
): Promise<boolean> {
  const token = await holds.waiting(deploymentId);
  if (!token) return false;
  const answer = await executions.signal(token, { type: 'turn', reason });
  await holds.close(deploymentId, token);
  return answer === 'delivered';
}

/**
 * Has the oldest deployment of a service that waits look again, unless another one is under way,
 * whose end will do the same. Answers its id, or undefined.
 */
export async function wakeNext(
  ports: TurnPorts & WakePorts,
  { service, deploymentId }: Pick<DeploymentRecord, 'service' | 'deploymentId'>,
): Promise<string | undefined> {
  const rows = await ports.queue.list(service);
  if (rows.length === 0) return undefined;
  const { rival } = await findRivalry(ports, { service, deploymentId });
  if (rival) return undefined;
  const reason = `Nothing else of ${service} was under way any more.`;
  for (const row of rows) {
    if (row.deploymentId !== deploymentId && (await wake(ports, row.deploymentId, reason))) {
      return row.deploymentId;
    }
  }
  return undefined;
}
