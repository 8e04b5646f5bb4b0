/** Starting deployments over the HTTP API, so that the same request twice is one deployment. */
import type { OperationId } from '../shared/core/api/operations.ts';
import { rollbackBodySchema } from '../shared/core/api/requests.ts';
import { toCanonicalJson } from '../shared/core/canonical-json.ts';
import { deploymentIdOf } from '../shared/core/names.ts';
import { parseStrictly } from '../shared/core/parse-strictly.ts';
import { refuseRollback } from '../shared/core/plan-rollback.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import {
  type DeploymentRequest,
  parseDeploymentRequest,
  parseRollbackRequest,
  type RollbackRequest,
} from '../shared/core/spec.ts';
import type { Deployments, Requests, Services } from '../shared/ports/ledger.ts';
import type { Executions, Timepiece } from '../shared/ports/signals.ts';
import type { Call, Run } from './_http.ts';
import { accepted, problem, unknown } from './_problem.ts';

/** What a start is checked against, and where it is remembered. */
export interface StartRoutePorts {
  readonly services: Pick<Services, 'load'>;
  readonly deployments: Pick<Deployments, 'load'>;
  readonly requests: Requests;
  readonly executions: Pick<Executions, 'start'>;
  readonly timepiece: Pick<Timepiece, 'now'>;
}

/** A start that was read and not yet checked. */
interface Start {
  readonly deploymentId: string;
  readonly request: DeploymentRequest | RollbackRequest;
  /** What was sent, as text that is the same for the same request. */
  readonly sent: string;
  /** Refuses what cannot be begun now; asked only where it was not begun already. */
  readonly check: () => Promise<Response | undefined>;
}

/** What answers the operation. */
export function startRoutes(ports: StartRoutePorts) {
  return {
    startDeployment: (call) => start(ports, call),
  } satisfies Partial<Record<OperationId, Run>>;
}

async function start(ports: StartRoutePorts, call: Call): Promise<Response> {
  const body = call.body();
  const request = parseDeploymentRequest({ requestedBy: call.by, ...body });
  const { service } = request;
  return startOnce(ports, {
    deploymentId: deploymentIdOf(service, call.key()),
    request,
    sent: toCanonicalJson(body),
    check: async () =>
      (await ports.services.load(service)) ? undefined : unknown('service', service),
  });
}

/** Takes back a deployment that has ended; what stands in the way is said at once. */
export async function takeBack(
  ports: StartRoutePorts,
  record: DeploymentRecord,
  call: Call,
): Promise<Response> {
  const { service, deploymentId: rollbackOf } = record;
  const body = parseStrictly(rollbackBodySchema, call.body(), 'rollback request');
  const request = parseRollbackRequest({ ...body, service, rollbackOf, requestedBy: call.by });
  return startOnce(ports, {
    deploymentId: deploymentIdOf(service, call.key()),
    request,
    sent: toCanonicalJson({ ...body, rollbackOf }),
    check: async () => {
      const definition = await ports.services.load(service);
      if (!definition) return unknown('service', service);
      refuseRollback({ record, definition, request, now: ports.timepiece.now() });
      return undefined;
    },
  });
}

/**
 * Remembers the request before it starts anything, so that whoever asks by the same key, even at
 * the same instant, gets the same deployment. One that was remembered and not started, because its
 * function died in between, is started by the next one who asks.
 */
async function startOnce(
  { requests, deployments, executions }: StartRoutePorts,
  { deploymentId, request, sent, check }: Start,
): Promise<Response> {
  const earlier = await requests.load(deploymentId);
  const refusal = earlier === undefined ? await check() : undefined;
  if (refusal) return refusal;
  const kept = earlier ?? (await requests.claim(deploymentId, sent));
  if (kept !== sent) return refuseReusedKey(deploymentId);
  const record = await deployments.load(deploymentId);
  // From before requests were remembered; a remembered one is known to be the same.
  const isOther =
    record && earlier === undefined && toCanonicalJson(record.request) !== toCanonicalJson(request);
  if (isOther) return refuseReusedKey(deploymentId);
  const { executionArn } = record ?? (await executions.start({ deploymentId, input: request }));
  return accepted(`/deployments/${deploymentId}`, { deploymentId, executionArn });
}

function refuseReusedKey(deploymentId: string): Response {
  return problem(
    409,
    'IdempotencyKeyReused',
    `Deployment ${deploymentId} was started by the same key with another request; use a new key.`,
  );
}
