/**
 * How a deployment finds out whether its turn has come, and how the next one is told that it may
 * look. What is decided here is decided by `core/decide-turn.ts`.
 */
import { onBusyOf } from '../shared/core/busy-policy.ts';
import {
  decideTurn,
  newerSuperseder,
  olderThan,
  type Rival,
  type Waiting,
} from '../shared/core/decide-turn.ts';
import type { TurnDirective } from '../shared/core/directive.ts';
import { hasNotBegun } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { ServiceDefinition } from '../shared/core/spec.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Deployments, Holder, Holds, Locks, Queue, Timeline } from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';
import { findRivalry } from './_journal.ts';

/** What tells whose turn it is. */
export interface TurnPorts {
  readonly deployments: Deployments;
  readonly locks: Pick<Locks, 'holder'>;
  readonly queue: Queue;
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
  return { service, deploymentId, startedAt, onBusy: onBusyOf(definition, request) };
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
  const turn = decideTurn({
    self,
    ...(held && rival && { rival: toRival(held, toWaiting(rival, definition)) }),
    waiting,
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
 */
async function dropEnded(
  ports: TurnPorts,
  self: Waiting,
  rows: readonly Waiting[],
): Promise<readonly Waiting[]> {
  let left = rows.filter(({ deploymentId }) => deploymentId !== self.deploymentId);
  for (const pick of [newerSuperseder, oldest]) {
    for (let row = pick(self, left); row; row = pick(self, left)) {
      if (await isWaiting(ports, row)) break;
      await ports.queue.leave(row);
      left = left.filter((other) => other !== row);
    }
  }
  return left;
}

function oldest(self: Waiting, rows: readonly Waiting[]): Waiting | undefined {
  return olderThan(self, rows)[0];
}

async function isWaiting({ deployments }: TurnPorts, { deploymentId }: Waiting): Promise<boolean> {
  const record = await deployments.load(deploymentId);
  return record !== undefined && hasNotBegun(record.progress);
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
