/**
 * What deployments froze or owe, in the table. All rows are in one partition, so that whoever
 * sweeps finds every one of them with one paged Query and needs no Scan.
 */
import type { LeaseName, OpenLease } from '../core/leases.ts';
import type { Leases } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

const PARTITION = 'LEASE';
const SORT_KEY_PREFIX = 'DEPLOYMENT#';

/** Makes the leases over the table. */
export function createLeases(table: Table): Leases {
  return {
    async open(lease) {
      await table.update(leaseKey(lease), { set: { ...lease } });
    },
    async close(lease) {
      await table.remove(leaseKey(lease));
    },
    async list(deploymentId) {
      // An execution's name has no `#`, so that no deployment's id is the beginning of another's.
      const prefix =
        deploymentId === undefined ? SORT_KEY_PREFIX : `${SORT_KEY_PREFIX}${deploymentId}#`;
      const items = await table.list(PARTITION, prefix);
      return items.map(({ pk: _pk, sk: _sk, ...lease }) => lease as unknown as OpenLease);
    },
  };
}

function leaseKey({ deploymentId, kind, resource = '' }: LeaseName): Key {
  return { pk: PARTITION, sk: `${SORT_KEY_PREFIX}${deploymentId}#${kind}#${resource}` };
}
