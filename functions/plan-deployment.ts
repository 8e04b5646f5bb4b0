/** PlanDeployment: reads the request and the live estate, and decides every step beforehand. */
import { SpecRefused } from '../shared/core/errors.ts';
import { makePlan, type Plan } from '../shared/core/plan.ts';
import { initialProgress } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import { parseDeploymentRequest, toSpec } from '../shared/core/spec.ts';
import type { EstateReader } from '../shared/ports/estate.ts';
import type { Deployments, Locks, Services, Timeline } from '../shared/ports/ledger.ts';
import { count } from '../shared/core/situation.ts';
import { withStack } from './_handler.ts';
import { serviceBusy, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** A deployment as it was asked for, not yet checked. */
export interface PlanDeploymentInput extends TaskInput {
  readonly executionArn: string;
  /** The execution's input as it was typed or sent. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** What is read to make a plan, and where plan or refusal are kept. */
export interface PlanDeploymentPorts {
  readonly services: Services;
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly locks: Pick<Locks, 'holder'>;
  readonly estate: EstateReader;
}

/**
 * Makes the task.
 * @throws ServiceBusy when another deployment of the service is under way
 * @throws SpecRefused when the request, the definition or the estate does not allow a deployment
 */
export const planDeployment =
  ({ services, deployments, timeline, locks, estate }: PlanDeploymentPorts) =>
  async (event: PlanDeploymentInput) => {
    const { deploymentId, now } = event;
    const record = await deployments.create(newRecord(event));
    if (record.plan) return answer(record.plan);
    const request = parseDeploymentRequest(event.request);
    const definition = await services.load(request.service);
    if (!definition) {
      throw new SpecRefused(
        `Nobody has defined the service ${request.service}; define it first (PUT /services/${request.service}).`,
      );
    }
    // Only a look: AcquireLock decides. But an estate that another deployment is at work on would
    // be refused for what that deployment does to it.
    const holder = await locks.holder(request.service, now);
    if (holder && holder.owner !== deploymentId) throw serviceBusy(request.service, holder);
    const spec = toSpec(definition, request);
    const plan = makePlan({ spec, estate: await estate.read(spec), deploymentId, now });
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
    estate: world.estate(),
  }),
);
