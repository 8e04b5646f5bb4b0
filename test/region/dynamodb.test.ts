/**
 * DynamoDB behind the endpoint, from the SDK's client.
 */
import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import type { Endpoint } from '../../region/endpoint/endpoint.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import type { IdentityStore } from '../../region/iam/identities.ts';
import type { Credentials } from '../../region/kernel/contracts.ts';
import type { Kernel } from '../../region/kernel/kernel.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createDynamoDb } from '../../region/services/dynamodb/dynamodb.ts';
import type { DynamoDb } from '../../region/services/dynamodb/dynamodb.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const ROLE = 'arn:aws:iam::000000000000:role/plan';
const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/deployments';
const TABLE: CreateTableCommandInput = {
  TableName: 'deployments',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'bySort',
      KeySchema: [{ AttributeName: 'sk', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const KEY = { pk: { S: 'web' }, sk: { S: 'lock' } };

let dynamodb: DynamoDb;
let identities: IdentityStore;
let endpoint: Endpoint;
let client: DynamoDBClient;

const kernel: Kernel = {
  clock: createVirtualClock({ start: START }),
  random: () => 0.5,
  hex: (digits) => '0'.repeat(digits),
  emit: () => undefined,
  measure: () => undefined,
  log: () => undefined,
};

function clientOf(credentials: Credentials): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
    requestHandler: endpoint.requestHandler,
  });
}

beforeEach(async () => {
  dynamodb = createDynamoDb(kernel);
  identities = createIdentities();
  endpoint = createEndpoint({ kernel, services: [dynamodb], identities });
  client = clientOf(identities.administrator);
  await dynamodb.createTable(TABLE);
});

test('a table is usable at once, with the ARNs and the time of the region', async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'deployments' }));
  expect(Table).toMatchObject({
    TableStatus: 'ACTIVE',
    TableArn: TABLE_ARN,
    CreationDateTime: new Date(START),
    GlobalSecondaryIndexes: [{ IndexArn: `${TABLE_ARN}/index/bySort` }],
  });
});

test('what is written is read back, bytes and nesting included', async () => {
  const Item = {
    ...KEY,
    bytes: { B: new Uint8Array([1, 2, 255]) },
    facts: { M: { weights: { L: [{ N: '10' }, { NULL: true }] }, done: { BOOL: false } } },
    names: { SS: ['a', 'b'] },
  };
  await client.send(new PutItemCommand({ TableName: 'deployments', Item }));
  const read = await client.send(new GetItemCommand({ TableName: 'deployments', Key: KEY }));
  expect(read.Item).toEqual(Item);
});

test('a lock that is taken cannot be taken again, and tells who has it when asked', async () => {
  const take = (owner: string, ask?: 'ALL_OLD') =>
    client.send(
      new PutItemCommand({
        TableName: 'deployments',
        Item: { ...KEY, owner: { S: owner } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: ask,
      }),
    );
  await take('d-1');
  const told = await take('d-2', 'ALL_OLD').catch((error: unknown) => error);
  expect(told).toBeInstanceOf(ConditionalCheckFailedException);
  expect(told).toMatchObject({ Item: { ...KEY, owner: { S: 'd-1' } } });
  expect(await take('d-2').catch((error: unknown) => error)).not.toHaveProperty('Item.owner');
});

test('a failed update tells the item too, and no item where there is none', async () => {
  const update = () =>
    client.send(
      new UpdateItemCommand({
        TableName: 'deployments',
        Key: KEY,
        UpdateExpression: 'SET fence = :next',
        ConditionExpression: 'fence = :expected',
        ExpressionAttributeValues: { ':next': { N: '8' }, ':expected': { N: '7' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  expect(await update().catch((error: unknown) => error)).toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'The conditional request failed',
  });
  const Item = { ...KEY, fence: { N: '3' } };
  await client.send(new PutItemCommand({ TableName: 'deployments', Item }));
  expect(await update().catch((error: unknown) => error)).toMatchObject({ Item });
});

test('a role reaches the table or the index that its policy names, and no other', async () => {
  identities.addRole({
    arn: ROLE,
    trust: ['lambda.amazonaws.com'],
    policies: [
      {
        Statement: [
          { Effect: 'Allow', Action: 'dynamodb:Query', Resource: `${TABLE_ARN}/index/*` },
        ],
      },
    ],
  });
  const principal = 'lambda.amazonaws.com';
  const role = clientOf(identities.assume({ roleArn: ROLE, principal, sessionName: 'plan' }));
  const query = (IndexName?: string) =>
    role.send(
      new QueryCommand({
        TableName: 'deployments',
        IndexName,
        KeyConditionExpression: IndexName ? 'sk = :key' : 'pk = :key',
        ExpressionAttributeValues: { ':key': { S: 'lock' } },
      }),
    );
  await expect(query('bySort')).resolves.toMatchObject({ Count: 0 });
  await expect(query()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message:
      'User: arn:aws:sts::000000000000:assumed-role/plan/plan is not authorized to perform: ' +
      `dynamodb:Query on resource: ${TABLE_ARN} because no identity-based policy allows the ` +
      'dynamodb:Query action',
  });
});

test('what the engine lacks is refused, not ignored', async () => {
  const transact = new TransactWriteItemsCommand({
    TransactItems: [{ Put: { TableName: 'deployments', Item: KEY } }],
  });
  await expect(client.send(transact)).rejects.toMatchObject({ name: 'NotImplemented' });
  await expect(
    dynamodb.createTable({
      ...TABLE,
      TableName: 'streamed',
      StreamSpecification: { StreamEnabled: true },
    }),
  ).rejects.toMatchObject({ code: 'NotImplemented' });
});

test('a table that is missing, or there already, is refused in the words of DynamoDB', async () => {
  await expect(
    client.send(new GetItemCommand({ TableName: 'nothing', Key: KEY })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(dynamodb.createTable(TABLE)).rejects.toMatchObject({
    code: 'ResourceInUseException',
  });
});

test('the engine leaves the environment as it was', () => {
  const before = { ...process.env };
  process.env['AWS_REGION'] = 'eu-west-1';
  createDynamoDb(kernel);
  expect(process.env['AWS_REGION']).toBe('eu-west-1');
  expect(process.env['AWS_ACCOUNT_ID']).toBe(before['AWS_ACCOUNT_ID']);
  if (before['AWS_REGION'] === undefined) delete process.env['AWS_REGION'];
  else process.env['AWS_REGION'] = before['AWS_REGION'];
});
