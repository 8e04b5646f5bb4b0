/** RecordOutcome: says how it ended and why, releases what was held, tells people. */
import {
  decideOutcome,
  describeFailure,
  type Ending,
  isFinishedForGreen,
  type OutcomeDirective,
} from '../shared/core/decide-outcome.ts';
import { invariant, LeaseLost } from '../shared/core/errors.ts';
import { isTellingDue, type OpenLease } from '../shared/core/leases.ts';
import { wakingAlarms } from '../shared/core/plan.ts';
import { outdatedPointers } from '../shared/core/pointers.ts';
import { hasEnded } from '../shared/core/progress.ts';
import { type DeploymentRecord, isOnErrand } from '../shared/core/record.ts';
import { supersedeRetained } from '../shared/core/retained-fleet.ts';
import { settleLeases, type Settlement } from '../shared/core/settle-leases.ts';
import type {
  Deployments,
  Holds,
  Leases,
  Locks,
  Queue,
  Services,
  Timeline,
  Watches,
} from '../shared/ports/ledger.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Executions, Notifier } from '../shared/ports/signals.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';
import { withStack } from './_handler.ts';
import type { TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { publish, publishOwed, type PublishPorts } from './_publish.ts';
import { tellOutcome } from './_telling.ts';
import { wakeNext } from './_turn.ts';

/** The deployment that is over, and how it came to that. */
export interface RecordOutcomeInput extends TaskInput {
  /** What the state before left. */
  readonly cause: Ending;
}

/** All that a deployment may still hold, to let go of it, and people to tell. */
export interface RecordOutcomePorts extends PublishPorts {
  readonly services: Services;
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly locks: Locks;
  readonly leases: Leases;
  readonly holds: Holds;
  readonly watches: Watches;
  readonly queue: Queue;
  readonly executions: Pick<Executions, 'signal'>;
  readonly notifier: Notifier;
}

/** Makes the task. Everything in it may happen twice. */
export const recordOutcome = (ports: RecordOutcomePorts) => async (input: RecordOutcomeInput) => {
  const { deploymentId, executionArn, now, cause } = input;
  const record = await ports.deployments.load(deploymentId);
  if (!record) return { directive: refuseUnknown(cause) };
  // Whoever has taken the deployment over records its outcome; this execution only ends.
  if (record.executionArn !== executionArn) return { directive: endedElsewhere(record) };
  const directive = hasEnded(record.progress) ? endedAs(record) : decideOutcome(record, cause);
  const { type } = directive;
  const leases = await ports.leases.list(deploymentId);
  const settlement = settleLeases({ record, leases, outcome: type, ending: cause, now });
  for (const lease of settlement.open) await ports.leases.open(lease);
  if (isOnErrand(record)) {
    const reason = await endErrand(ports, record, { settlement, leases, directive, input });
    return { directive: { ...directive, reason } };
  }
  // What is recorded as succeeded was handed over before it was recorded.
  const isNews = type === 'succeeded' && !hasEnded(record.progress);
  const remark = isNews ? await handOver(ports, record, now) : undefined;
  const reason = remark ? `${directive.reason} ${remark}` : directive.reason;
  const { error } = directive;
  const progress = { ...record.progress, phase: type, reason, ...(error && { endedWith: error }) };
  const saved = hasEnded(record.progress)
    ? record
    : await ports.deployments.save(record, { progress });
  // Only after the save: the next one must find this one over, not half-way without its lock.
  await release(ports, record);
  const order = saved.revision;
  await ports.timeline.add(deploymentId, {
    at: now,
    order,
    state: 'RecordOutcome',
    event: type,
    reason,
  });
  // Once its row is closed, whoever runs again comes after somebody who has told it.
  const isUntold = !hasEnded(record.progress) || isTellingDue(leases, now);
  const outcome = { ...directive, reason };
  const untold = isUntold ? await tellOutcome(ports, record, { outcome, leases, now }) : undefined;
  // The lock's row is the last: until here somebody finds out if this execution ends early.
  for (const lease of settlement.close) await ports.leases.close(lease);
  return { directive: { ...directive, reason: untold ? `${reason} ${untold}` : reason } };
};

/**
 * The service follows green before the record says that it is over, so that nobody who sees the
 * end can start from the wrong group. Answers what people should hear about it besides.
 */
async function handOver(
  ports: RecordOutcomePorts,
  record: DeploymentRecord,
  now: IsoInstant,
): Promise<string | undefined> {
  const { service, deploymentId, plan } = record;
  if (!plan) return undefined;
  const { green, standby } = plan;
  await ports.services.follow(service, {
    autoScalingGroupName: green.autoScalingGroupName,
    targetGroupArn: record.progress.greenTargetGroupArn,
    routing: standby?.routingAfter,
  });
  await ports.services.release(service, deploymentId);
  const leases = await ports.leases.list();
  const { due, done } = supersedeRetained(leases, { record, plan, now });
  for (const lease of due) await ports.leases.open(lease);
  const closed = [...done, ...outdatedPointers(leases, record)];
  for (const lease of closed) await ports.leases.close(lease);
  return publish(ports, record, { now, fence: fenceBy(ports, record) });
}

/**
 * Lets pointers be written only while nobody else records this outcome: one that wakes up late must
 * not write them over those of a later deployment. An errand has no lock; its revision is enough.
 */
function fenceBy(
  { deployments }: Pick<RecordOutcomePorts, 'deployments'>,
  { deploymentId, revision }: DeploymentRecord,
): Fence {
  return async () => {
    const current = await deployments.load(deploymentId);
    if (current?.revision === revision) return;
    throw new LeaseLost(
      `Deployment ${deploymentId} was moved on by somebody else while its pointers were written, so no more were.`,
    );
  };
}

/**
 * The outcome stays; what the errand came to is a line of its own. People hear of the outcome only
 * if they have not yet. Answers the outcome's reason, and why they could not be told if they could
 * not.
 */
async function endErrand(
  ports: RecordOutcomePorts,
  record: DeploymentRecord,
  {
    settlement: { close },
    leases,
    directive: outcome,
    input: { deploymentId, now, cause },
  }: {
    readonly settlement: Settlement;
    readonly leases: readonly OpenLease[];
    readonly directive: OutcomeDirective;
    readonly input: RecordOutcomeInput;
  },
): Promise<string> {
  const { errand, progress } = record;
  invariant(errand, 'only a record that is on an errand comes here.');
  // While its rows are open: if this execution dies here, whoever recovers it does this again.
  const remark = await pointToGreen(ports, record, { leases, now, cause });
  const ended = { progress, errand: { ...errand, endedAt: now } };
  const { revision: order } = await ports.deployments.save(record, ended);
  // Before somebody is woken, who may wait for just these to be gone.
  for (const lease of close.filter(({ kind }) => kind !== 'lock')) await ports.leases.close(lease);
  await release(ports, record);
  const isUntold = errand.type === 'tell' || isTellingDue(leases, now);
  const untold = isUntold ? await tellOutcome(ports, record, { outcome, leases, now }) : undefined;
  for (const lease of close) await ports.leases.close(lease);
  const came = cause.failure
    ? describeFailure(cause.failure)
    : (cause.directive?.reason ?? 'The errand was over.');
  await ports.timeline.add(deploymentId, {
    at: now,
    order,
    state: 'RecordOutcome',
    event: 'errandEnded',
    reason: [came, remark, untold].filter(Boolean).join(' '),
  });
  return untold ? `${outcome.reason} ${untold}` : outcome.reason;
}

/**
 * Where a person decided for green and blue is gone by now, green is handed over as after a success,
 * unless the definition names another group meanwhile. Any other errand only tries what is owed.
 */
async function pointToGreen(
  ports: RecordOutcomePorts,
  record: DeploymentRecord,
  {
    leases,
    now,
    cause,
  }: {
    readonly leases: readonly OpenLease[];
    readonly now: IsoInstant;
    readonly cause: Ending;
  },
): Promise<string | undefined> {
  const definition = isFinishedForGreen(record, cause)
    ? await ports.services.load(record.service)
    : undefined;
  const green = record.plan?.green.autoScalingGroupName;
  if (definition?.autoScalingGroupName === green) return handOver(ports, record, now);
  await publishOwed(ports, record, { leases, now, fence: fenceBy(ports, record) });
  return undefined;
}

async function release(ports: RecordOutcomePorts, record: DeploymentRecord): Promise<void> {
  const { deploymentId, service, plan, progress } = record;
  const token = await ports.holds.waiting(deploymentId);
  if (token) await ports.holds.close(deploymentId, token);
  await ports.watches.unwatch(deploymentId, plan ? wakingAlarms(plan) : []);
  await ports.locks.release({ service, deploymentId });
  if (progress.queuedAt) await ports.queue.leave(record);
  await wakeNext(ports, record);
}

/** What it ended with was answered once, and is answered to whoever asks again. */
function endedAs({ progress }: DeploymentRecord): OutcomeDirective {
  const { phase, reason, endedWith } = progress;
  const type =
    phase === 'succeeded' || phase === 'rolledBack' || phase === 'refused' ? phase : 'failed';
  const usual = type === 'refused' ? 'SpecRefused' : 'DeploymentFailed';
  return { type, reason, error: endedWith ?? usual };
}

/** A deployment that is over says how; one that is not is somebody else's to end. */
function endedElsewhere(record: DeploymentRecord): OutcomeDirective {
  if (hasEnded(record.progress)) return endedAs(record);
  const reason = `The deployment was taken over by ${record.executionArn}, which records its outcome.`;
  return { type: 'failed', reason, error: 'LeaseLost' };
}

/** Without a record nothing can have been written. */
function refuseUnknown({ failure }: Ending): OutcomeDirective {
  return {
    type: 'refused',
    reason: failure?.cause ?? 'The deployment left no record.',
    error: failure?.error ?? 'Refused',
  };
}

export const handler = withStack(
  recordOutcome({
    ...world.journal(),
    services: world.services(),
    leases: world.leases(),
    holds: world.holds(),
    watches: world.watches(),
    queue: world.queue(),
    executions: world.executions(),
    notifier: world.notifier(),
    pointers: world.pointers(),
    defaultVersions: world.defaultVersions(),
  }),
);
