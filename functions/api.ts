/** The HTTP API: define a service, start a deployment, read it, abort it, take it back. */
import { Router } from '@aws-lambda-powertools/event-handler/http';
import { findLeftovers } from '../shared/core/leftovers.ts';
import { deploymentIdOf } from '../shared/core/names.ts';
import { refuseRollback } from '../shared/core/plan-rollback.ts';
import { hasEnded } from '../shared/core/progress.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import {
  type DeploymentRequest,
  parseDeploymentRequest,
  parseRollbackRequest,
  parseServiceDefinition,
  type RollbackRequest,
} from '../shared/core/spec.ts';
import type { Deployments, Holds, Leases, Services, Timeline } from '../shared/ports/ledger.ts';
import type { Executions, Timepiece } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';
import { accepted, answer, fromFailure, problem } from './_problem.ts';

/** What requests read and change: definitions, records, and the executions behind them. */
export interface ApiPorts {
  readonly services: Services;
  readonly deployments: Deployments;
  readonly timeline: Timeline;
  readonly holds: Holds;
  readonly leases: Pick<Leases, 'list'>;
  readonly executions: Executions;
  readonly timepiece: Timepiece;
}

/** Longest reason for an abort that is kept; longer ones are refused. */
const ABORT_REASON_LENGTH_MAX = 1000;

/** What API Gateway hands over, as far as it counts here (payload format 2.0). */
interface HttpEvent {
  readonly requestContext: {
    readonly requestId: string;
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
}

/** Makes the function. */
export const api = (ports: ApiPorts) => {
  const router = new Router();
  router.put('/services/:service', async ({ req, params }) =>
    attempt(async () => {
      const body = await readBody(req);
      const definition = parseServiceDefinition({ ...body, service: params.service });
      await ports.services.save(definition);
      return answer(200, definition);
    }),
  );
  router.get('/services/:service', async ({ params }) => {
    const definition = await ports.services.load(params.service ?? '');
    return definition ? answer(200, definition) : unknown('service', params.service);
  });
  router.get('/leftovers', async () => {
    const leases = await ports.leases.list();
    return answer(200, { leftovers: findLeftovers(leases, ports.timepiece.now()) });
  });
  router.post('/deployments', async ({ req, event }) =>
    attempt(async () => start(ports, await readBody(req), req, event as unknown as HttpEvent)),
  );
  router.get('/deployments/:deploymentId', async ({ params }) => {
    const record = await ports.deployments.load(params.deploymentId ?? '');
    return record ? answer(200, describe(record)) : unknown('deployment', params.deploymentId);
  });
  router.get('/deployments/:deploymentId/timeline', async ({ params }) => {
    const id = params.deploymentId ?? '';
    const record = await ports.deployments.load(id);
    if (!record) return unknown('deployment', id);
    return answer(200, { deploymentId: id, entries: await ports.timeline.read(id) });
  });
  router.post('/deployments/:deploymentId/abort', async ({ req, params, event }) =>
    attempt(async () => {
      const by = callerOf(event as unknown as HttpEvent);
      return abort(ports, params.deploymentId ?? '', by, await readBody(req));
    }),
  );
  router.post('/deployments/:deploymentId/rollback', async ({ req, params, event }) =>
    attempt(async () => {
      const asked = { req, event: event as unknown as HttpEvent, body: await readBody(req) };
      return takeBack(ports, params.deploymentId ?? '', asked);
    }),
  );
  return router;
};

async function start(
  ports: ApiPorts,
  body: Record<string, unknown>,
  req: Request,
  event: HttpEvent,
): Promise<Response> {
  const request = parseDeploymentRequest({ requestedBy: callerOf(event), ...body });
  if (!(await ports.services.load(request.service))) return unknown('service', request.service);
  return execute(ports, request, { req, event });
}

/** Takes back a deployment that has succeeded; what stands in the way is said at once. */
async function takeBack(
  ports: ApiPorts,
  deploymentId: string,
  { req, event, body }: { req: Request; event: HttpEvent; body: Record<string, unknown> },
): Promise<Response> {
  const record = await ports.deployments.load(deploymentId);
  const definition = record && (await ports.services.load(record.service));
  if (!record || !definition) return unknown('deployment', deploymentId);
  const { service } = record;
  const request = parseRollbackRequest({
    requestedBy: callerOf(event),
    ...body,
    service,
    rollbackOf: deploymentId,
  });
  refuseRollback({ record, definition, request, now: ports.timepiece.now() });
  return execute(ports, request, { req, event });
}

async function execute(
  { executions, deployments }: ApiPorts,
  request: DeploymentRequest | RollbackRequest,
  { req, event }: { req: Request; event: HttpEvent },
): Promise<Response> {
  const key = req.headers.get('idempotency-key') ?? event.requestContext.requestId;
  const deploymentId = deploymentIdOf(request.service, key);
  const started = await executions.start({ deploymentId, input: request });
  if (started.type === 'exists') {
    const record = await deployments.load(deploymentId);
    if (JSON.stringify(record?.request) !== JSON.stringify(request)) {
      return problem(
        409,
        'IdempotencyKeyReused',
        `Deployment ${deploymentId} was started by the same key with another request; use a new key.`,
      );
    }
  }
  const { executionArn } = started;
  return accepted(`/deployments/${deploymentId}`, { deploymentId, executionArn });
}

async function abort(
  { deployments, holds, executions, timepiece }: ApiPorts,
  deploymentId: string,
  by: string,
  body: Record<string, unknown>,
): Promise<Response> {
  const { reason = 'no reason was given', ...rest } = body;
  const extra = Object.keys(rest);
  if (typeof reason !== 'string' || reason.length > ABORT_REASON_LENGTH_MAX || extra.length > 0) {
    return problem(
      422,
      'SpecRefused',
      `An abort takes a reason of up to ${ABORT_REASON_LENGTH_MAX} characters and nothing else${extra.length > 0 ? `, not ${extra.join(', ')}` : ''}.`,
    );
  }
  const record = await deployments.load(deploymentId);
  if (!record) return unknown('deployment', deploymentId);
  const { phase, retirementStartedAt } = record.progress;
  if (hasEnded(record.progress) || retirementStartedAt) {
    return problem(
      409,
      'TooLate',
      `Deployment ${deploymentId} is ${phase} and cannot be aborted any more.`,
    );
  }
  await deployments.requestAbort(deploymentId, { by, reason, at: timepiece.now() });
  const token = await holds.waiting(deploymentId);
  if (token) await executions.signal(token, { type: 'abort', reason });
  return accepted(`/deployments/${deploymentId}`, { deploymentId });
}

async function attempt(run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    const refusal = fromFailure(error);
    if (!refusal) throw error;
    return refusal;
  }
}

async function readBody(req: Request): Promise<Record<string, unknown>> {
  const text = await req.text();
  const value = text === '' ? {} : parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new SyntaxError('The body must be a JSON object.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SyntaxError('The body is not JSON; send a JSON object.', { cause });
  }
}

function callerOf({ requestContext }: HttpEvent): string {
  return requestContext.authorizer?.iam?.userArn ?? 'somebody';
}

function unknown(what: string, name: string | undefined): Response {
  return problem(404, 'NotFound', `There is no ${what} ${name ?? ''}.`);
}

/** What people see of a record: all but the counters that keep it consistent. */
function describe({ revision: _revision, fence: _fence, ...shown }: DeploymentRecord) {
  return { ...shown, status: shown.progress.phase, reason: shown.progress.reason };
}

const routes = api({
  services: world.services(),
  deployments: world.deployments(),
  timeline: world.timeline(),
  holds: world.holds(),
  leases: world.leases(),
  executions: world.executions(),
  timepiece: world.timepiece(),
});

export const handler = withStack(
  async (event: unknown, context: Parameters<typeof routes.resolve>[1]) =>
    routes.resolve(event, context),
);
