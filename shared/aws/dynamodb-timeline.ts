/**
 * The lines of a deployment's history in the table, one item each.
 */
import type { TimelineEntry } from '../core/record.ts';
import type { Timeline } from '../ports/ledger.ts';
import type { Table } from './dynamodb-table.ts';

const SORT_KEY_PREFIX = 'TIMELINE#';

/** Makes the timelines of deployments over the table. */
export function createTimeline(table: Table): Timeline {
  return {
    async add(deploymentId, entry) {
      const { at, state, event } = entry;
      const key = { pk: partition(deploymentId), sk: `${SORT_KEY_PREFIX}${at}#${state}#${event}` };
      await table.update(key, { set: { ...entry } });
    },
    async read(deploymentId) {
      const items = await table.list(partition(deploymentId), SORT_KEY_PREFIX);
      const entries = items.map(
        ({ pk: _pk, sk: _sk, ...entry }) => entry as unknown as TimelineEntry,
      );
      return entries.toSorted((a, b) => a.at.localeCompare(b.at) || a.order - b.order);
    },
  };
}

function partition(deploymentId: string): string {
  return `DEPLOYMENT#${deploymentId}`;
}
