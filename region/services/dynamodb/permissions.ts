/**
 * Which tables and indexes the operations of DynamoDB touch, for the policies.
 * @source Service Authorization Reference: actions, resources and keys for Amazon DynamoDB
 */
import { arn } from '../../kernel/kernel.ts';
import type { Permission } from '../../kernel/service.ts';

/** The parts of inputs that name tables. */
export interface TableInput {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly ResourceArn?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

type Resources = (input: TableInput) => readonly string[];

const table: Resources = ({ TableName = '' }) => [arn('dynamodb', `table/${TableName}`)];

/** A query of an index needs the index alone. */
const tableOrIndex: Resources = (input) =>
  table(input).map((it) => (input.IndexName ? `${it}/index/${input.IndexName}` : it));

const batch: Resources = ({ RequestItems = {} }) =>
  Object.keys(RequestItems).flatMap((TableName) => table({ TableName }));

const tagged: Resources = ({ ResourceArn = '' }) => [ResourceArn];

/** The operations that the region has, which are the engine's. */
const resources: Readonly<Record<string, Resources>> = {
  BatchGetItem: batch,
  BatchWriteItem: batch,
  CreateTable: table,
  DeleteItem: table,
  DeleteTable: table,
  DescribeTable: table,
  DescribeTimeToLive: table,
  GetItem: table,
  ListTables: () => ['*'],
  ListTagsOfResource: tagged,
  PutItem: table,
  Query: tableOrIndex,
  Scan: tableOrIndex,
  TagResource: tagged,
  UntagResource: tagged,
  UpdateItem: table,
  UpdateTable: table,
};

/** Names of the operations that the region has. */
export const operationNames: readonly string[] = Object.keys(resources);

/** The permission that an operation needs. */
export function permissionOf(operation: string, input: TableInput): Permission {
  return {
    action: `dynamodb:${operation}`,
    resources: resources[operation]?.(input) ?? ['*'],
  };
}
