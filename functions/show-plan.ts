/**
 * POST /services/{service}/plan: what a deployment would do, and everything that stands in its way.
 * A function of its own, because its role may read all that a plan looks at and nothing else may.
 */
import { deploymentIdOf } from '../shared/core/names.ts';
import { reportPlan } from '../shared/core/plan-report.ts';
import { parseDeploymentRequest } from '../shared/core/spec.ts';
import type { Deployments, Locks, Services } from '../shared/ports/ledger.ts';
import type { Timepiece } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import { answerWith, type Call } from './_http.ts';
import { findRivalry, serviceBusy } from './_journal.ts';
import { draftPlan, type PlannerPorts } from './_planner.ts';
import { refuseOtherService } from './_path-service.ts';
import * as world from './_ports.ts';
import { answer, unknown } from './_problem.ts';

/** What is read to show a plan; nothing is kept. */
export interface ShowPlanPorts extends PlannerPorts {
  readonly services: Pick<Services, 'load' | 'lastRelease'>;
  readonly deployments: Deployments;
  readonly locks: Pick<Locks, 'holder'>;
  readonly timepiece: Pick<Timepiece, 'now'>;
}

/** Makes the function: 200 with the report, or a problem with all that stands in the way. */
export const showPlan = (ports: ShowPlanPorts) =>
  answerWith('showPlan', (call) => plan(ports, call));

async function plan(ports: ShowPlanPorts, call: Call): Promise<Response> {
  const service = call.param('service');
  const sent = call.body();
  refuseOtherService(sent, service, 'deployment request');
  const request = parseDeploymentRequest({ requestedBy: call.by, ...sent, service });
  const definition = await ports.services.load(request.service);
  if (!definition) return unknown('service', service);
  // The same key starts the deployment whose names are shown here.
  const deploymentId = deploymentIdOf(service, call.key());
  const now = ports.timepiece.now();
  const { rival } = await findRivalry(ports, { service, deploymentId });
  if (rival) throw serviceBusy(service, rival, now);
  const drafted = await draftPlan(ports, { definition, request, deploymentId, now });
  return answer(200, reportPlan(drafted, definition.instanceHourPrice));
}

export const handler = withStack(
  showPlan({
    services: world.services(),
    deployments: world.deployments(),
    locks: world.locks(),
    estate: world.estate(),
    surroundings: world.surroundings(),
    timepiece: world.timepiece(),
  }),
);
