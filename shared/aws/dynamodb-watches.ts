/**
 * Which deployments watch an alarm, in the table: so that an alarm's event finds them without
 * looking through every deployment.
 */
import type { Watches } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

const SORT_KEY_PREFIX = 'DEPLOYMENT#';

/** Makes the watches of deployments over the table. */
export function createWatches(table: Table): Watches {
  return {
    async watch(deploymentId, alarmNames) {
      for (const alarmName of alarmNames) {
        await table.update(watchKey(alarmName, deploymentId), { set: { deploymentId } });
      }
    },
    async watchers(alarmName) {
      const items = await table.list(partition(alarmName), SORT_KEY_PREFIX);
      return items.map(({ sk }) => sk.slice(SORT_KEY_PREFIX.length));
    },
    async unwatch(deploymentId, alarmNames) {
      for (const alarmName of alarmNames) {
        await table.remove(watchKey(alarmName, deploymentId));
      }
    },
  };
}

function watchKey(alarmName: string, deploymentId: string): Key {
  return { pk: partition(alarmName), sk: `${SORT_KEY_PREFIX}${deploymentId}` };
}

function partition(alarmName: string): string {
  return `ALARM#${alarmName}`;
}
