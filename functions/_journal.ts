/**
 * How a task opens a deployment, proves that it may still write, and leaves its mark.
 */
import { describeRival } from '../shared/core/decide-turn.ts';
import { LeaseLost, NotFound, RecordChanged, ServiceBusy } from '../shared/core/errors.ts';
import { leaseSeconds } from '../shared/core/lease-time.ts';
import type { Plan } from '../shared/core/plan.ts';
import { hasEnded, type Progress } from '../shared/core/progress.ts';
import { type DeploymentRecord, isOpen } from '../shared/core/record.ts';
import { instantAfter, type IsoInstant } from '../shared/core/units.ts';
import type {
  Deployments,
  Holder,
  Locks,
  SaveCondition,
  Timeline,
} from '../shared/ports/ledger.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';

/** What every task of a deployment is given. */
export interface TaskInput {
  readonly deploymentId: string;
  /** The execution that asks; the record says which one may. */
  readonly executionArn: string;
  /** When the state was entered; the task's idea of now. */
  readonly now: IsoInstant;
}

/** What a task needs to prove its right to write and to leave a trace of what it did. */
export interface Journal {
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly locks: Locks;
}

/** A deployment that has a plan. */
export interface PlannedDeployment extends DeploymentRecord {
  readonly plan: Plan;
}

/**
 * Reads a deployment that has a plan, for the execution that drives it.
 * @throws NotFound when there is no such deployment
 * @throws LeaseLost when a recovery has taken it over
 */
export async function openDeployment(
  { deployments }: Pick<Journal, 'deployments'>,
  { deploymentId, executionArn }: Pick<TaskInput, 'deploymentId' | 'executionArn'>,
): Promise<PlannedDeployment> {
  const record = await deployments.load(deploymentId);
  if (!record?.plan) {
    throw new NotFound(`There is no planned deployment ${deploymentId} in the table.`);
  }
  if (record.executionArn !== executionArn) {
    throw new LeaseLost(
      `Deployment ${deploymentId} was taken over by ${record.executionArn}, so nothing was written.`,
    );
  }
  return { ...record, plan: record.plan };
}

/**
 * Reads a deployment and renews its lock, which every writer does before its first write.
 * @throws NotFound when there is no such deployment
 * @throws LeaseLost when it has ended, when a recovery has taken it over, or when another
 * deployment of the service took the lock
 */
export async function openForWriting(
  journal: Pick<Journal, 'deployments' | 'locks'>,
  input: TaskInput,
): Promise<PlannedDeployment> {
  const record = await openDeployment(journal, input);
  const { deploymentId, service, fence, plan, progress } = record;
  if (!isOpen(record)) {
    throw new LeaseLost(
      `Deployment ${deploymentId} had already ended as ${progress.phase}, so nothing was written.`,
    );
  }
  const expiresAt = instantAfter(input.now, leaseSeconds(plan));
  const isHeld =
    fence !== undefined && (await journal.locks.renew({ service, deploymentId, fence }, expiresAt));
  if (!isHeld) {
    throw new LeaseLost(
      `Deployment ${deploymentId} no longer holds the lock of ${service}, so nothing was written.`,
    );
  }
  return record;
}

/**
 * What a writer asks before every single write. It lets nothing through once anybody else has
 * moved the deployment on, such as a rollback that began while this function was frozen. A writer
 * that an abort is to stop learns of one as RecordChanged, and so looks at everything again.
 */
export function fenceOf(
  { deployments, locks }: Pick<Journal, 'deployments' | 'locks'>,
  { deploymentId, service, fence, revision, plan }: PlannedDeployment,
  { now, isUnlessAborted = false }: Pick<TaskInput, 'now'> & { isUnlessAborted?: boolean },
): Fence {
  const expiresAt = instantAfter(now, leaseSeconds(plan));
  return async () => {
    const current = await deployments.load(deploymentId);
    const isCurrent = current?.revision === revision && isOpen(current);
    const isHeld =
      isCurrent &&
      fence !== undefined &&
      (await locks.renew({ service, deploymentId, fence }, expiresAt));
    if (!isHeld) {
      throw new LeaseLost(
        `Deployment ${deploymentId} was moved on by somebody else while this task was about to write, so it wrote nothing more.`,
      );
    }
    if (!isUnlessAborted || !current.abort) return;
    throw new RecordChanged(
      `${current.abort.by} asked to abort ${deploymentId} while this task was about to write, so it wrote nothing more.`,
      { facts: { deploymentId } },
    );
  };
}

/** What the lock of a service means to one of its deployments. */
export interface Rivalry {
  /** Another deployment that has the lock and has not ended, whether or not its time is over. */
  readonly rival?: Holder;
  /** Id of another deployment that has the lock although it is over. */
  readonly abandonedBy?: string;
}

/** Looks at who has the lock of a service besides a deployment; AcquireLock alone decides. */
export async function findRivalry(
  {
    deployments,
    locks,
  }: {
    readonly deployments: Pick<Deployments, 'load'>;
    readonly locks: Pick<Locks, 'holder'>;
  },
  { service, deploymentId }: Pick<DeploymentRecord, 'service' | 'deploymentId'>,
): Promise<Rivalry> {
  const holder = await locks.holder(service);
  if (!holder || holder.owner === deploymentId) return {};
  const record = await deployments.load(holder.owner);
  return record && isOpen(record) ? { rival: holder } : { abandonedBy: holder.owner };
}

/** The refusal that a deployment gets while another one of its service is under way. */
export function serviceBusy(
  service: string,
  { owner: heldBy, expiresAt }: Holder,
  now: IsoInstant,
): ServiceBusy {
  const rival = { deploymentId: heldBy, expiresAt };
  return new ServiceBusy(describeRival(service, rival, now), { facts: { heldBy } });
}

/** An outcome and its reason stay what they are, whatever is done for a deployment that ended. */
function keepOutcome({ progress: ended }: DeploymentRecord, progress: Progress): Progress {
  return hasEnded(ended) ? { ...progress, phase: ended.phase, reason: ended.reason } : progress;
}

/** Saves progress and adds the line that explains it. */
export async function advance(
  journal: Pick<Journal, 'deployments' | 'timeline'>,
  record: PlannedDeployment,
  step: {
    readonly state: string;
    readonly now: IsoInstant;
    readonly event: string;
    readonly progress: Progress;
    readonly condition?: SaveCondition;
  },
): Promise<PlannedDeployment> {
  const { state, now, event, progress, condition } = step;
  const change = { progress: keepOutcome(record, progress) };
  const saved = await journal.deployments.save(record, change, condition);
  await journal.timeline.add(record.deploymentId, {
    at: now,
    order: saved.revision,
    state,
    event,
    reason: progress.reason,
    greenWeightPercent: progress.confirmedGreenWeightPercent,
  });
  return { ...saved, plan: record.plan };
}
