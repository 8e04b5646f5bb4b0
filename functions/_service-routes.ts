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
import { type DeploymentRecord, isOpen } from '../shared/core/record.ts';
import { parseServiceDefinition, type ServiceDefinition } from '../shared/core/spec.ts';
import type { Deployments, Leases, Locks, Services } from '../shared/ports/ledger.ts';
import type { Call, Run } from './_http.ts';
import { findServiceOfGroup } from './_group-service.ts';
import { refuseOtherService } from './_path-service.ts';
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

async function put(ports: ServiceRoutePorts, { param, body }: Call): Promise<Response> {
  const service = param('service');
  const sent = body();
  refuseOtherService(sent, service, 'service definition');
  const definition = parseServiceDefinition({ ...sent, service });
  const { autoScalingGroupName } = definition;
  const given = await ports.services.loadGiven(service);
  if (given?.autoScalingGroupName !== autoScalingGroupName) {
    await refuseSharedGroup(ports, definition);
    if (given) await refuseMoveUnderWay(ports, service);
  }
  return answer(200, await ports.services.save(definition));
}

/**
 * A group has one service: the locks of two would not keep them from moving the same traffic.
 * @throws SpecRefused naming the service that has the group already
 */
async function refuseSharedGroup(
  { services }: ServiceRoutePorts,
  { service, autoScalingGroupName }: ServiceDefinition,
): Promise<void> {
  const other = await findServiceOfGroup(services, autoScalingGroupName, { except: service });
  if (!other) return;
  throw new SpecRefused(
    `Group ${autoScalingGroupName} is what serves ${other.service}, and a group has one service; name another group, or delete ${other.service} first. Nothing was changed.`,
  );
}

/** @throws ServiceBusy while a deployment runs, which will write its green as what serves */
async function refuseMoveUnderWay(ports: ServiceRoutePorts, service: string): Promise<void> {
  const running = await findRunning(ports, service);
  if (!running) return;
  throw new ServiceBusy(
    `Deployment ${running.deploymentId} of ${service} is under way and decides which group serves; wait for its end, or abort it, and change the group then. Nothing was changed.`,
  );
}

async function findRunning(
  { deployments, locks }: Pick<ServiceRoutePorts, 'deployments' | 'locks'>,
  service: string,
): Promise<DeploymentRecord | undefined> {
  const holder = await locks.holder(service);
  const record = holder && (await deployments.load(holder.owner));
  return record && isOpen(record) ? record : undefined;
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
async function refuseInUse(ports: ServiceRoutePorts, service: string): Promise<void> {
  const record = await findRunning(ports, service);
  if (record) {
    throw new ServiceBusy(
      `Deployment ${record.deploymentId} of ${service} is under way; wait for its end, or abort ` +
        'it, and delete the service then. Nothing was changed.',
    );
  }
  const open = (await ports.leases.list()).filter((lease) => lease.service === service);
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
