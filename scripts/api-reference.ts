/**
 * The reference of the HTTP API for people, made from its OpenAPI document.
 * Not for: every key of a definition, which has a page of its own.
 */
import type { DocumentedOperation, Json, OpenApiDocument } from './openapi.ts';

/** Longest list of allowed words that is written out. */
const WORDS_LISTED_MAX = 16;

/** What has a page of its own. */
const DEFINITION = '#/components/schemas/ServiceSettings';

const HEAD = `# The HTTP API

Made from the code by \`npm run docs\`; the same for programs is [openapi.json](../openapi.json).

Every request is signed with AWS Signature Version 4 for the service \`execute-api\`, and its caller
needs \`execute-api:Invoke\` on \`arn:aws:execute-api:<region>:<account>:<api>/$default/<METHOD>/<path>\`:
who may start deployments need not be who may approve them. A caller who may not call is refused by
API Gateway, with status 403 and \`{"message":"Forbidden"}\`.

Bodies are JSON objects in UTF-8. Everything that is refused is answered with problem details
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457.html)): \`title\` is a name for programs, \`detail\` a
sentence for people, \`issues\` says what is wrong where, and \`possible\` what can be asked instead.
Lists have pages: \`nextCursor\` is handed back as \`cursor\`, with the same filters. A page may be shorter
than its limit, even empty, and is the last one only without \`nextCursor\`.

The same \`idempotency-key\` (1 to 255 printable ASCII characters) with the same body is the same request,
also long after; with another body it is refused with 409 \`IdempotencyKeyReused\`.

`;

/** Writes the reference as Markdown. */
export function renderApiReference({ paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const rows = operations.map(
    ({ path, method, operation }) =>
      [`\`${method.toUpperCase()} ${path}\``, operation.summary] as const,
  );
  const sections = operations.map(({ path, method, operation }) =>
    renderOperation(`${method.toUpperCase()} ${path}`, operation, components.schemas),
  );
  return `${HEAD}${renderTable(['Request', 'What it does'], rows)}\n${sections.join('\n')}`;
}

function renderOperation(
  request: string,
  { summary, parameters = [], requestBody, responses }: DocumentedOperation,
  schemas: Readonly<Record<string, Json>>,
): string {
  const asked = [
    ...parameters.filter((one) => one['in'] !== 'path').map((one) => toRow(one, schemas)),
    ...bodyRows(requestBody, schemas),
  ];
  const statuses = Object.keys(responses);
  const granted = statuses.find((status) => status.startsWith('2')) ?? '';
  const refused = statuses.filter((status) => status !== granted);
  return [
    `## \`${request}\`\n\n${summary}\n`,
    ...(asked.length > 0 ? [renderTable(['In', 'Name', 'Value', 'Meaning'], asked)] : []),
    `Answers ${granted}${listMembers(responses[granted], schemas)}. Refused with ${refused.join(', ')}.\n`,
  ].join('\n');
}

type Row = readonly [place: string, name: string, value: string, meaning: string];

function toRow(parameter: Json, schemas: Readonly<Record<string, Json>>): Row {
  const { name, required, description } = parameter;
  const schema = parameter['schema'] as Json;
  return [
    String(parameter['in']),
    `\`${String(name)}\`${required === true ? ', needed' : ''}`,
    valueOf(schema, schemas),
    textOf(description),
  ];
}

function bodyRows(body: Json | undefined, schemas: Readonly<Record<string, Json>>): readonly Row[] {
  if (!body) return [];
  const asked = schemaIn(body);
  if (asked['$ref'] === DEFINITION) {
    return [['body', '', 'object', 'A definition, as in `teal.yml`, with or without `service`.']];
  }
  const schema = resolve(asked, schemas);
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, inner]) =>
    toRow(
      { in: 'body', name, required: required.includes(name), schema: inner, ...inner },
      schemas,
    ),
  );
}

function schemaIn(holder: Json | undefined): Json {
  const content = (holder?.['content'] ?? {}) as Readonly<Record<string, { schema: Json }>>;
  return content['application/json']?.schema ?? {};
}

function resolve(schema: Json, schemas: Readonly<Record<string, Json>>): Json {
  const name = textOf(schema['$ref']).split('/').at(-1) ?? '';
  const named = schemas[name];
  return named === undefined ? schema : { ...resolve(named, schemas), ...ownOf(schema) };
}

/** What stands beside a reference. */
function ownOf({ $ref: _reference, ...own }: Json): Json {
  return own;
}

function valueOf(schema: Json, schemas: Readonly<Record<string, Json>>): string {
  const { type, enum: words, minimum, maximum, anyOf, oneOf } = resolve(schema, schemas);
  const kinds = (anyOf ?? oneOf) as readonly Json[] | undefined;
  if (kinds) return [...new Set(kinds.map((kind) => valueOf(kind, schemas)))].join(' or ');
  if (Array.isArray(words) && words.length <= WORDS_LISTED_MAX) {
    return words.map((word) => `\`${String(word)}\``).join(', ');
  }
  const range = minimum === undefined ? '' : ` ${textOf(minimum)} to ${textOf(maximum)}`;
  return `${textOf(type ?? 'any')}${range}`;
}

function listMembers(response: Json | undefined, schemas: Readonly<Record<string, Json>>): string {
  const schema = schemaIn(response);
  if ('$ref' in schema) return ` with a ${textOf(schema['$ref']).split('/').at(-1)}`;
  const kinds = (schema['anyOf'] ?? [schema]) as readonly Json[];
  const members = kinds.map((kind) =>
    Object.keys(resolve(kind, schemas)['properties'] ?? {})
      .map((name) => `\`${name}\``)
      .join(', '),
  );
  return ` with ${members.join('; or ')}`;
}

/** Texts and numbers of the document as they are; nothing for what is absent. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : '';
}

/** A table whose columns line up, as the formatter leaves it. */
function renderTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = heads.map((_head, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return `${[line(head), rule, ...body.map(line)].join('\n')}\n`;
}
