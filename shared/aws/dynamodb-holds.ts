/**
 * Task tokens of waiting Holds in the table: at most one for each deployment.
 */
import type { Holds } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

/** Makes the waiting Holds of deployments over the table. */
export function createHolds(table: Table): Holds {
  return {
    async open(deploymentId, taskToken) {
      await table.update(holdKey(deploymentId), { set: { taskToken } });
    },
    async waiting(deploymentId) {
      const hold = await table.load(holdKey(deploymentId));
      return hold?.['taskToken'] as string | undefined;
    },
    async close(deploymentId, taskToken) {
      const key = holdKey(deploymentId);
      await table.update(key, { remove: ['taskToken'] }, { equals: { taskToken } });
    },
  };
}

function holdKey(deploymentId: string): Key {
  return { pk: `DEPLOYMENT#${deploymentId}`, sk: 'HOLD' };
}
