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
    async follow(service, autoScalingGroupName) {
      const set = { autoScalingGroupName };
      await table.update(definitionKey(service), { set }, { exists: true });
    },
  };
}

function definitionKey(service: string): Key {
  return { pk: `SERVICE#${service}`, sk: 'DEFINITION' };
}
