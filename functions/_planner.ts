/**
 * The one planner: PlanDeployment keeps what it answers, and `teal plan` only shows it. It reads
 * what is live and changes nothing.
 */
import type { Estate } from '../shared/core/estate.ts';
import { makePlan, type Plan } from '../shared/core/plan.ts';
import type { LastRelease } from '../shared/core/preflight/consent.ts';
import { makeRollbackPlan, refuseRollback, toRollbackSpec } from '../shared/core/plan-rollback.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import {
  type DeploymentRequest,
  type RollbackRequest,
  type ServiceDefinition,
  toSpec,
} from '../shared/core/spec.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { EstateReader, SurroundingsReader } from '../shared/ports/estate.ts';
import type { Deployments, Services } from '../shared/ports/ledger.ts';

/** What a plan is made from. */
export interface PlannerPorts {
  readonly services: Pick<Services, 'lastRelease'>;
  readonly deployments: Pick<Deployments, 'load'>;
  readonly estate: EstateReader;
  readonly surroundings: SurroundingsReader;
}

/**
 * Makes the plan of a deployment that was asked for.
 * @throws SpecRefused with everything that stands in the way, in one message
 */
export async function draftPlan(
  ports: PlannerPorts,
  asked: {
    readonly definition: ServiceDefinition;
    readonly request: DeploymentRequest;
    readonly deploymentId: string;
    readonly now: IsoInstant;
  },
): Promise<Plan> {
  const { definition, request, deploymentId, now } = asked;
  const spec = toSpec(definition, request);
  const live = await ports.estate.read(spec);
  const surroundings = await ports.surroundings.read(live, now);
  const last = await loadLastRelease(ports, spec.service);
  const lastServing = live.group ? undefined : await findServing(ports, last);
  const estate = { ...live, surroundings, ...(lastServing && { lastServing }) };
  return makePlan({ spec, estate, deploymentId, now, lastRelease: toLastRelease(last) });
}

/**
 * Makes the plan of a rollback after completion.
 * @throws SpecRefused saying what is possible where the earlier fleet is gone
 */
export async function draftRollback(
  { deployments, estate }: Pick<PlannerPorts, 'deployments' | 'estate'>,
  asked: {
    readonly definition: ServiceDefinition;
    readonly request: RollbackRequest;
    readonly deploymentId: string;
    readonly now: IsoInstant;
  },
): Promise<Plan> {
  const { definition, request, deploymentId, now } = asked;
  const record = await deployments.load(request.rollbackOf);
  const origin = refuseRollback({ record, definition, request, now });
  const spec = toRollbackSpec(definition, request, origin);
  const live = await estate.read(spec);
  const group = await estate.readGroup(origin.plan.blue.autoScalingGroupName);
  return makeRollbackPlan({ spec, estate: live, origin, group, deploymentId, now });
}

async function loadLastRelease(
  { services, deployments }: Pick<PlannerPorts, 'services' | 'deployments'>,
  service: string,
): Promise<DeploymentRecord | undefined> {
  const deploymentId = await services.lastRelease(service);
  return deploymentId === undefined ? undefined : deployments.load(deploymentId);
}

/** Deployments from before there were footprints leave nothing to compare with. */
function toLastRelease(record: DeploymentRecord | undefined): LastRelease | undefined {
  const footprint = record?.plan?.footprint;
  return record && footprint && { deploymentId: record.deploymentId, footprint };
}

/** For whoever named a group that is gone: the one that the last success made, if it is there. */
async function findServing(
  { estate }: Pick<PlannerPorts, 'estate'>,
  record: DeploymentRecord | undefined,
): Promise<Estate['lastServing']> {
  const name = record?.plan?.green.autoScalingGroupName;
  const group = name === undefined ? undefined : await estate.readGroup(name);
  return (
    group &&
    record && {
      autoScalingGroupName: group.autoScalingGroupName,
      deploymentId: record.deploymentId,
    }
  );
}
