/**
 * Deployments that wait for their turn, in the table: beside their service, and by the time they
 * were asked for, so that one Query answers them in their order.
 */
import type { Waiting } from '../core/decide-turn.ts';
import type { Queue } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

const SORT_KEY_PREFIX = 'QUEUE#';

/** Makes the queues of all services over the table. */
export function createQueue(table: Table): Queue {
  return {
    async join(waiting) {
      await table.replace(rowKey(waiting), { ...waiting });
    },
    async list(service) {
      const items = await table.list(partition(service), SORT_KEY_PREFIX);
      return items.map(({ pk: _pk, sk: _sk, ...waiting }) => waiting as unknown as Waiting);
    },
    async leave(waiting) {
      await table.remove(rowKey(waiting));
    },
  };
}

function rowKey(waiting: Pick<Waiting, 'service' | 'startedAt' | 'deploymentId'>): Key {
  const { service, startedAt, deploymentId } = waiting;
  return { pk: partition(service), sk: `${SORT_KEY_PREFIX}${startedAt}#${deploymentId}` };
}

function partition(service: string): string {
  return `SERVICE#${service}`;
}
