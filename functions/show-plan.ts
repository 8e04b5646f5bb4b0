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
import { findRivalry, serviceBusy } from './_journal.ts';
import { draftPlan, type PlannerPorts } from './_planner.ts';
import * as world from './_ports.ts';
import { answer, fromFailure, problem } from './_problem.ts';

/** What is read to show a plan; nothing is kept. */
export interface ShowPlanPorts extends PlannerPorts {
  readonly services: Pick<Services, 'load' | 'lastRelease'>;
  readonly deployments: Deployments;
  readonly locks: Pick<Locks, 'holder'>;
  readonly timepiece: Pick<Timepiece, 'now'>;
}

/** What API Gateway hands over, as far as it counts here (payload format 2.0). */
export interface ShowPlanInput {
  readonly pathParameters?: { readonly service?: string };
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly requestId: string };
}

/** Makes the function: 200 with the report, or a problem with all that stands in the way. */
export const showPlan = (ports: ShowPlanPorts) => async (event: ShowPlanInput) => {
  const response = await respond(ports, event);
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
};

async function respond(ports: ShowPlanPorts, event: ShowPlanInput): Promise<Response> {
  try {
    return await plan(ports, event);
  } catch (error) {
    const refusal = fromFailure(error);
    if (!refusal) throw error;
    return refusal;
  }
}

async function plan(ports: ShowPlanPorts, event: ShowPlanInput): Promise<Response> {
  const service = event.pathParameters?.service ?? '';
  const request = parseDeploymentRequest({ ...readBody(event), service });
  const definition = await ports.services.load(request.service);
  if (!definition) return problem(404, 'NotFound', `There is no service ${service}.`);
  // The same key starts the deployment whose names are shown here.
  const key = event.headers['idempotency-key'] ?? event.requestContext.requestId;
  const deploymentId = deploymentIdOf(service, key);
  const now = ports.timepiece.now();
  const { rival } = await findRivalry(ports, { service, deploymentId });
  if (rival) throw serviceBusy(service, rival, now);
  const drafted = await draftPlan(ports, { definition, request, deploymentId, now });
  return answer(200, reportPlan(drafted, definition.instanceHourPrice));
}

function readBody({ body = '', isBase64Encoded }: ShowPlanInput): Record<string, unknown> {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new SyntaxError('The body must be a JSON object.');
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
