/**
 * Service definitions in the table.
 * Not for: reading what people typed; definitions are checked before they are saved.
 */
import type { ServiceDefinition } from '../core/spec.ts';
import type { Services } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

/** Makes the definitions of services over the table. */
export function createServices(table: Table): Services {
  return {
    async load(service) {
      return (await table.load(definitionKey(service))) as ServiceDefinition | undefined;
    },
    async save(definition) {
      await table.replace(definitionKey(definition.service), definition);
    },
    async follow(service, autoScalingGroupName, routing) {
      const set = { autoScalingGroupName, ...(routing && { routing }) };
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

function definitionKey(service: string): Key {
  return { pk: `SERVICE#${service}`, sk: 'DEFINITION' };
}

/** Apart from the definition, because a new definition replaces the whole item. */
function releaseKey(service: string): Key {
  return { pk: `SERVICE#${service}`, sk: 'RELEASE' };
}
