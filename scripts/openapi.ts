/**
 * The OpenAPI document of the HTTP API, made from the table of operations and from the schemas that
 * requests are read with.
 * Not for: the API's reference for people, which is made from this document (see `api-reference.ts`).
 * @source https://spec.openapis.org/oas/v3.1.1.html
 */
import * as z from 'zod/mini';
import { ANSWERS, problemSchema } from '../shared/core/api/answers.ts';
import { type Operation, type OperationId, OPERATIONS } from '../shared/core/api/operations.ts';
import { keySchema, QUERY_SCHEMAS, rollbackBodySchema } from '../shared/core/api/requests.ts';
import { orderSchemas } from '../shared/core/order-request.ts';
import { serviceDefinitionSchema } from '../shared/core/service-definition.ts';
import { deploymentRequestSchema } from '../shared/core/spec.ts';

/** A JSON Schema, or a part of the document. */
export type Json = { readonly [key: string]: unknown };

/** One operation as the document has it. */
export interface DocumentedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

/** The document, as far as readers of it need its shape. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

const SCHEMAS = '#/components/schemas/';
const RESPONSES = '#/components/responses/';

const QUERIES: Partial<Record<OperationId, z.ZodMiniType>> = QUERY_SCHEMAS;

/** Bodies; the service may be left out where the path names it. */
const BODIES: Partial<Record<OperationId, z.ZodMiniType>> = {
  putService: serviceDefinitionSchema,
  showPlan: deploymentRequestSchema,
  startDeployment: deploymentRequestSchema,
  ...orderSchemas,
  rollback: rollbackBodySchema,
};

/** What is named once and referred to. */
const NAMED: Readonly<Record<string, z.ZodMiniType>> = {
  ServiceDefinition: serviceDefinitionSchema,
  DeploymentRequest: deploymentRequestSchema,
  Problem: problemSchema,
};

/** The same without the service, for requests whose path names it. */
const WITHOUT_SERVICE: Readonly<Record<string, string>> = {
  ServiceDefinition: 'ServiceSettings',
  DeploymentRequest: 'DeploymentSettings',
};

/** API Gateway's own refusal, of a caller who may not call. */
const GATEWAY_MESSAGE: Json = {
  type: 'object',
  properties: { message: { type: 'string' } },
  required: ['message'],
  additionalProperties: false,
  description: "API Gateway's own words; the request did not reach Teal.",
};

const PARAMETERS: Readonly<Record<string, Json>> = {
  service: { description: 'Name of the service.', schema: { type: 'string' } },
  deploymentId: { description: 'Id of the deployment.', schema: { type: 'string' } },
  group: { description: 'Name of the Auto Scaling group.', schema: { type: 'string' } },
};

const REFUSALS: Readonly<Record<string, string>> = {
  400: 'The body is not a JSON object.',
  403: 'The caller is not known, or not allowed.',
  404: 'There is nothing by that name.',
  409: 'Not possible now; `possible` says what is, where it is a deployment.',
  413: 'The body is too long.',
  415: 'The body is not JSON in UTF-8.',
  422: 'What was asked is unknown or out of range; `issues` says where.',
  500: 'Teal failed; its log says why.',
  503: 'AWS could not do it for now; try again.',
};

/** Makes the document. `version` is the package's. */
export function describeApi(version: string): OpenApiDocument {
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  for (const operation of OPERATIONS) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = toOperation(operation);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Teal',
      version,
      description:
        'Weighted blue-green deployments of EC2 Auto Scaling groups. Every request is signed with ' +
        'AWS Signature Version 4 for the service execute-api, and its caller needs ' +
        'execute-api:Invoke for the method and path.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'https://{apiId}.execute-api.{region}.amazonaws.com',
        description: "ApiEndpoint among the stack's outputs.",
        variables: { apiId: { default: 'api-id' }, region: { default: 'us-east-1' } },
      },
    ],
    security: [{ sigv4: [] }],
    paths,
    components: {
      securitySchemes: {
        sigv4: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
      schemas: {
        ...Object.fromEntries(Object.entries(NAMED).flatMap(toComponents)),
        GatewayMessage: GATEWAY_MESSAGE,
      },
      responses: refusedResponses(),
    },
  };
}

function toOperation(operation: Operation): DocumentedOperation {
  const { operationId, summary } = operation;
  const parameters = [...pathParameters(operation), ...queryParameters(operationId)];
  if (operation.takesKey) parameters.push(keyParameter());
  const body = BODIES[operationId];
  return {
    operationId,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: operationId === 'startDeployment' || operationId === 'extendHold',
        content: { 'application/json': { schema: bodySchema(operation, body) } },
      },
    }),
    responses: responsesOf(operation),
  };
}

function pathParameters({ path }: Operation): Json[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.map((name) => ({ name, in: 'path', required: true, ...PARAMETERS[name] }));
}

function queryParameters(operationId: OperationId): Json[] {
  const schema = QUERIES[operationId];
  if (!schema) return [];
  const { properties = {}, required = [] } = toSchema(schema) as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...inner }]) => ({
    name,
    in: 'query',
    ...(required.includes(name) && { required: true }),
    ...(description !== undefined && { description }),
    schema: inner,
  }));
}

function keyParameter(): Json {
  return {
    name: 'idempotency-key',
    in: 'header',
    description: 'The same key is the same request, however often it is sent.',
    schema: toSchema(keySchema),
  };
}

/** What the path says need not be said again. */
function bodySchema({ path }: Operation, schema: z.ZodMiniType): Json {
  const settings = WITHOUT_SERVICE[nameOf(schema) ?? ''];
  const isNamed = path.includes('{service}') && settings !== undefined;
  return isNamed ? { $ref: `${SCHEMAS}${settings}` } : toSchema(schema);
}

/** A named schema; one that has a form without the service is that form, and the service. */
function toComponents([name, schema]: [string, z.ZodMiniType]): [string, Json][] {
  const settings = WITHOUT_SERVICE[name];
  const { required = [], ...rest } = toSchema(schema, name) as { required?: readonly string[] };
  if (settings === undefined) return [[name, { ...rest, required }]];
  const others = required.filter((one) => one !== 'service');
  return [
    [settings, { ...rest, required: others }],
    [name, { $ref: `${SCHEMAS}${settings}`, required: ['service'] }],
  ];
}

function responsesOf(operation: Operation): Record<string, Json> {
  const { operationId, status, refusals } = operation;
  // A query that is not known is refused everywhere.
  const statuses = new Set<number>([...refusals, 422, 500, 503]);
  if (operation.path.includes('{')) statuses.add(404);
  if (BODIES[operationId]) for (const one of [400, 413, 415]) statuses.add(one);
  const granted: Json = {
    description: status === 202 ? 'It will be done; look at `location`.' : 'As it is.',
    ...(status === 202 && {
      headers: { location: { description: 'Where to look.', schema: { type: 'string' } } },
    }),
    content: { 'application/json': { schema: toSchema(ANSWERS[operationId]) } },
  };
  const refused = [...statuses, 403]
    .toSorted((one, other) => one - other)
    .map((one) => [one, { $ref: `${RESPONSES}Refused${one}` }] as const);
  return Object.fromEntries([[status, granted], ...refused]);
}

/** One answer for each status of a refusal. */
function refusedResponses(): Record<string, Json> {
  const problem = { 'application/problem+json': { schema: { $ref: `${SCHEMAS}Problem` } } };
  const message = { 'application/json': { schema: { $ref: `${SCHEMAS}GatewayMessage` } } };
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([status, description]) => [
      `Refused${status}`,
      { description, content: status === '403' ? message : problem },
    ]),
  );
}

function nameOf(schema: z.ZodMiniType): string | undefined {
  return Object.entries(NAMED).find(([, named]) => named === schema)?.[0];
}

/**
 * JSON Schema of a schema, on the side of whoever sends: what has a default may be left out, and is
 * left out in what was stored before the default was. Named schemas become references, but for the
 * one that is `written` out.
 */
function toSchema(schema: z.ZodMiniType, written?: string): Json {
  const named = nameOf(schema);
  if (named !== undefined && named !== written) return { $ref: `${SCHEMAS}${named}` };
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const inner = nameOf(zodSchema as unknown as z.ZodMiniType);
      if (inner === undefined || inner === written) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { $ref: `${SCHEMAS}${inner}` });
    },
  });
  return made;
}
