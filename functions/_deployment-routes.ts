/** Reading deployments over the HTTP API: the list, one record, its timeline, what is left over. */
import { parseCursor, toCursor } from '../shared/core/api/cursor.ts';
import type { OperationId } from '../shared/core/api/operations.ts';
import {
  deploymentsQuerySchema,
  PAGE_LIMIT_DEFAULT,
  TIMELINE_LIMIT_MAX,
  timelineQuerySchema,
} from '../shared/core/api/requests.ts';
import { findLeftovers } from '../shared/core/leftovers.ts';
import { parseStrictly } from '../shared/core/parse-strictly.ts';
import { placeOf } from '../shared/core/decide-turn.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { Deployments, Leases, Queue, Requests, Timeline } from '../shared/ports/ledger.ts';
import type { Timepiece } from '../shared/ports/signals.ts';
import { describeDeployment, refuseAbsent, summarizeDeployment } from './_deployment-view.ts';
import type { Run } from './_http.ts';
import { answer } from './_problem.ts';

/** What is read. */
export interface DeploymentRoutePorts {
  readonly deployments: Pick<Deployments, 'load' | 'list'>;
  readonly requests: Pick<Requests, 'load'>;
  readonly timeline: Pick<Timeline, 'read'>;
  readonly leases: Pick<Leases, 'list'>;
  readonly queue: Pick<Queue, 'list'>;
  readonly timepiece: Pick<Timepiece, 'now'>;
}

/** What answers each operation. */
export function deploymentRoutes(ports: DeploymentRoutePorts) {
  const { deployments, requests, leases, timepiece } = ports;
  return {
    listDeployments: ({ query }) => list(ports, query),
    describeDeployment: async ({ param }) => {
      const deploymentId = param('deploymentId');
      const record = await deployments.load(deploymentId);
      if (!record) return refuseAbsent(requests, deploymentId);
      const place = await findPlace(ports, record);
      return answer(200, { ...describeDeployment(record, timepiece.now()), ...place });
    },
    readTimeline: ({ param, query }) => readTimeline(ports, param('deploymentId'), query),
    listLeftovers: async () => {
      const open = await leases.list();
      return answer(200, { leftovers: findLeftovers(open, timepiece.now()) });
    },
  } satisfies Partial<Record<OperationId, Run>>;
}

/** Where a deployment that waits stands now; its reason tells where it stood when it last looked. */
async function findPlace(
  { queue }: DeploymentRoutePorts,
  { service, deploymentId, startedAt, progress }: DeploymentRecord,
): Promise<{ readonly place?: number }> {
  if (progress.phase !== 'queued') return {};
  const self = { service, deploymentId, startedAt };
  return { place: placeOf(self, await queue.list(service)) };
}

async function list(
  { deployments }: DeploymentRoutePorts,
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  const asked = parseStrictly(deploymentsQuerySchema, query, 'query');
  const { service, status, limit = PAGE_LIMIT_DEFAULT, cursor } = asked;
  const name = `deployments ${service ?? ''} ${status ?? ''}`;
  const { items, next } = await deployments.list({
    limit,
    ...(service !== undefined && { service }),
    ...(status !== undefined && { phase: status }),
    ...(cursor !== undefined && { after: parseCursor(name, cursor) }),
  });
  return answer(200, {
    deployments: items.map(summarizeDeployment),
    ...(next !== undefined && { nextCursor: toCursor(name, next) }),
  });
}

async function readTimeline(
  { deployments, requests, timeline }: DeploymentRoutePorts,
  deploymentId: string,
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  const asked = parseStrictly(timelineQuerySchema, query, 'query');
  const { limit = TIMELINE_LIMIT_MAX, cursor } = asked;
  const name = `timeline ${deploymentId}`;
  const from = cursor === undefined ? 0 : Number(parseCursor(name, cursor)) || 0;
  if (!(await deployments.load(deploymentId))) return refuseAbsent(requests, deploymentId);
  const all = await timeline.read(deploymentId);
  const entries = all.slice(from, from + limit);
  const next = from + entries.length;
  return answer(200, {
    deploymentId,
    entries,
    ...(next < all.length && { nextCursor: toCursor(name, String(next)) }),
  });
}
