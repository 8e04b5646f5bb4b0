/** PlanDeployment: reads the request and the live estate, and decides every step beforehand. */
import { LeaseLost, SpecRefused } from '../shared/core/errors.ts';
import { lockLease } from '../shared/core/open-leases.ts';
import type { Plan } from '../shared/core/plan.ts';
import { hasEnded, initialProgress } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import {
  isRollbackRequest,
  parseDeploymentRequest,
  parseRollbackRequest,
} from '../shared/core/spec.ts';
import type { Deployments, Leases, Locks, Services, Timeline } from '../shared/ports/ledger.ts';
import { count } from '../shared/core/situation.ts';
import { withStack } from './_handler.ts';
import { findRivalry, serviceBusy, type TaskInput } from './_journal.ts';
import { draftPlan, draftRollback, type PlannerPorts } from './_planner.ts';
import * as world from './_ports.ts';

/** A deployment as it was asked for, not yet checked. */
export interface PlanDeploymentInput extends TaskInput {
  /** The execution's input as it was typed or sent. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** What is read to make a plan, and where plan or refusal are kept. */
export interface PlanDeploymentPorts extends PlannerPorts {
  readonly services: Services;
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly locks: Pick<Locks, 'holder'>;
  readonly leases: Leases;
}

/**
 * Makes the task.
 * @throws ServiceBusy when another deployment of the service is under way
 * @throws SpecRefused when the request, the definition or the estate does not allow a deployment
 * @throws LeaseLost when the deployment is over, or a recovery has taken it over
 */
export const planDeployment =
  (ports: PlanDeploymentPorts) => async (event: PlanDeploymentInput) => {
    const { services, deployments, timeline, locks, leases } = ports;
    const { deploymentId, now } = event;
    const known = await deployments.load(deploymentId);
    if (known) refuseEnded(known, event);
    // Before the record: from here on somebody finds out if this execution ends without a word.
    await leases.open(lockLease(newRecord(event), now));
    const record = await deployments.create(newRecord(event));
    if (record.plan) return answer(record.plan);
    const request = isRollbackRequest(event.request)
      ? parseRollbackRequest(event.request)
      : parseDeploymentRequest(event.request);
    const definition = await services.load(request.service);
    if (!definition) {
      throw new SpecRefused(
        `Nobody has defined the service ${request.service}; define it first (PUT /services/${request.service}).`,
      );
    }
    // Only a look: AcquireLock decides. But an estate that another deployment is at work on would
    // be refused for what that deployment does to it.
    const { rival } = await findRivalry({ deployments, locks }, record);
    if (rival) throw serviceBusy(request.service, rival, now);
    const asked = { definition, deploymentId, now };
    const plan =
      'rollbackOf' in request
        ? await draftRollback(ports, { ...asked, request })
        : await draftPlan(ports, { ...asked, request });
    const planned = answer(plan);
    const { reason } = planned.directive;
    const progress = initialProgress(reason);
    const { revision } = await deployments.save(record, { plan, progress });
    await timeline.add(deploymentId, {
      at: now,
      order: revision,
      state: 'PlanDeployment',
      event: 'planned',
      reason,
    });
    const { warnings = [] } = plan;
    if (warnings.length > 0) {
      const told = { at: now, order: revision, state: 'PlanDeployment', event: 'warned' };
      await timeline.add(deploymentId, { ...told, reason: warnings.join(' ') });
    }
    return planned;
  };

function newRecord(event: PlanDeploymentInput): DeploymentRecord {
  const { deploymentId, executionArn, request, now } = event;
  return {
    deploymentId,
    service: typeof request.service === 'string' ? request.service : 'unknown',
    startedAt: now,
    executionArn,
    request,
    progress: initialProgress('The request was being planned.'),
    revision: 0,
  };
}

/** An execution that is started again has no business with a deployment that was ended for it. */
function refuseEnded(record: DeploymentRecord, { executionArn }: PlanDeploymentInput): void {
  const { deploymentId, progress } = record;
  if (record.executionArn === executionArn && !hasEnded(progress)) return;
  throw new LeaseLost(
    `Deployment ${deploymentId} is ${progress.phase} and belongs to ${record.executionArn}; start another one. Nothing was changed.`,
  );
}

function answer(plan: Plan) {
  const weights = plan.steps.map(({ greenWeightPercent }) => `${greenWeightPercent} %`).join(', ');
  const reason =
    `${plan.version} of ${plan.service} was planned: ` +
    `${count(plan.green.desiredCapacity, 'green instance')}, then ${weights}.`;
  return { directive: { type: 'planned', reason } } as const;
}

export const handler = withStack(
  planDeployment({
    services: world.services(),
    deployments: world.deployments(),
    timeline: world.timeline(),
    locks: world.locks(),
    leases: world.leases(),
    estate: world.estate(),
    surroundings: world.surroundings(),
  }),
);
