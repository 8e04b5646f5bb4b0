/**
 * The records of deployments in the table. A save names the revision it has read, so that of two
 * tasks that run at once one has to read again.
 */
import { toCanonicalJson } from '../core/canonical-json.ts';
import { NotFound, RecordChanged } from '../core/errors.ts';
import { hasEnded, type Progress } from '../core/progress.ts';
import type { StatusFilter } from '../core/api/statuses.ts';
import type { DeploymentRecord } from '../core/record.ts';
import { FORMAT_VERSION, refuseNewerFormat } from '../core/record-format.ts';
import type { Deployments } from '../ports/ledger.ts';
import { readRows } from './dynamodb-pages.ts';
import type { Attributes, Key, Table } from './dynamodb-table.ts';

/** Rows of all deployments. */
const ROWS = 'DEPLOYMENTS';

/** How the sort keys of rows begin; the partition of a service has other items as well. */
const ROW_PREFIX = 'DEPLOYMENT#';

/** Longest name that may be a service's; no longer one is ever looked for. */
const SERVICE_LENGTH_MAX = 40;

/** Makes the records of deployments over the table. */
export function createDeployments(table: Table): Deployments {
  const load = async (deploymentId: string) => toRecord(await table.load(recordKey(deploymentId)));
  return {
    load,
    list({ service, phase, ...page }) {
      const pk = service === undefined ? ROWS : serviceRows(service);
      const rows = { pk, sortKeyPrefix: ROW_PREFIX, isDescending: true };
      return readRows(table, { ...rows, load: (sk) => loadRow(load, sk, phase) }, page);
    },
    async create(record) {
      const { deploymentId } = record;
      // The rows first: one without its record is passed over, a record without rows never shows.
      await addRows(table, record);
      const isNew = await table.replace(recordKey(deploymentId), toAttributes(record), {
        exists: false,
      });
      return isNew ? record : ((await load(deploymentId)) ?? record);
    },
    async save(record, change, { isUnlessOrdered = false } = {}) {
      const { deploymentId, revision, orderCount, abort } = record;
      // An abort stays the first there was: only one that was not there yet can come.
      const unordered = { orderCount, ...(abort === undefined && { abort }) };
      const set = { ...change, revision: revision + 1 };
      const saved = await table.update(
        recordKey(deploymentId),
        { set },
        { equals: { deploymentId, revision, ...(isUnlessOrdered && unordered) } },
      );
      return toRecord(saved) ?? acceptOwnSave(record, change, await load(deploymentId));
    },
    async requestAbort({ deploymentId, revision }, abort) {
      const condition = { equals: { deploymentId, revision, abort: undefined } };
      return (
        (await table.update(recordKey(deploymentId), { set: { abort } }, condition)) !== undefined
      );
    },
    async saveOrders({ deploymentId, revision, orderCount }, orders) {
      const set = { orders, orderCount: (orderCount ?? 0) + 1 };
      const condition = { equals: { deploymentId, revision, orderCount } };
      return (await table.update(recordKey(deploymentId), { set }, condition)) !== undefined;
    },
  };
}

/**
 * Tells a save that took effect, but whose answer was lost, from somebody else's. The SDK sends
 * such a save again, and then its condition fails on its own first attempt.
 * @throws RecordChanged, NotFound
 */
function acceptOwnSave(
  record: DeploymentRecord,
  change: Parameters<Deployments['save']>[1],
  kept: DeploymentRecord | undefined,
): DeploymentRecord {
  const { deploymentId, revision } = record;
  if (!kept) {
    throw new NotFound(
      `Tried to save deployment ${deploymentId}; the table has no such record; ` +
        'check whether somebody deleted it.',
    );
  }
  const isOwn = Object.entries(change).every(([name, value]) =>
    isSameData(value, kept[name as keyof DeploymentRecord]),
  );
  if (kept.revision === revision + 1 && isOwn) return kept;
  throw new RecordChanged(
    `Tried to save deployment ${deploymentId} after revision ${revision}; ` +
      `the table has revision ${kept.revision}; it must be read again.`,
    { facts: { deploymentId, readRevision: revision, keptRevision: kept.revision } },
  );
}

/**
 * The request is whatever came in, of any depth; as text it always fits into an item. The format
 * is that of the creation: whoever saves later keeps to it.
 */
function toAttributes(record: DeploymentRecord): Attributes {
  return {
    ...record,
    formatVersion: FORMAT_VERSION,
    request: JSON.stringify(record.request),
  };
}

function toRecord(attributes: Attributes | undefined): DeploymentRecord | undefined {
  if (!attributes) return undefined;
  const { formatVersion, ...members } = attributes;
  refuseNewerFormat(formatVersion, `the record of deployment ${String(members['deploymentId'])}`);
  const request: unknown = JSON.parse(String(members['request']));
  return { ...members, request } as unknown as DeploymentRecord;
}

function isSameData(left: unknown, right: unknown): boolean {
  return toCanonicalJson(left) === toCanonicalJson(right);
}

/** One row among all deployments, and one among those of its service, by the time they began. */
async function addRows(table: Table, record: DeploymentRecord): Promise<void> {
  const sk = `${ROW_PREFIX}${record.startedAt}#${record.deploymentId}`;
  await table.replace({ pk: ROWS, sk }, {});
  // Whatever was typed into the console may stand where the service's name should.
  if (record.service.length > SERVICE_LENGTH_MAX) return;
  await table.replace({ pk: serviceRows(record.service), sk }, {});
}

/** The record of a row; a task that ran twice may have left a row of another time behind. */
async function loadRow(
  load: Deployments['load'],
  sortKey: string,
  phase: StatusFilter | undefined,
): Promise<DeploymentRecord | undefined> {
  const [startedAt, ...id] = sortKey.slice(ROW_PREFIX.length).split('#');
  const record = await load(id.join('#'));
  if (!record || record.startedAt !== startedAt) return undefined;
  return isIn(phase, record.progress) ? record : undefined;
}

function isIn(wanted: StatusFilter | undefined, progress: Progress): boolean {
  if (wanted === 'running') return !hasEnded(progress);
  return wanted === undefined || wanted === progress.phase;
}

function serviceRows(service: string): string {
  return `SERVICE#${service}`;
}

function recordKey(deploymentId: string): Key {
  return { pk: `DEPLOYMENT#${deploymentId}`, sk: 'RECORD' };
}
