/**
 * RecoverDeployment: takes over a deployment whose execution is gone, and says which state of the
 * ordinary lifecycle goes on with it. The first state of a recovery, and only of that.
 */
import { decideRecovery } from '../shared/core/decide-recovery.ts';
import type { RecoveryDirective } from '../shared/core/directive.ts';
import { invariant } from '../shared/core/errors.ts';
import { leaseSeconds } from '../shared/core/lease-time.ts';
import { isDueLater, isOverdue, type OpenLease } from '../shared/core/leases.ts';
import { leftoverLease } from '../shared/core/open-leases.ts';
import { hasEnded, type Progress } from '../shared/core/progress.ts';
import type { Errand } from '../shared/core/record.ts';
import type { RecoverySituation } from '../shared/core/recovery-situation.ts';
import { postpone } from '../shared/core/settle-leases.ts';
import { instantAfter } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Leases, Services } from '../shared/ports/ledger.ts';
import type { ExecutionReader } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import {
  findRivalry,
  type Journal,
  type Rivalry,
  serviceBusy,
  type TaskInput,
} from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment to recover, and the execution that does it. */
export type RecoverDeploymentInput = TaskInput;

/** Sight of the world, of the execution that is gone, and of all that it left. */
export interface RecoverDeploymentPorts extends Journal {
  readonly services: Services;
  readonly leases: Leases;
  readonly observer: Observer;
  readonly executionReader: ExecutionReader;
}

const SCOPE = { alarms: true, blue: true, green: true, routes: true };

/** Directives that leave everything as it is. */
const IDLE: readonly RecoveryDirective['type'][] = ['finish', 'wait'];

/** Directives that write nothing outside of Teal's own table, and need no lock for it. */
const LOCKLESS: readonly RecoveryDirective['type'][] = ['tell', 'release'];

/**
 * Makes the task.
 * @throws ServiceBusy when another deployment took the lock at this very moment
 */
export const recoverDeployment =
  (ports: RecoverDeploymentPorts) => async (input: RecoverDeploymentInput) => {
    const { deploymentId } = input;
    const leases = await ports.leases.list(deploymentId);
    const record = await ports.deployments.load(deploymentId);
    if (!record) return forget(ports, deploymentId, leases);
    const { abandoned, situation } = await look(ports, { record, leases }, input);
    const directive = decideRecovery(situation);
    if (IDLE.includes(directive.type)) await putOff(ports, situation, directive);
    else await takeOver(ports, situation, { directive, input, abandoned });
    return { directive };
  };

/** Rows of a deployment that died before it had a record: nothing can have been written. */
async function forget(
  ports: RecoverDeploymentPorts,
  deploymentId: string,
  leases: readonly OpenLease[],
): Promise<{ directive: RecoveryDirective }> {
  for (const lease of leases) await ports.leases.close(lease);
  const reason = `There was no deployment ${deploymentId}, so nothing was left to be done.`;
  return { directive: { type: 'finish', reason } };
}

async function look(
  ports: RecoverDeploymentPorts,
  { record, leases }: Pick<RecoverySituation, 'record' | 'leases'>,
  { executionArn, now }: RecoverDeploymentInput,
): Promise<{ situation: RecoverySituation; abandoned: Omit<Rivalry, 'rival'> }> {
  const { plan, progress, abort } = record;
  const isOwn = record.executionArn === executionArn;
  // A run of this very task that died half-way has left its own execution as the one that drives.
  const driver = isOwn
    ? { isRunning: false, status: 'RUNNING' }
    : await ports.executionReader.read(record.executionArn);
  const { rival, ...abandoned } = await findRivalry(ports, record);
  const definition = await ports.services.load(record.service);
  const observation = plan && {
    ...(await ports.observer.observe(plan, progress, SCOPE)),
    at: now,
    ...(abort && { abort }),
  };
  return {
    abandoned,
    situation: {
      record,
      leases,
      driver,
      now,
      ...(rival && { rival: rival.owner }),
      ...(definition && { servingGroupName: definition.autoScalingGroupName }),
      ...(observation && { observation }),
    },
  };
}

/** What is due and cannot be done now is not asked about at every sweep. */
async function putOff(
  { leases }: RecoverDeploymentPorts,
  { record, leases: open, driver, now }: RecoverySituation,
  { reason }: RecoveryDirective,
): Promise<void> {
  if (driver.isRunning || !hasEnded(record.progress) || open.length === 0) return;
  const due = open.filter((lease) => isDueLater(lease) && isOverdue(lease, now));
  for (const lease of postpone(due, now)) await leases.open(lease);
  if (open.some(isDueLater)) return;
  const undo = `${reason} See the other rows of this deployment for what is still frozen.`;
  const waiting = { resource: record.service, undo, attempts: 1 };
  await leases.open(leftoverLease(record, waiting, now));
}

/** From the save on, no task of the execution before may write any more. */
async function takeOver(
  { deployments, timeline, locks }: RecoverDeploymentPorts,
  situation: RecoverySituation,
  {
    directive,
    input,
    abandoned,
  }: {
    readonly directive: RecoveryDirective;
    readonly input: RecoverDeploymentInput;
    readonly abandoned: Omit<Rivalry, 'rival'>;
  },
): Promise<void> {
  const { record, now } = situation;
  const { deploymentId, service, plan, progress } = record;
  const lock =
    plan && !LOCKLESS.includes(directive.type)
      ? await locks.acquire({
          service,
          deploymentId,
          expiresAt: instantAfter(now, leaseSeconds(plan)),
          ...abandoned,
        })
      : undefined;
  if (lock?.type === 'busy') throw serviceBusy(service, lock, now);
  const taken = await deployments.save(record, {
    executionArn: input.executionArn,
    progress: { ...startOver(progress, directive, now), ...endRetention(situation, directive) },
    ...(lock && { fence: lock.lease.fence }),
    ...(hasEnded(progress) && { errand: toErrand(directive, now) }),
  });
  await timeline.add(deploymentId, {
    at: now,
    order: taken.revision,
    state: 'RecoverDeployment',
    event: directive.type,
    reason: directive.reason,
  });
}

/** Attempts count anew. A rollback that had failed has its whole time again. */
function startOver(progress: Progress, { type }: RecoveryDirective, now: string): Progress {
  const isRetried = type === 'rollBack' && hasEnded(progress);
  return { ...progress, confirmAttempts: 0, ...(isRetried && { rollbackStartedAt: now }) };
}

/**
 * A blue whose row is due is kept no longer, whatever was planned: a later version has won. One of a
 * deployment that failed is not kept at all, because no such deployment can be taken back.
 */
function endRetention(
  { record, leases, now }: RecoverySituation,
  { type }: RecoveryDirective,
): Partial<Progress> {
  if (type === 'retireBlue' && record.progress.phase === 'failed') return { retainedUntil: now };
  const isDue = leases.some((lease) => lease.kind === 'retainedBlue' && isOverdue(lease, now));
  return isDue && record.progress.retainedUntil ? { retainedUntil: now } : {};
}

function toErrand({ type }: RecoveryDirective, begunAt: string): Errand {
  invariant(type !== 'finish' && type !== 'wait', 'nobody is sent on an errand to do nothing.');
  return { type, begunAt };
}

export const handler = withStack(
  recoverDeployment({
    ...world.journal(),
    services: world.services(),
    leases: world.leases(),
    observer: world.observer(),
    executionReader: world.executionReader(),
  }),
);
