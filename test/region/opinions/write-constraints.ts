/**
 * Writes `region/wire/constraints.json`: what the public models of AWS's services say about the
 * values that the region's operations take. To be run again when the region serves a new operation:
 *
 *     node --import tsx test/region/opinions/write-constraints.ts [folder of botocore's data]
 *
 * Not for: required members. The SDK's own schemas have those.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createVirtualClock } from '../../../region/kernel/virtual-clock.ts';
import type { ServiceName } from '../../../region/kernel/service.ts';
import { createRegion } from '../../../region/region.ts';
import type {
  ServiceConstraints,
  ShapeConstraints,
} from '../../../region/wire/constraint-table.ts';

/** Where botocore keeps each service. */
const FOLDERS: Readonly<Record<ServiceName, string>> = {
  'auto-scaling': 'autoscaling',
  cloudwatch: 'cloudwatch',
  dynamodb: 'dynamodb',
  ec2: 'ec2',
  'elastic-load-balancing-v2': 'elbv2',
  eventbridge: 'events',
  imagebuilder: 'imagebuilder',
  kms: 'kms',
  lambda: 'lambda',
  'route-53': 'route53',
  'service-quotas': 'service-quotas',
  sfn: 'stepfunctions',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
  sts: 'sts',
};

/** Longer lists of values grow from week to week, and the service that owns one knows more. */
const ENUM_LIMIT = 100;

const TABLE = new URL('../../../region/wire/constraints.json', import.meta.url);

interface ModelShape {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
}

interface Model {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

function findData(): string {
  const [, , given] = process.argv;
  if (given) return given;
  const program = 'import botocore, os; print(os.path.dirname(botocore.__file__))';
  return path.join(execFileSync('python3', ['-c', program]).toString().trim(), 'data');
}

function readModel(data: string, service: ServiceName): Model {
  const folder = path.join(data, FOLDERS[service]);
  const version = readdirSync(folder).sort().at(-1) ?? '';
  const file = path.join(folder, version, 'service-2.json');
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
  return JSON.parse(text.toString('utf8')) as Model;
}

/** The SDK may be newer than the model, and know values that the model has not. */
async function addKnownValues(service: ServiceName, model: Model): Promise<Model> {
  const client = (await import(`@aws-sdk/client-${service}`)) as Readonly<Record<string, unknown>>;
  const shapes = Object.entries(model.shapes).map(([name, shape]) => {
    const known = Object.values((client[name] ?? {}) as Readonly<Record<string, string>>);
    const values = shape.enum && [...new Set([...shape.enum, ...known])];
    return [name, values ? { ...shape, enum: values } : shape];
  });
  return { ...model, shapes: Object.fromEntries(shapes) as Model['shapes'] };
}

/** A pair of surrogates is one character to AWS, and two to a JavaScript pattern. */
const toPattern = (pattern: string): string =>
  pattern.replaceAll(String.raw`\uD800\uDC00-\uDBFF\uDFFF`, String.raw`\u{10000}-\u{10FFFF}`);

function ownConstraints(shape: ModelShape): ShapeConstraints {
  if (shape.type === 'blob') return {};
  const constraints = boundsOf(shape);
  if (!shape.sensitive || Object.keys(constraints).length === 0) return constraints;
  return { ...constraints, sensitive: true };
}

function boundsOf(shape: ModelShape): ShapeConstraints {
  return {
    ...(shape.min !== undefined && (shape.min !== 0 || shape.type !== 'string')
      ? { min: shape.min }
      : {}),
    ...(shape.max !== undefined && { max: shape.max }),
    ...(shape.pattern !== undefined && { pattern: toPattern(shape.pattern) }),
    ...(shape.enum && shape.enum.length <= ENUM_LIMIT && { values: shape.enum }),
  };
}

/** The constraints of the shapes below `names`; shapes that lead to none are left out. */
function collect(model: Model, operations: readonly string[]): ServiceConstraints {
  const shapes: Record<string, ShapeConstraints> = {};
  const inputs = operations.map((name) => model.operations[name]?.input?.shape);
  const reached = new Set<string>();
  const reach = (name: string | undefined): void => {
    if (name === undefined || reached.has(name)) return;
    reached.add(name);
    const shape = model.shapes[name];
    for (const { shape: inner } of Object.values(shape?.members ?? {})) reach(inner);
    for (const inner of [shape?.member, shape?.key, shape?.value]) reach(inner?.shape);
  };
  for (const input of inputs) reach(input);
  // Shapes may contain themselves: those that lead to a constraint are found by and by.
  for (let before = -1; before !== Object.keys(shapes).length;) {
    before = Object.keys(shapes).length;
    for (const name of reached) {
      const found = constraintsOf(model, name, shapes);
      if (Object.keys(found).length > 0) shapes[name] = found;
    }
  }
  const sorted = Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    operations: Object.fromEntries(
      operations.map((name, index) => {
        const input = inputs[index];
        return [name, input !== undefined && input in shapes ? input : null];
      }),
    ),
    shapes: Object.fromEntries(sorted),
  };
}

function constraintsOf(
  model: Model,
  name: string,
  known: Readonly<Record<string, ShapeConstraints>>,
): ShapeConstraints {
  const shape = model.shapes[name] as ModelShape;
  const kept = (inner: { readonly shape: string } | undefined): inner is { shape: string } =>
    inner !== undefined && inner.shape in known;
  const members = Object.entries(shape.members ?? {}).filter(([, inner]) => kept(inner));
  return {
    ...ownConstraints(shape),
    ...(members.length > 0 && {
      members: Object.fromEntries(members.map(([key, inner]) => [key, inner.shape])),
    }),
    ...(kept(shape.member) && { items: shape.member.shape }),
    ...(kept(shape.key) && { keys: shape.key.shape }),
    ...(kept(shape.value) && { mapped: shape.value.shape }),
  };
}

const data = findData();
const region = createRegion({ clock: createVirtualClock({ start: 0 }) });
const services = await Promise.all(
  [...region.endpoint.served].map(async ([service, operations]) => {
    const model = await addKnownValues(service, readModel(data, service));
    return [service, collect(model, operations)] as const;
  }),
);
await region.stop();
writeFileSync(TABLE, `${toLines(Object.fromEntries(services), 3)}\n`);

/** JSON with a line for each member down to a depth, and one line for each below it. */
function toLines(value: object, depth: number): string {
  if (depth === 0) return JSON.stringify(value);
  const lines = Object.entries(value).map(
    ([key, item]) =>
      `${JSON.stringify(key)}: ` +
      (typeof item === 'object' && item !== null
        ? toLines(item as object, depth - 1)
        : JSON.stringify(item)),
  );
  return `{\n${lines.join(',\n')}\n}`;
}
