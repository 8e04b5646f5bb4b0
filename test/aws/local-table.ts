/**
 * Teal's table on a DynamoDB engine on this machine, for tests that write into it directly.
 */
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { AddressInfo } from 'node:net';
import { createDynamoDbClient } from '../../shared/aws/clients.ts';
import { createTable, type Table } from '../../shared/aws/dynamodb-table.ts';

/** A table, and what ends its engine. */
export interface LocalTable {
  readonly table: Table;
  /** What the table is read and written with. */
  readonly client: DynamoDBClient;
  close(): Promise<void>;
}

const key = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });

/** Starts an engine on a free port of the loopback, with an empty table in it. */
export async function openLocalTable(): Promise<LocalTable> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createDynamoDbClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  await client.send(
    new CreateTableCommand({
      TableName: 'teal',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [key('pk'), key('sk')],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  return {
    client,
    table: createTable(client, 'teal'),
    close: async () => {
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
