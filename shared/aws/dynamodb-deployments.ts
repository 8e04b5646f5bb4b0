/**
 * The records of deployments in the table. A save names the revision it has read, so that of two
 * tasks that run at once one has to read again.
 */
import { NotFound, RecordChanged } from '../core/errors.ts';
import type { DeploymentRecord } from '../core/record.ts';
import { FORMAT_VERSION, refuseNewerFormat } from '../core/record-format.ts';
import type { Deployments } from '../ports/ledger.ts';
import type { Attributes, Key, Table } from './dynamodb-table.ts';

/** Makes the records of deployments over the table. */
export function createDeployments(table: Table): Deployments {
  const load = async (deploymentId: string) => toRecord(await table.load(recordKey(deploymentId)));
  return {
    load,
    async create(record) {
      const { deploymentId } = record;
      const isNew = await table.replace(recordKey(deploymentId), toAttributes(record), {
        exists: false,
      });
      return isNew ? record : ((await load(deploymentId)) ?? record);
    },
    async save(record, change) {
      const { deploymentId, revision } = record;
      const set = { ...change, revision: revision + 1 };
      const saved = await table.update(
        recordKey(deploymentId),
        { set },
        { equals: { deploymentId, revision } },
      );
      return toRecord(saved) ?? acceptOwnSave(record, change, await load(deploymentId));
    },
    async requestAbort(deploymentId, abort) {
      // Read first: what this version cannot read it does not change either.
      if ((await load(deploymentId)) === undefined) return false;
      const condition = { equals: { deploymentId, abort: undefined } };
      const saved = await table.update(recordKey(deploymentId), { set: { abort } }, condition);
      return saved !== undefined || (await load(deploymentId)) !== undefined;
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
  return JSON.stringify(left, sortKeys) === JSON.stringify(right, sortKeys);
}

/** DynamoDB does not keep the order of a map's keys. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function recordKey(deploymentId: string): Key {
  return { pk: `DEPLOYMENT#${deploymentId}`, sk: 'RECORD' };
}
