/**
 * Requests to the HTTP API made by chance: of each operation such as its document asks for, and such
 * as are spoilt in their path, query, headers or body.
 * Not for: what the answers should say, beyond that they conform and blame nobody but the request.
 */
import * as fc from 'fast-check';
import { describeApi, type DocumentedOperation } from '../../scripts/openapi.ts';
import { type Operation, OPERATIONS } from '../../shared/core/api/operations.ts';
import type { ApiAnswer, LabApi } from './api.ts';
import { type Conformity, createConformity } from './conformity.ts';
import { type Schema, spoils, valuesOf } from './from-schema.ts';

/** One request, ready to be sent. */
export interface FuzzRequest {
  readonly operationId: string;
  readonly method: string;
  /** With `{known}` where the id of a deployment that exists belongs. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where no body is sent. */
  readonly body?: string | Uint8Array;
}

/** What names a deployment, or something else, in a path. */
const names = (usual: string) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(
          'none',
          'web-0000000000000000',
          '%00',
          '%2F',
          '%ff',
          '%',
          '%F0%9F%9F%A6',
          '%ED%A0%80',
          '..%2f..',
          '__proto__',
          'x'.repeat(256),
          'x'.repeat(3000),
          '%20',
        )
        .map(String),
    },
    {
      weight: 1,
      arbitrary: fc.string({ minLength: 1, maxLength: 100 }).map(encodeURIComponent),
    },
  );

const cursors = fc.oneof(
  fc.string(),
  fc
    .tuple(fc.constantFrom('services', 'deployments  ', 'timeline x'), fc.jsonValue())
    .map((parts) => Buffer.from(encodeURIComponent(JSON.stringify(parts))).toString('base64url')),
  fc.base64String().map((text) => text.replace(/=+$/, '')),
);

/** A text that a header may carry at all; clients refuse to send any other. */
const headerTexts = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map(toCharacter) });

function toCharacter(code: number): string {
  return String.fromCharCode(code === 0x7f ? 0x80 : code);
}

const keys = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[ -~]{1,40}$/) },
  { weight: 1, arbitrary: headerTexts },
);

const types = fc.oneof(
  { weight: 30, arbitrary: fc.constant('application/json') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'application/json; charset=utf-16',
      'application/json;charset="utf-8"',
      'application/problem+json',
      'application/x-www-form-urlencoded',
      'application/octet-stream',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
    ),
  },
  { weight: 1, arbitrary: headerTexts },
);

/** What may be done to the text of a body. */
const garblings: fc.Arbitrary<(text: string) => string | Uint8Array> = fc.oneof(
  { weight: 30, arbitrary: fc.constant((text: string) => text) },
  { weight: 1, arbitrary: fc.nat({ max: 40 }).map((cut) => (text: string) => text.slice(cut)) },
  { weight: 1, arbitrary: fc.string().map((tail) => (text: string) => text + tail) },
  { weight: 1, arbitrary: fc.constant((text: string) => Buffer.from(text, 'utf16le')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => () => bytes) },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => () => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom(() => '['.repeat(50_000), nestDeeply) },
);

/** JSON, and deeper than most programs go. */
function nestDeeply(): string {
  return `${'{"reason":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
}

const document = describeApi('0.0.0');
const named = document.components.schemas as unknown as Readonly<Record<string, Schema>>;

/** Requests of one operation. */
export function requestsOf(operation: Operation): fc.Arbitrary<FuzzRequest> {
  const { operationId, method, path } = operation;
  const described = document.paths[path]?.[method.toLowerCase()];
  if (!described) throw new Error(`${operationId} is not in the document.`);
  return fc
    .record({
      service: names('web'),
      deploymentId: names('{known}'),
      group: names('web-blue'),
      query: queriesOf(described),
      headers: fc.record(
        { 'content-type': types, 'idempotency-key': keys },
        {
          requiredKeys: ['content-type'],
          noNullPrototype: true,
        },
      ),
      body: bodiesOf(described),
    })
    .map(({ query, headers, body, ...parameters }) => {
      const filled = path.replace(
        /\{(\w+)\}/g,
        (_all, name: keyof typeof parameters) => parameters[name],
      );
      const text = new URLSearchParams(query).toString();
      return {
        operationId,
        method,
        path: text === '' ? filled : `${filled}?${text}`,
        headers,
        ...(body !== undefined && { body }),
      };
    });
}

function queriesOf({ parameters = [] }: DocumentedOperation) {
  const described = parameters.filter((one) => one['in'] === 'query');
  const values = described.map((one) => {
    const good = valuesOf(one['schema'] as Schema, named).map(String);
    const bad = one['name'] === 'cursor' ? cursors : fc.string();
    return [
      String(one['name']),
      fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: bad }),
    ] as const;
  });
  const wanted = fc.record(Object.fromEntries(values), {
    requiredKeys: [],
    noNullPrototype: true,
  }) as fc.Arbitrary<Record<string, string>>;
  const more = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 1 });
  return fc.oneof(
    { weight: 4, arbitrary: wanted },
    { weight: 1, arbitrary: fc.tuple(wanted, more).map(([one, other]) => ({ ...one, ...other })) },
  );
}

function bodiesOf({
  requestBody,
}: DocumentedOperation): fc.Arbitrary<string | Uint8Array | undefined> {
  const content = requestBody?.['content'] as Record<string, { schema: Schema }> | undefined;
  const schema = content?.['application/json']?.schema;
  // A body where none belongs is a request as well.
  if (!schema) return fc.option(fc.json(), { nil: undefined, freq: 5 });
  const good = fc.tuple(valuesOf(schema, named), fc.nat({ max: 9 })).map(aim);
  const spoilt = fc
    .tuple(good, fc.array(spoils, { minLength: 1, maxLength: 3 }))
    .map(([value, all]) => all.reduce<unknown>((at, spoil) => spoil(at), value));
  return fc
    .tuple(fc.oneof({ weight: 2, arbitrary: good }, { weight: 1, arbitrary: spoilt }), garblings)
    .map(([value, garble]) => garble(JSON.stringify(value) ?? ''));
}

/** Most requests are about a service that is there. */
function aim([value, chance]: readonly [unknown, number]): unknown {
  const isNamed = typeof value === 'object' && value !== null && 'service' in value;
  return isNamed && chance > 1 ? { ...value, service: 'web' } : value;
}

/** Traces of a program's inside: none of them is any business of a caller. */
const INSIDE = /node_modules|\.m?[jt]s:\d+|\n\s+at |BrokenInvariant|TypeError|RangeError/;

/** Sends requests and says what was wrong with their answers. */
export interface Fuzzer {
  /** Complaints about the answer to a request; empty when it is as it should be. */
  ask(request: FuzzRequest): Promise<readonly string[]>;
  /** How often each operation was answered with each class of status, such as `4xx`. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly conformity: Conformity;
}

/** Makes a fuzzer of an API in which the deployment `known` exists. */
export function createFuzzer(api: LabApi, known: () => string): Fuzzer {
  const conformity = createConformity();
  const counts = new Map<string, Map<string, number>>();
  return {
    conformity,
    counts,
    ask: async ({ operationId, method, path, headers, body }) => {
      const url = path.replace('{known}', known());
      const answer = await api.send(method, url, {
        headers,
        ...(body !== undefined && { rawBody: body }),
      });
      const row = counts.get(operationId) ?? new Map<string, number>();
      counts.set(operationId, row);
      row.set(String(answer.status), (row.get(String(answer.status)) ?? 0) + 1);
      return complain(conformity, method, url, answer);
    },
  };
}

function complain(
  conformity: Conformity,
  method: string,
  url: string,
  answer: ApiAnswer,
): readonly string[] {
  const text = JSON.stringify(answer.body);
  return [
    ...(answer.status >= 500 ? [`answered with ${answer.status}: ${text}`] : []),
    ...(INSIDE.test(text) ? [`told of its inside: ${text}`] : []),
    ...conformity.complain(method, url, answer),
  ];
}

/** Requests of every operation, in no order. */
export const fuzzRequests: fc.Arbitrary<FuzzRequest> = fc.oneof(...OPERATIONS.map(requestsOf));
