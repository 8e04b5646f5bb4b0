/**
 * Rollback after completion: taking back a deployment that has succeeded, as a deployment of its
 * own. Its green is the fleet that the other one kept, so that nothing has to be made.
 * Not for: the rollback of a deployment that is under way (see `decide-roll-back.ts`).
 */
import { SpecRefused } from './errors.ts';
import type { Estate, GroupReading, ImageReading } from './estate.ts';
import { makePlan, type Plan } from './plan.ts';
import type { Retention } from './plan-retirement.ts';
import type { DeploymentRecord } from './record.ts';
import { fleetErrandOf } from './record.ts';
import type { RetainedFleet } from './retained-fleet.ts';
import type { DeploymentSpec, RollbackRequest, ServiceDefinition } from './spec.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/** A deployment that can be taken back: it succeeded, serves, and its blue is kept. */
export interface Origin {
  readonly deploymentId: string;
  readonly plan: Plan;
  readonly retention: Retention;
  readonly retainedUntil: IsoInstant;
}

/**
 * Narrows a record to one that can be taken back.
 * @throws SpecRefused saying why it cannot be, and what is possible instead
 */
export function refuseRollback(asked: {
  readonly record: DeploymentRecord | undefined;
  readonly definition: Pick<ServiceDefinition, 'service' | 'autoScalingGroupName'>;
  readonly request: Pick<RollbackRequest, 'rollbackOf'>;
  readonly now: IsoInstant;
}): Origin {
  const { record, definition, request, now } = asked;
  const complaint = complain(record, definition, now);
  const plan = record?.plan;
  const { retainedUntil } = record?.progress ?? {};
  const retention = plan?.blue.retention;
  if (complaint === undefined && record && plan && retention && retainedUntil) {
    return { deploymentId: record.deploymentId, plan, retention, retainedUntil };
  }
  throw new SpecRefused(
    `Deployment ${request.rollbackOf} cannot be rolled back: ${complaint ?? 'it left no plan.'} ` +
      'Nothing was changed.',
  );
}

function complain(
  record: DeploymentRecord | undefined,
  { service, autoScalingGroupName }: Pick<ServiceDefinition, 'service' | 'autoScalingGroupName'>,
  now: IsoInstant,
): string | undefined {
  if (!record || record.service !== service) {
    return `${service} has no deployment of that id; read its id from its notification or record.`;
  }
  const { plan, progress } = record;
  if (progress.phase !== 'succeeded') {
    return `it is ${progress.phase}; one that is under way is aborted, one that ended otherwise left blue serving.`;
  }
  if (!plan) return 'it left no plan.';
  if (autoScalingGroupName !== plan.green.autoScalingGroupName) {
    return `group ${autoScalingGroupName} serves and not its green; take back the deployment that serves.`;
  }
  const { blue } = plan;
  const again = blue.imageId
    ? `deploy ${blue.imageId}${blue.version ? ` (${blue.version})` : ''} again instead.`
    : 'deploy the earlier image again instead.';
  if (!blue.retention || !progress.retainedUntil) {
    return `its blue was not kept; ${again} With retain in the service's definition it would be.`;
  }
  if (secondsBetween(progress.retainedUntil, now) >= 0) {
    return `its blue was kept until ${progress.retainedUntil}; ${again}`;
  }
  const errand = fleetErrandOf(record);
  return errand
    ? `an errand for it (${errand.type}) has been under way since ${errand.begunAt}; wait for its end and ask again, or ${again}`
    : undefined;
}

/**
 * What a rollback asks for: the earlier version, all at once unless asked otherwise. Alarms that are
 * red already are why people roll back, so that they count only after they have recovered.
 */
export function toRollbackSpec(
  definition: ServiceDefinition,
  request: RollbackRequest,
  { deploymentId, plan }: Origin,
): DeploymentSpec {
  const { imageId = 'unknown', version = imageId } = plan.blue;
  const { bakeTimeSeconds, reason, requestedBy } = request;
  return {
    ...definition,
    strategy: request.strategy ?? { type: 'allAtOnce' },
    ...(bakeTimeSeconds !== undefined && { bakeTimeSeconds }),
    ...(reason !== undefined && { reason }),
    requestedBy: requestedBy ?? 'somebody',
    fixForward: { reason: reason ?? `Deployment ${deploymentId} was rolled back.` },
    // A copy of an alarm would carry the name of a green that this deployment does not make.
    alarms: definition.alarms.map((wish) =>
      typeof wish === 'string' ? wish : { ...wish, mirror: false },
    ),
    // Whoever goes back has decided already, and is in a hurry.
    approval: definition.approval && { ...definition.approval, before: [] },
    // What it answered before it was replaced is what it will answer again.
    healthGate: { ...definition.healthGate, minimumRequests: 0 },
    imageId,
    version,
  };
}

/**
 * Makes the plan, or says why there can be none.
 * @throws SpecRefused with everything that stands in the way, in one message
 */
export function makeRollbackPlan(input: {
  readonly spec: DeploymentSpec;
  readonly estate: Estate;
  readonly origin: Origin;
  /** The kept group as it is now; undefined when it is gone. */
  readonly group: GroupReading | undefined;
  readonly deploymentId: string;
  readonly now: IsoInstant;
}): Plan {
  const { spec, estate, origin, group, deploymentId, now } = input;
  const { blue } = origin.plan;
  const kept = refuseUnfitFleet(spec, origin, group);
  const image = imageOf(spec, estate, origin);
  const plan = makePlan({ spec, estate: { ...estate, image }, deploymentId, now });
  const { desiredCapacity } = plan.green;
  const maxSize = Math.max(blue.maxSize, desiredCapacity);
  const retained: RetainedFleet = {
    rollbackOf: origin.deploymentId,
    targetGroupArn: blue.targetGroupArn,
    launchTemplateVersion: blue.launchTemplateVersion,
    minSize: blue.minSize,
    maxSize,
    kept: {
      minSize: kept.minSize,
      maxSize: kept.maxSize,
      desiredCapacity: kept.desiredCapacity,
    },
    suspendedProcesses: blue.suspendedProcesses,
    ...(blue.hasCapacityRebalance && { hasCapacityRebalance: true }),
    retention: origin.retention,
    retainedUntil: origin.retainedUntil,
  };
  return {
    ...plan,
    green: {
      ...plan.green,
      autoScalingGroupName: blue.autoScalingGroupName,
      targetGroupName: blue.targetGroupArn.split('/')[1] ?? blue.targetGroupArn,
      maxSize,
      retained,
    },
  };
}

function refuseUnfitFleet(
  spec: DeploymentSpec,
  { plan, deploymentId }: Origin,
  group: GroupReading | undefined,
): GroupReading {
  const { autoScalingGroupName, targetGroupArn } = plan.blue;
  const isAttached = group?.targetGroupArns.includes(targetGroupArn);
  if (group && isAttached && !group.busyWith) return group;
  const because = group
    ? (group.busyWith ?? `it is not attached to ${targetGroupArn} any more`)
    : 'Auto Scaling knows no such group any more';
  throw new SpecRefused(
    `Deployment ${deploymentId} cannot be rolled back to group ${autoScalingGroupName}: ` +
      `${because}. Deploy ${spec.imageId} again instead. Nothing was changed.`,
  );
}

/** A fleet at full size needs no image: it runs, and was proved when it was made. */
function imageOf(
  { imageId }: DeploymentSpec,
  { image }: Estate,
  { retention }: Origin,
): ImageReading | undefined {
  const isRunning = retention.blue === 'full';
  return isRunning ? { imageId, architecture: '', ...image, state: 'available' } : image;
}
