/** RecordOutcome: says how it ended and why, releases what was held, tells people. */
import {
  decideOutcome,
  type Ending,
  type OutcomeDirective,
} from '../shared/core/decide-outcome.ts';
import { hasEnded } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type {
  Deployments,
  Holds,
  Locks,
  Services,
  Timeline,
  Watches,
} from '../shared/ports/ledger.ts';
import type { Notifier } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import type { TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment that is over, and how it came to that. */
export interface RecordOutcomeInput extends TaskInput {
  /** What the state before left. */
  readonly cause: Ending;
}

/** All that a deployment may still hold, to let go of it, and people to tell. */
export interface RecordOutcomePorts {
  readonly services: Services;
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly locks: Locks;
  readonly holds: Holds;
  readonly watches: Watches;
  readonly notifier: Notifier;
}

/** Makes the task. Everything in it may happen twice. */
export const recordOutcome = (ports: RecordOutcomePorts) => async (input: RecordOutcomeInput) => {
  const { deploymentId, now, cause } = input;
  const record = await ports.deployments.load(deploymentId);
  if (!record) return { directive: refuseUnknown(cause) };
  const directive = hasEnded(record.progress) ? endedAs(record) : decideOutcome(record, cause);
  const { reason, type } = directive;
  // The service follows green before the record says that it is over, so that nobody who sees the
  // end can start from the wrong group.
  if (type === 'succeeded' && record.plan) {
    await ports.services.follow(record.service, record.plan.green.autoScalingGroupName);
  }
  await release(ports, record);
  const progress = { ...record.progress, phase: type, reason };
  const saved = hasEnded(record.progress)
    ? record
    : await ports.deployments.save(record, { progress });
  const order = saved.revision;
  await ports.timeline.add(deploymentId, {
    at: now,
    order,
    state: 'RecordOutcome',
    event: type,
    reason,
  });
  await ports.notifier.publish({
    subject: `${record.service}: ${type}`,
    body: { deploymentId, service: record.service, outcome: type, reason, endedAt: now },
  });
  return { directive };
};

async function release(ports: RecordOutcomePorts, record: DeploymentRecord): Promise<void> {
  const { deploymentId, service, plan } = record;
  const token = await ports.holds.waiting(deploymentId);
  if (token) await ports.holds.close(deploymentId, token);
  await ports.watches.unwatch(deploymentId, plan?.alarms ?? []);
  await ports.locks.release({ service, deploymentId });
}

function endedAs({ progress }: DeploymentRecord): OutcomeDirective {
  const { phase, reason } = progress;
  const type =
    phase === 'succeeded' || phase === 'rolledBack' || phase === 'refused' ? phase : 'failed';
  return { type, reason, error: type === 'refused' ? 'SpecRefused' : 'DeploymentFailed' };
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
    holds: world.holds(),
    watches: world.watches(),
    notifier: world.notifier(),
  }),
);
