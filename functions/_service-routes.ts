/** Definitions of services over the HTTP API: list, define, show, delete. */
import { parseCursor, toCursor } from '../shared/core/api/cursor.ts';
import type { OperationId } from '../shared/core/api/operations.ts';
import {
  PAGE_LIMIT_DEFAULT,
  pageQuerySchema,
  showServiceQuerySchema,
} from '../shared/core/api/requests.ts';
import { ServiceBusy, SpecRefused } from '../shared/core/errors.ts';
import { parseStrictly } from '../shared/core/parse-strictly.ts';
import { isOpen } from '../shared/core/record.ts';
import { parseServiceDefinition } from '../shared/core/spec.ts';
import type { Deployments, Leases, Locks, Services } from '../shared/ports/ledger.ts';
import type { Call, Run } from './_http.ts';
import { answer, unknown } from './_problem.ts';

/** Definitions, and what tells whether anything is still done for a service. */
export interface ServiceRoutePorts {
  readonly services: Pick<Services, 'load' | 'loadGiven' | 'save' | 'list' | 'remove'>;
  readonly deployments: Pick<Deployments, 'load'>;
  readonly locks: Pick<Locks, 'holder'>;
  readonly leases: Pick<Leases, 'list'>;
}

/** What the list is called in its cursors. */
const LIST = 'services';

/** Things that stand in the way of a deletion and are named one by one. */
const TOLD_MAX = 3;

/** What answers each operation. */
export function serviceRoutes(ports: ServiceRoutePorts) {
  const { services } = ports;
  return {
    listServices: ({ query }) => list(ports, query),
    putService: (call) => put(ports, call),
    showService: async ({ param, query }) => {
      const service = param('service');
      const { as } = parseStrictly(showServiceQuerySchema, query, 'query');
      const definition = await (as ? services.loadGiven(service) : services.load(service));
      return definition ? answer(200, definition) : unknown('service', service);
    },
    deleteService: ({ param }) => remove(ports, param('service')),
  } satisfies Partial<Record<OperationId, Run>>;
}

async function list(
  { services }: ServiceRoutePorts,
  query: Readonly<Record<string, string>>,
): Promise<Response> {
  const asked = parseStrictly(pageQuerySchema, query, 'query');
  const { limit = PAGE_LIMIT_DEFAULT, cursor } = asked;
  const after = cursor === undefined ? undefined : parseCursor(LIST, cursor);
  const { items, next } = await services.list({ limit, ...(after !== undefined && { after }) });
  return answer(200, {
    services: items,
    ...(next !== undefined && { nextCursor: toCursor(LIST, next) }),
  });
}

async function put({ services }: ServiceRoutePorts, { param, body }: Call): Promise<Response> {
  const service = param('service');
  const sent = body();
  if ('service' in sent && sent['service'] !== service) {
    const message = `must be ${service}, as in the path, or be left out`;
    throw new SpecRefused(`The service definition was refused: service: ${message}.`, {
      facts: { issues: [{ path: 'service', pointer: '/service', message }] },
    });
  }
  const definition = parseServiceDefinition({ ...sent, service });
  return answer(200, await services.save(definition));
}

/**
 * Forgets a service. A deployment that begins between the look and the deletion finds no definition
 * and is refused, or has its plan already and needs none.
 */
async function remove(ports: ServiceRoutePorts, service: string): Promise<Response> {
  if (!(await ports.services.load(service))) return unknown('service', service);
  await refuseInUse(ports, service);
  await ports.services.remove(service);
  return answer(200, { service });
}

/** @throws ServiceBusy naming what is under way or still to be undone */
async function refuseInUse(
  { deployments, locks, leases }: ServiceRoutePorts,
  service: string,
): Promise<void> {
  const holder = await locks.holder(service);
  const record = holder && (await deployments.load(holder.owner));
  if (record && isOpen(record)) {
    throw new ServiceBusy(
      `Deployment ${record.deploymentId} of ${service} is under way; wait for its end, or abort ` +
        'it, and delete the service then. Nothing was changed.',
    );
  }
  const open = (await leases.list()).filter((lease) => lease.service === service);
  if (open.length === 0) return;
  const told = open
    .slice(0, TOLD_MAX)
    .map(({ kind, resource, deploymentId }) =>
      [kind, resource, `of deployment ${deploymentId}`].filter(Boolean).join(' '),
    );
  const more = open.length > TOLD_MAX ? ` and ${open.length - TOLD_MAX} more` : '';
  throw new ServiceBusy(
    `Something is still to be undone for ${service}: ${told.join(', ')}${more}. Teal does so by ` +
      'itself when its time has come; delete the service then. Nothing was changed.',
  );
}
