/** The routes that are deployed are those of the API's table, each answered by its function. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { OPERATIONS, routeKeyOf } from '../../shared/core/api/operations.ts';

interface HttpApiEvent {
  readonly method?: string;
  readonly path: string;
  readonly authorizer?: { readonly type: string };
}

interface Serverless {
  readonly functions: Readonly<
    Record<string, { readonly events?: readonly { readonly httpApi?: HttpApiEvent }[] }>
  >;
}

const file = path.resolve(import.meta.dirname, '../../serverless.yml');
// Tags of CloudFormation, such as `!Ref`, are no concern of routes.
const { functions } = parse(readFileSync(file, 'utf8'), { logLevel: 'silent' }) as Serverless;

const events = Object.entries(functions).flatMap(([name, { events: all = [] }]) =>
  all.flatMap(({ httpApi }) => (httpApi ? [{ name, ...httpApi }] : [])),
);

/** Whatever has no route of its own. */
const OTHERS = '*';

it('deploys every operation of the table, and nothing else', () => {
  const deployed = events
    .filter((event) => event.path !== OTHERS)
    .map(({ name, method = '', path: where }) => `${name}: ${method} ${where}`);
  const listed = OPERATIONS.map((operation) => `${operation.answeredBy}: ${routeKeyOf(operation)}`);
  expect(deployed.toSorted()).toEqual(listed.toSorted());
});

it('has one answer for whatever is not there, and asks everybody for a signature', () => {
  expect(events.filter((event) => event.path === OTHERS).map(({ name }) => name)).toEqual(['api']);
  expect(events.filter(({ authorizer }) => authorizer?.type !== 'aws_iam')).toEqual([]);
});

it('names each operation once', () => {
  expect(new Set(OPERATIONS.map(({ operationId }) => operationId)).size).toBe(OPERATIONS.length);
  expect(new Set(OPERATIONS.map(routeKeyOf)).size).toBe(OPERATIONS.length);
});
