/**
 * The one table, as the ports over it use it: plain items, strongly consistent reads, and writes
 * that hold under a condition or not at all.
 * Not for: what the items mean; each port knows its own keys and attributes.
 */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { call, unlessRefused } from './call.ts';
import { readPages } from './pages.ts';

/** Where an item is. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** An item without its keys. */
export type Attributes = Readonly<Record<string, unknown>>;

/**
 * When a write may happen, as equalities that all must hold. An attribute that must be
 * `undefined` must be absent. `exists` speaks of the item as a whole.
 */
export interface Condition {
  readonly exists?: boolean;
  readonly equals?: Attributes;
}

/** What an update changes; what is neither set nor removed stays. */
export interface Change {
  /** Attributes that are undefined stay as they are. */
  readonly set?: Attributes;
  readonly remove?: readonly string[];
}

/** The table as the ports see it. */
export interface Table {
  /** Undefined when there is no such item. */
  load(key: Key): Promise<Attributes | undefined>;
  /** Replaces the whole item; answers false when the condition did not hold. */
  replace(key: Key, attributes: Attributes, condition?: Condition): Promise<boolean>;
  /**
   * Changes attributes, and makes the item where there is none; answers the item as it then is, or
   * undefined when the condition did not hold.
   */
  update(key: Key, change: Change, condition?: Condition): Promise<Attributes | undefined>;
  /** Deletes an item; harmless when there is none. */
  remove(key: Key): Promise<void>;
  /** Every item of a partition whose sort key begins so, in the order of the sort key. */
  list(pk: string, sortKeyPrefix: string): Promise<readonly (Attributes & Key)[]>;
  /** Sort keys of the items of a partition, in their order or the other way round, up to `limit`. */
  listKeys(wanted: {
    readonly pk: string;
    readonly sortKeyPrefix: string;
    /** The sort key that came last on the page before; need not exist. */
    readonly after?: string;
    readonly limit: number;
    readonly isDescending?: boolean;
  }): Promise<readonly string[]>;
}

/** DynamoDB's answer to a write whose condition did not hold. */
const CONDITION_FAILED = ['ConditionalCheckFailedException'];

/** Makes the table by its name or ARN. */
export function createTable(client: DynamoDBClient, tableName: string): Table {
  const send = <Output>(operation: string, { pk, sk }: Key, calling: () => Promise<Output>) =>
    call(operation, `${pk} ${sk} of table ${tableName}`, calling);
  return {
    async load(key) {
      const command = new GetItemCommand({
        TableName: tableName,
        Key: marshall(key),
        ConsistentRead: true,
      });
      const { Item } = await send('GetItem', key, () => client.send(command));
      return Item && toAttributes(Item);
    },
    async replace(key, attributes, condition) {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: toItem({ ...attributes, ...key }),
        ...express({}, condition),
      });
      const calling = send('PutItem', key, () => client.send(command));
      return (await unlessRefused(CONDITION_FAILED, calling)) !== undefined;
    },
    async update(key, change, condition) {
      const command = new UpdateItemCommand({
        TableName: tableName,
        Key: marshall(key),
        ...express(change, condition),
        ReturnValues: 'ALL_NEW',
      });
      const calling = send('UpdateItem', key, () => client.send(command));
      const output = await unlessRefused(CONDITION_FAILED, calling);
      return output && toAttributes(output.Attributes ?? {});
    },
    async remove(key) {
      const command = new DeleteItemCommand({ TableName: tableName, Key: marshall(key) });
      await send('DeleteItem', key, () => client.send(command));
    },
    ...createQueries(client, tableName, send),
  };
}

/** Makes a call, and names the item in its failure. */
type Send = <Output>(
  operation: string,
  key: Key,
  calling: () => Promise<Output>,
) => Promise<Output>;

/** What is read of a partition. */
function createQueries(
  client: DynamoDBClient,
  tableName: string,
  send: Send,
): Pick<Table, 'list' | 'listKeys'> {
  const query = (key: Key, after: string | undefined, more: object = {}) => {
    const command = new QueryCommand({
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: marshall({ ':pk': key.pk, ':sk': key.sk }),
      ExclusiveStartKey: after === undefined ? undefined : marshall({ pk: key.pk, sk: after }),
      ...more,
    });
    return send('Query', key, () => client.send(command));
  };
  return {
    async list(pk, sortKeyPrefix) {
      const items = await readPages(async (marker) => {
        const { Items, LastEvaluatedKey } = await query({ pk, sk: sortKeyPrefix }, marker);
        return { items: Items, next: LastEvaluatedKey?.['sk']?.S };
      });
      return items.map((item) => unmarshall(item) as Attributes & Key);
    },
    async listKeys({ pk, sortKeyPrefix, after, limit, isDescending = false }) {
      const order = { ScanIndexForward: !isDescending, Limit: limit };
      const { Items = [] } = await query({ pk, sk: sortKeyPrefix }, after, order);
      return Items.map((item) => item['sk']?.S ?? '');
    },
  };
}

/**
 * Writes a change and a condition as DynamoDB's expressions. Every name goes through a
 * placeholder, because DynamoDB reserves hundreds of words.
 * @source https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
 */
function express(change: Change, condition: Condition = {}) {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const value = (placeholder: string, content: unknown) => {
    values[placeholder] = content;
    return placeholder;
  };
  const sets = Object.entries(change.set ?? {})
    .filter(([, content]) => content !== undefined)
    .map(([attribute, content]) => `${name(attribute)} = ${value(`:new_${attribute}`, content)}`);
  const removals = (change.remove ?? []).map(name);
  const equalities = Object.entries(condition.equals ?? {}).map(([attribute, content]) =>
    content === undefined
      ? `attribute_not_exists(${name(attribute)})`
      : `${name(attribute)} = ${value(`:old_${attribute}`, content)}`,
  );
  const conditions = [...expressExistence(condition, name), ...equalities];
  const updates = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(removals.length > 0 ? [`REMOVE ${removals.join(', ')}`] : []),
  ];
  return {
    ...(updates.length > 0 && { UpdateExpression: updates.join(' ') }),
    ...(conditions.length > 0 && { ConditionExpression: conditions.join(' AND ') }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: toItem(values) }),
  };
}

function expressExistence({ exists }: Condition, name: (attribute: string) => string): string[] {
  if (exists === undefined) return [];
  return [`${exists ? 'attribute_exists' : 'attribute_not_exists'}(${name('pk')})`];
}

function toItem(attributes: Attributes): Record<string, AttributeValue> {
  return marshall(attributes, { removeUndefinedValues: true });
}

function toAttributes(item: Record<string, AttributeValue>): Attributes {
  const { pk: _pk, sk: _sk, ...attributes } = unmarshall(item);
  return attributes;
}
