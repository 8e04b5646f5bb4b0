/** PlanDeployment: reads the request and the live estate, and decides every step beforehand. */
import { mayStillSucceed } from '../shared/core/decide-turn.ts';
import { LeaseLost, SpecRefused } from '../shared/core/errors.ts';
import { lockLease } from '../shared/core/open-leases.ts';
import { complainAboutAge, complainBeforeDisplacing } from '../shared/core/qualify-image.ts';
import { wantsNotice } from '../shared/core/notices.ts';
import type { Plan } from '../shared/core/plan.ts';
import type { PlanDirective } from '../shared/core/directive.ts';
import { hasEnded, initialProgress } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import {
  type DeploymentRequest,
  isRollbackRequest,
  parseDeploymentRequest,
  parseRollbackRequest,
  type RollbackRequest,
  type ServiceDefinition,
} from '../shared/core/spec.ts';
import type { Images } from '../shared/ports/estate.ts';
import type { Leases, Services, Timeline } from '../shared/ports/ledger.ts';
import type { Notifier } from '../shared/ports/signals.ts';
import { serviceNameSchema } from '../shared/core/service-definition.ts';
import { count } from '../shared/core/situation.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import { withStack } from './_handler.ts';
import type { TaskInput } from './_journal.ts';
import { draftPlan, draftRollback, type PlannerPorts } from './_planner.ts';
import * as world from './_ports.ts';
import { tryToTell } from './_telling.ts';
import { enqueue, lookAtTurn, type TurnPorts } from './_turn.ts';

/** A deployment as it was asked for, not yet checked. */
export interface PlanDeploymentInput extends TaskInput {
  /** The execution's input as it was typed or sent: any JSON, such as null. */
  readonly request: unknown;
}

/** What is read to make a plan, and where plan or refusal are kept. */
export interface PlanDeploymentPorts extends PlannerPorts, TurnPorts {
  readonly services: Services;
  readonly deployments: TurnPorts['deployments'];
  readonly timeline: Timeline;
  readonly leases: Leases;
  readonly images: Images;
  readonly notifier: Notifier;
}

/**
 * Makes the task. It is entered again when a deployment has waited for its turn, and then plans
 * from the estate as it is by then: a plan that was made before the wait is none.
 * @throws SpecRefused when the request, the definition or the estate does not allow a deployment
 * @throws LeaseLost when the deployment is over, or a recovery has taken it over
 */
export const planDeployment =
  (ports: PlanDeploymentPorts) => async (event: PlanDeploymentInput) => {
    const { deployments, leases } = ports;
    const { deploymentId, now } = event;
    const known = await deployments.load(deploymentId);
    if (known) refuseEnded(known, event);
    // Before the record: from here on somebody finds out if this execution ends without a word.
    await leases.open(lockLease(newRecord(event), now));
    // One that has waited keeps its record, and its one row in the lists.
    const record = known ?? (await deployments.create(newRecord(event)));
    if (record.plan && record.progress.phase !== 'queued') return answer(record.plan);
    const request = isRollbackRequest(event.request)
      ? parseRollbackRequest(event.request)
      : parseDeploymentRequest(event.request);
    const definition = await ports.services.load(request.service);
    if (!definition) {
      throw new SpecRefused(
        `Nobody has defined the service ${request.service}; define it first (PUT /services/${request.service}).`,
      );
    }
    // Only a look: AcquireLock decides. But an estate that another deployment is at work on would
    // be refused for what that deployment does to it.
    const { turn, rival, self } = await lookAtTurn(ports, record, { definition, now });
    const age = await findAge(ports, { request, definition, rival });
    if (age) return { directive: { type: 'refuse', error: 'NotNewer', reason: age } };
    if (turn.type === 'queue') {
      if (self.onBusy === 'supersede') await refuseUnfit(ports, { request, definition });
      return enqueue(ports, record, { turn, state: STATE, now });
    }
    if (turn.type === 'refuse') return { directive: turn };
    return keep(ports, record, await draft(ports, { definition, request, deploymentId, now }), now);
  };

const STATE = 'PlanDeployment';

/**
 * Events come late and out of order, and a deployment may have waited long: an image that was newer
 * than what ran when it was announced may be the older one by now.
 */
async function findAge(
  { images }: PlanDeploymentPorts,
  {
    request,
    definition,
    rival,
  }: {
    readonly request: DeploymentRequest | RollbackRequest;
    readonly definition: ServiceDefinition;
    readonly rival: DeploymentRecord | undefined;
  },
): Promise<string | undefined> {
  if (!('onlyNewer' in request) || !request.onlyNewer) return undefined;
  const image = await images.read(request.imageId);
  const serving = await images.readServing(definition.autoScalingGroupName);
  // What is on its way out will not be what serves.
  const imageId = rival && mayStillSucceed(rival) ? rival.plan?.imageId : undefined;
  const coming = imageId === undefined ? undefined : await images.read(imageId);
  return image && (complainAboutAge(image, serving) ?? complainAboutAge(image, coming));
}

/**
 * Everything else is looked at when its turn has come; but a good deployment must not go back for
 * an image that could never be launched.
 * @throws SpecRefused
 */
async function refuseUnfit(
  { images }: Pick<PlanDeploymentPorts, 'images'>,
  {
    request,
    definition,
  }: {
    readonly request: DeploymentRequest | RollbackRequest;
    readonly definition: ServiceDefinition;
  },
): Promise<void> {
  if (!('imageId' in request)) return;
  const { imageId } = request;
  const image = await images.read(imageId);
  const serving = await images.readServing(definition.autoScalingGroupName);
  const complaint = complainBeforeDisplacing({ imageId, image, serving });
  if (!complaint) return;
  throw new SpecRefused(
    `${definition.service} cannot be deployed: ${complaint} Nothing was changed.`,
  );
}

async function draft(
  ports: PlanDeploymentPorts,
  {
    request,
    ...asked
  }: {
    readonly definition: ServiceDefinition;
    readonly request: DeploymentRequest | RollbackRequest;
    readonly deploymentId: string;
    readonly now: IsoInstant;
  },
): Promise<Plan> {
  return 'rollbackOf' in request
    ? draftRollback(ports, { ...asked, request })
    : draftPlan(ports, { ...asked, request });
}

async function keep(
  { deployments, timeline, notifier }: PlanDeploymentPorts,
  record: DeploymentRecord,
  plan: Plan,
  now: IsoInstant,
): Promise<{ directive: PlanDirective }> {
  const { deploymentId, progress: before } = record;
  const planned = answer(plan);
  const { reason } = planned.directive;
  const progress = {
    ...initialProgress(reason),
    ...(before.queuedAt && { queuedAt: before.queuedAt }),
  };
  const { revision } = await deployments.save(record, { plan, progress });
  const line = { at: now, order: revision, state: STATE };
  await timeline.add(deploymentId, { ...line, event: 'planned', reason });
  const unheard = await announce(notifier, plan, reason);
  const remarks = [...(plan.warnings ?? []), ...(unheard ? [unheard] : [])];
  if (remarks.length > 0) {
    await timeline.add(deploymentId, { ...line, event: 'warned', reason: remarks.join(' ') });
  }
  return planned;
}

/** No news is worth a deployment: that nobody could be told is answered as a remark. */
async function announce(
  notifier: Notifier,
  plan: Plan,
  reason: string,
): Promise<string | undefined> {
  if (!wantsNotice(plan, 'planned')) return undefined;
  const { service, deploymentId, version } = plan;
  const because = await tryToTell(notifier, {
    service,
    event: 'planned',
    subject: `${service}: planned`,
    body: { deploymentId, service, version, reason },
  });
  return because && `Nobody could be told of the plan: ${because}`;
}

function newRecord(event: PlanDeploymentInput): DeploymentRecord {
  const { deploymentId, executionArn, request, now } = event;
  return {
    deploymentId,
    service: serviceOf(request),
    startedAt: now,
    executionArn,
    request: toObject(request),
    progress: initialProgress('The request was being planned.'),
    revision: 0,
  };
}

/** Whoever reads records may count on members; what was typed is kept in one if it had none. */
function toObject(request: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof request === 'object' && request !== null && !Array.isArray(request);
  return isObject ? { ...request } : { input: request };
}

/** What is no service's name becomes no part of a key, however long it is. */
function serviceOf(request: unknown): string {
  const named = serviceNameSchema.safeParse((request as { service?: unknown } | null)?.service);
  return named.success ? named.data : 'unknown';
}

/** An execution that is started again has no business with a deployment that was ended for it. */
function refuseEnded(record: DeploymentRecord, { executionArn }: PlanDeploymentInput): void {
  const { deploymentId, progress } = record;
  if (record.executionArn === executionArn && !hasEnded(progress)) return;
  throw new LeaseLost(
    `Deployment ${deploymentId} is ${progress.phase} and belongs to ${record.executionArn}; start another one. Nothing was changed.`,
  );
}

function answer(plan: Plan): { directive: Extract<PlanDirective, { type: 'planned' }> } {
  const weights = plan.steps.map(({ greenWeightPercent }) => `${greenWeightPercent} %`).join(', ');
  const reason =
    `${plan.version} of ${plan.service} was planned: ` +
    `${count(plan.green.desiredCapacity, 'green instance')}, then ${weights}.`;
  return { directive: { type: 'planned', reason } };
}

export const handler = withStack(
  planDeployment({
    services: world.services(),
    deployments: world.deployments(),
    timeline: world.timeline(),
    locks: world.locks(),
    queue: world.queue(),
    images: world.images(),
    leases: world.leases(),
    estate: world.estate(),
    surroundings: world.surroundings(),
    notifier: world.notifier(),
  }),
);
