/**
 * DynamoDB: dynalite answers, the region adds what dynalite lacks and refuses what it would ignore.
 * Not for: transactions, streams, PartiQL and the settings of time to live, which dynalite has not.
 */
import type {
  AttributeValue,
  CreateTableCommandInput,
  DescribeTableCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation, Service } from '../../kernel/service.ts';
import { readJson, writeJson } from '../../wire/json-value.ts';
import { serviceModel } from '../../wire/model.ts';
import { createEngine, heededMembers } from './engine.ts';
import { operationNames, permissionOf } from './permissions.ts';
import type { TableInput } from './permissions.ts';

/** The service, and a way to make tables for those who load a template. */
export interface DynamoDb extends Service {
  /**
   * Creates a table and waits until it can be used, for whoever loads a template.
   * @throws AwsError as CreateTable does
   */
  createTable(input: CreateTableCommandInput): Promise<void>;
}

/** Questions about a new table before it counts as stuck; it is usable after a few. */
const QUESTIONS_LIMIT = 1_000;

/** The member that dynalite ignores and the region adds. */
const RETURN_OLD = 'ReturnValuesOnConditionCheckFailure';

/** Members that mean nothing where they have this value, so that ignoring them is right. */
const HARMLESS: Readonly<Record<string, unknown>> = {
  DeletionProtectionEnabled: false,
  TableClass: 'STANDARD',
};

interface WriteInput extends TableInput {
  readonly Key?: Readonly<Record<string, AttributeValue>>;
  readonly Item?: Readonly<Record<string, AttributeValue>>;
  readonly [RETURN_OLD]?: string;
}

type Output = Record<string, unknown>;
type Ask = (operation: string, input: object) => Promise<Output>;

/** Builds the service with no tables. */
export function createDynamoDb(kernel: Kernel): DynamoDb {
  const ask = createAsk(kernel);
  const operations = operationNames.map((name): [string, Operation<TableInput>] => [
    name,
    {
      permissions: (input) => [permissionOf(name, input)],
      run: (input) => run(ask, name, input),
    },
  ]);
  return {
    name: 'dynamodb',
    operations: Object.fromEntries(operations),
    createTable: async (input) => {
      await run(ask, 'CreateTable', input);
      for (let questions = 0; questions < QUESTIONS_LIMIT; questions += 1) {
        // oxlint-disable-next-line no-await-in-loop -- the table comes into being between questions
        const { Table } = await describe(ask, input.TableName);
        if (Table?.TableStatus === 'ACTIVE') return;
        // oxlint-disable-next-line no-await-in-loop -- the engine's timer needs a turn
        await new Promise(setImmediate);
      }
      throw new Error(`Created the table ${input.TableName}, and it did not become ACTIVE.`);
    },
  };
}

async function run(ask: Ask, operation: string, input: WriteInput): Promise<Output> {
  const { [RETURN_OLD]: returnOld, ...heeded } = input;
  refuseIgnored(operation, heeded);
  try {
    return await ask(operation, heeded);
  } catch (error) {
    const failed = error instanceof AwsError && error.code === 'ConditionalCheckFailedException';
    if (!failed || returnOld !== 'ALL_OLD') throw error;
    const { Item } = await ask('GetItem', {
      TableName: input.TableName,
      Key: await keyOf(ask, input),
      ConsistentRead: true,
    });
    throw Item ? new AwsError(error.code, error.message, { fields: { Item } }) : error;
  }
}

/** What the engine would silently ignore, the region refuses. */
function refuseIgnored(operation: string, input: object): void {
  const members = heededMembers(operation);
  const ignored = Object.entries(input).find(
    ([name, value]) => value !== undefined && !members.has(name) && HARMLESS[name] !== value,
  );
  if (!ignored) return;
  const message = `The region does not implement ${ignored[0]} of ${operation} of dynamodb.`;
  throw new AwsError('NotImplemented', message, { httpStatus: 501 });
}

/** The key of the item that a write is about; a PutItem has it among the item's attributes. */
async function keyOf(ask: Ask, input: WriteInput): Promise<object> {
  if (input.Key) return input.Key;
  const { Table } = await describe(ask, input.TableName);
  const names = (Table?.KeySchema ?? []).map((element) => element.AttributeName ?? '');
  return Object.fromEntries(names.map((name) => [name, input.Item?.[name]]));
}

async function describe(
  ask: Ask,
  tableName: string | undefined,
): Promise<Pick<DescribeTableCommandOutput, 'Table'>> {
  return ask('DescribeTable', { TableName: tableName });
}

/** Speaks to the engine in its JSON. Tables are as old as the region's clock says. */
function createAsk(kernel: Kernel): Ask {
  const engine = createEngine();
  const { operations } = serviceModel('dynamodb');
  const created = new Map<string, Date>();
  return async (name, input) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(`DynamoDB has no operation "${name}".`);
    const { status, body } = await engine.ask(name, writeJson(operation.input, input));
    if (status !== 200) throw refusalOf(status, body);
    const output = readJson(operation.output, Buffer.from(body, 'utf8')) as Output;
    const table = (output['Table'] ?? output['TableDescription']) as Output | undefined;
    if (!table) return output;
    const id = String(table['TableId'] ?? table['TableName']);
    const at = created.get(id) ?? new Date(kernel.clock.now());
    created.set(id, at);
    // The engine leaves the time out of a table that it is deleting.
    if (table['CreationDateTime']) table['CreationDateTime'] = at;
    return output;
  };
}

function refusalOf(status: number, body: string): AwsError {
  const answer = JSON.parse(body) as { __type?: string; message?: string; Message?: string };
  const { __type: type = 'InternalServerError', message = answer.Message ?? '' } = answer;
  return new AwsError(type.replace(/^.*#/, ''), message, { httpStatus: status });
}
