/** Starting deployments over the HTTP API, so that the same request twice is one deployment. */
import type { OperationId } from '../shared/core/api/operations.ts';
import { rollbackBodySchema } from '../shared/core/api/requests.ts';
import { onBusyOf } from '../shared/core/busy-policy.ts';
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
  type ServiceDefinition,
} from '../shared/core/spec.ts';
import type { Deployments, Locks, Requests, Services } from '../shared/ports/ledger.ts';
import type { Executions, Timepiece } from '../shared/ports/signals.ts';
import type { Call, Run } from './_http.ts';
import { findRivalry, serviceBusy } from './_journal.ts';
import { accepted, problem, unknown } from './_problem.ts';

/** What a start is checked against, and where it is remembered. */
export interface StartRoutePorts {
  readonly services: Pick<Services, 'load'>;
  readonly deployments: Pick<Deployments, 'load'>;
  readonly locks: Pick<Locks, 'holder'>;
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
  readonly check: (definition: ServiceDefinition) => void;
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
  return startOnce(ports, {
    deploymentId: deploymentIdOf(request.service, call.key()),
    request,
    sent: toCanonicalJson(body),
    check: () => undefined,
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
    check: (definition) => {
      refuseRollback({ record, definition, request, now: ports.timepiece.now() });
    },
  });
}

/**
 * Remembers the request before it starts anything, so that whoever asks by the same key, even at
 * the same instant, gets the same deployment. One that was remembered and not started, because its
 * function died in between, is started by the next one who asks.
 */
async function startOnce(ports: StartRoutePorts, asked: Start): Promise<Response> {
  const { requests, deployments, executions } = ports;
  const { deploymentId, request, sent } = asked;
  const earlier = await requests.load(deploymentId);
  // From before requests were remembered; a remembered one is known to be the same.
  const unremembered = earlier === undefined ? await deployments.load(deploymentId) : undefined;
  const isBegun = earlier !== undefined || unremembered !== undefined;
  const look = isBegun ? {} : await lookBefore(ports, asked);
  if (look.refusal) return look.refusal;
  const kept = earlier ?? (await requests.claim(deploymentId, sent));
  if (kept !== sent) return refuseReusedKey(deploymentId);
  const isOther =
    unremembered && toCanonicalJson(unremembered.request) !== toCanonicalJson(request);
  if (isOther) return refuseReusedKey(deploymentId);
  const record = unremembered ?? (await deployments.load(deploymentId));
  const { executionArn } = record ?? (await executions.start({ deploymentId, input: request }));
  const { queuedBehind } = look;
  return accepted(`/deployments/${deploymentId}`, {
    deploymentId,
    executionArn,
    ...(queuedBehind !== undefined && { queuedBehind }),
  });
}

/**
 * What can be told before anything is begun or remembered. Only a look: AcquireLock decides, and a
 * deployment that takes the lock after it refuses this one in its execution.
 * @throws ServiceBusy naming who is under way, where this one would not wait
 */
async function lookBefore(
  { services, deployments, locks, timepiece }: StartRoutePorts,
  { deploymentId, request, check }: Start,
): Promise<{ readonly refusal?: Response; readonly queuedBehind?: string }> {
  const { service } = request;
  const definition = await services.load(service);
  if (!definition) return { refusal: unknown('service', service) };
  check(definition);
  const { rival } = await findRivalry({ deployments, locks }, { service, deploymentId });
  if (!rival) return {};
  if (onBusyOf(definition, request) !== 'refuse') return { queuedBehind: rival.owner };
  throw serviceBusy(service, rival, timepiece.now());
}

function refuseReusedKey(deploymentId: string): Response {
  return problem(
    409,
    'IdempotencyKeyReused',
    `Deployment ${deploymentId} was started by the same key with another request; use a new key.`,
  );
}
