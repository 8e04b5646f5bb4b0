/**
 * What the API was asked to start, in the table: written before the execution is started, so that
 * whoever asks by the same key is told whether it was the same request.
 */
import type { Requests } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

/** Makes the requests over the table. */
export function createRequests(table: Table): Requests {
  const load = async (deploymentId: string) => {
    const item = await table.load(requestKey(deploymentId));
    return item?.['request'] as string | undefined;
  };
  return {
    load,
    async claim(deploymentId, request) {
      const key = requestKey(deploymentId);
      const isNew = await table.replace(key, { request }, { exists: false });
      return isNew ? request : ((await load(deploymentId)) ?? request);
    },
  };
}

function requestKey(deploymentId: string): Key {
  return { pk: `DEPLOYMENT#${deploymentId}`, sk: 'REQUEST' };
}
