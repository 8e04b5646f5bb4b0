/**
 * Service definitions in the table.
 * Not for: reading what people typed; definitions are checked before they are saved.
 */
import { RecordChanged } from '../core/errors.ts';
import {
  asGiven,
  followOn,
  type KeptDefinition,
  type Serving,
  servingOf,
} from '../core/serving.ts';
import type { ServiceDefinition } from '../core/spec.ts';
import type { Services } from '../ports/ledger.ts';
import { readRows } from './dynamodb-pages.ts';
import type { Key, Table } from './dynamodb-table.ts';

/** One row for each service that is defined, by name. */
const ROWS = 'SERVICES';

/** How their sort keys begin. */
const ROW_PREFIX = 'SERVICE#';

/** Times that a definition is saved over what changed meanwhile, which a success does once in hours. */
const ATTEMPTS_MAX = 3;

/** Makes the definitions of services over the table. */
export function createServices(table: Table): Services {
  const load = async (service: string) => (await loadKept(table, service))?.definition;
  const loadRow = (sortKey: string) => load(sortKey.slice(ROW_PREFIX.length));
  return {
    load,
    async loadGiven(service) {
      const kept = await loadKept(table, service);
      return kept && asGiven(kept);
    },
    async save(definition) {
      // The row first: one without a definition is passed over, one that is missing hides it.
      await table.replace(rowKey(definition.service), {});
      return save(table, definition, 1);
    },
    list: (page) => readRows(table, { pk: ROWS, sortKeyPrefix: ROW_PREFIX, load: loadRow }, page),
    async remove(service) {
      await table.remove(definitionKey(service));
      await table.remove(releaseKey(service));
      await table.remove(rowKey(service));
      // Somebody may have defined it anew meanwhile.
      if (await load(service)) await table.replace(rowKey(service), {});
    },
    async follow(service, { autoScalingGroupName, routing, targetGroupArn }) {
      const isNamed = (await load(service))?.targetGroupArn !== undefined;
      const set = {
        autoScalingGroupName,
        ...(routing && { routing }),
        ...(isNamed && targetGroupArn !== undefined && { targetGroupArn }),
      };
      await table.update(definitionKey(service), { set }, { exists: true });
    },
    async release(service, deploymentId) {
      await table.update(releaseKey(service), { set: { deploymentId } });
    },
    async lastRelease(service) {
      const release = await table.load(releaseKey(service));
      return release && String(release['deploymentId']);
    },
  };
}

/**
 * Keeps a definition, unless a deployment made the service follow another group meanwhile: then it
 * is laid over that.
 * @throws RecordChanged when that happened again and again
 */
async function save(
  table: Table,
  definition: ServiceDefinition,
  attempt: number,
): Promise<ServiceDefinition> {
  const { service } = definition;
  const before = await loadKept(table, service);
  const kept = followOn(definition, before);
  const serving = before?.definition.autoScalingGroupName;
  const isSaved = await table.replace(
    definitionKey(service),
    { ...kept, given: servingOf(definition) },
    before ? { equals: { autoScalingGroupName: serving } } : { exists: false },
  );
  if (isSaved) return kept;
  if (attempt < ATTEMPTS_MAX) return save(table, definition, attempt + 1);
  throw new RecordChanged(
    `The definition of ${service} was changed ${attempt} times while it was being saved; try again. It was not saved.`,
  );
}

/** What was given for the fleet stands in the same item, and is nobody else's to see. */
async function loadKept(table: Table, service: string): Promise<KeptDefinition | undefined> {
  const item = await table.load(definitionKey(service));
  if (!item) return undefined;
  const { given, ...definition } = item as unknown as ServiceDefinition & { given?: Serving };
  return { definition, given };
}

function rowKey(service: string): Key {
  return { pk: ROWS, sk: `${ROW_PREFIX}${service}` };
}

function definitionKey(service: string): Key {
  return { pk: `SERVICE#${service}`, sk: 'DEFINITION' };
}

/** Apart from the definition, because a new definition replaces the whole item. */
function releaseKey(service: string): Key {
  return { pk: `SERVICE#${service}`, sk: 'RELEASE' };
}
