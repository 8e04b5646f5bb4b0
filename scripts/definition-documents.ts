/**
 * The documents that are made from the schema of a definition: the JSON Schema for editors and the
 * reference for people. A test compares them with what is written.
 * Not for: writing them (see `docs.ts`).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'oxfmt';
import { type JsonSchema, makeTealFileSchema } from '../shared/core/definition-schema.ts';
import { ROOT } from './run.ts';

/** Where the schema for editors is. */
const SCHEMA_FILE = 'docs/teal.schema.json';

/** Where the reference is. */
const REFERENCE_FILE = 'docs/reference/definition.md';

/** Most words that a table names one by one. */
const WORDS_MAX = 8;

/** A place in the schema that gets a section of its own. */
interface Section {
  readonly title: string;
  readonly description: string | undefined;
  /** Kinds of objects that may stand there, each with its fixed word if it has one. */
  readonly kinds: readonly JsonSchema[];
}

/** Every document by its path from the repository's folder, formatted as the house formats. */
export async function makeDefinitionDocuments(): Promise<ReadonlyMap<string, string>> {
  const options: unknown = JSON.parse(await readFile(path.join(ROOT, '.oxfmtrc.json'), 'utf8'));
  const schema = makeTealFileSchema();
  const texts = [
    [SCHEMA_FILE, JSON.stringify(schema, undefined, 2)],
    [REFERENCE_FILE, renderReference(schema)],
  ] as const;
  const documents = new Map<string, string>();
  for (const [file, text] of texts) {
    const { code } = await format(file, text, options as Parameters<typeof format>[2]);
    documents.set(file, code);
  }
  return documents;
}

function renderReference(schema: JsonSchema): string {
  const services = propertiesOf(schema)['services'] ?? {};
  const body = services['additionalProperties'] as JsonSchema;
  const sections = sectionsOf({ title: 'A service', description: undefined, kinds: [body] });
  return [
    '# The definition of a service',
    '',
    '<!-- Made by `npm run --silent docs` from shared/core/service-definition.ts. -->',
    '',
    "`teal.yml` holds definitions by their services' names; `PUT /services/{service}` takes one of " +
      'them as JSON. Unknown keys are refused, with the nearest known one. A service name and a ' +
      'group name are a complete definition:',
    '',
    '```yaml',
    '# yaml-language-server: $schema=./teal.schema.json',
    'services:',
    '  web:',
    '    autoScalingGroupName: web-blue',
    '```',
    '',
    'Editors complete and check it by [teal.schema.json](../teal.schema.json), which `teal init` ' +
      'writes beside the file. [operating.md](../operating.md#a-services-definition) tells more ' +
      'about the keys that need it.',
    '',
    ...sections.flatMap(renderSection),
  ].join('\n');
}

function renderSection({ title, description, kinds }: Section): readonly string[] {
  const [only] = kinds;
  const head = [`## ${title}`, '', ...(description ? [description, ''] : [])];
  if (kinds.length === 1 && only) return [...head, ...renderKeys(only), ''];
  const parts = kinds.map((kind) => {
    const about = kind['description'];
    const named = `**\`${nameOf(kind) ?? 'object'}\`.**`;
    return [typeof about === 'string' ? `${named} ${about}` : named, '', ...renderKeys(kind), ''];
  });
  return [...head, ...parts.flat()];
}

/** A table of an object's keys; nothing where its fixed word is all that it has. */
function renderKeys(schema: JsonSchema): readonly string[] {
  const required = (schema['required'] as readonly string[] | undefined) ?? [];
  const rows = Object.entries(propertiesOf(schema)).filter(([, key]) => key['const'] === undefined);
  if (rows.length === 0) return [];
  return [
    '| Key | Value | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map(([key, value]) => {
      const fallback = 'default' in value ? toCode(value['default']) : 'none';
      const cells = [
        `\`${key}\``,
        describeValue(value),
        required.includes(key) ? 'required' : fallback,
        (value as { description?: string }).description ?? '',
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
    }),
  ];
}

function describeValue(schema: JsonSchema): string {
  const {
    type,
    enum: words,
    items,
  } = schema as { type?: string; enum?: unknown[]; items?: JsonSchema };
  if (words) {
    if (words.length > WORDS_MAX) return `one of ${words.length} names`;
    return words.map((word) => `\`${String(word)}\``).join(', ');
  }
  if (items) return `list: ${describeValue(items)}`;
  const kinds = kindsOf(schema);
  if (kinds.length === 0) return type ?? '';
  const names = kinds.flatMap((kind) => nameOf(kind) ?? []).map((name) => `\`${name}\``);
  const others = choicesOf(schema).filter((one) => one['type'] !== 'object');
  const plain = others.map(describeValue);
  return [...plain, names.length > 0 ? names.join(', ') : 'object'].join(' or ');
}

/** A place and all below it that have keys of their own, each place once. */
function sectionsOf(section: Section): readonly Section[] {
  const inner = section.kinds.flatMap((kind) =>
    Object.entries(propertiesOf(kind)).flatMap(([key, value]) => {
      const kinds = kindsOf(value);
      if (kinds.length === 0) return [];
      const title = section.title === 'A service' ? `\`${key}\`` : `${section.title}, \`${key}\``;
      const { description } = value as { description?: string };
      return sectionsOf({ title, description, kinds });
    }),
  );
  return [section, ...inner];
}

/** The objects that a value may be, or that may be in its list. */
function kindsOf(schema: JsonSchema): readonly JsonSchema[] {
  const { items } = schema as { items?: JsonSchema };
  if (items) return kindsOf(items);
  return choicesOf(schema).filter((one) => one['properties'] !== undefined);
}

function choicesOf(schema: JsonSchema): readonly JsonSchema[] {
  const { oneOf, anyOf } = schema as Record<string, readonly JsonSchema[] | undefined>;
  return oneOf ?? anyOf ?? [schema];
}

/** The fixed words by which a kind of object is told from the others. */
function nameOf(schema: JsonSchema): string | undefined {
  const [first] = Object.entries(propertiesOf(schema));
  if (!first) return undefined;
  const [key, { const: word, enum: words }] = first as [
    string,
    { const?: string; enum?: string[] },
  ];
  const named = word ?? words?.join(' or ');
  return named === undefined ? undefined : `${key}: ${named}`;
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
}

const toCode = (value: unknown) =>
  `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
