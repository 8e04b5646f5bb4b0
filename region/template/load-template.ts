/**
 * Brings into being what a packaged CloudFormation template describes, in the order of its
 * references. What the region does not understand is refused by name, never left out.
 * Not for: updates, rollbacks and deletions of a stack.
 */
import { createConditions } from './conditions.ts';
import { TemplateProblem } from './problem.ts';
import { createReader } from './reader.ts';
import { inOrder } from './references.ts';
import { pseudoParameters, readParameters, resolve } from './resolve.ts';
import type { Scope } from './resolve.ts';
import type { Created, KnownRole, Loading, ResourceType } from './resource-type.ts';
import type { TemplateTargets } from './targets.ts';
import { isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { readTemplate } from './template.ts';
import type { Template } from './template.ts';
import { API_GATEWAY_TYPES } from './types/api-gateway.ts';
import { IAM_TYPES } from './types/iam.ts';
import { LAMBDA_TYPES } from './types/lambda.ts';
import { OTHER_TYPES } from './types/others.ts';
import { STATE_MACHINE_TYPES } from './types/state-machine.ts';

const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(
  Object.entries({
    ...IAM_TYPES,
    ...LAMBDA_TYPES,
    ...API_GATEWAY_TYPES,
    ...STATE_MACHINE_TYPES,
    ...OTHER_TYPES,
  }),
);

/** Digits that make a generated name unique, as CloudFormation's names end. */
const NAME_SUFFIX_DIGITS = 12;

/** A template and the world it is loaded into. */
export interface LoadOptions {
  /** The parsed template. */
  readonly template: unknown;
  /** Bytes of the archive that an S3Key names; undefined when there is none. */
  readonly artifacts: (key: string) => Uint8Array | undefined;
  readonly targets: TemplateTargets;
  /** Hex digits for names that the template leaves open; the kernel's, for repeatable runs. */
  readonly hex: (digits: number) => string;
  /** Absent means that every parameter has its default. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Absent means `teal-dev`. */
  readonly stackName?: string;
}

/** What CloudFormation would show of the stack. */
export interface LoadedStack {
  readonly outputs: Readonly<Record<string, string>>;
  /** What `Ref` answers for every resource, by logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

/**
 * Loads a template; resources come into being one after the other.
 * @throws TemplateProblem which names the resource; its cause is what a service refused
 */
export async function loadTemplate(options: LoadOptions): Promise<LoadedStack> {
  const { stackName = 'teal-dev' } = options;
  const template = readTemplate(options.template);
  const fixed = new Map([
    ...pseudoParameters(stackName, options.hex(32)),
    ...readParameters(template.Parameters ?? {}, options.parameters ?? {}),
  ]);
  const holds = createConditions(template.Conditions ?? {}, (name) => fixed.get(name));
  const ids = Object.keys(template.Resources).filter((id) => {
    const { Condition } = template.Resources[id] ?? {};
    return Condition === undefined || holds(Condition);
  });
  for (const id of ids) checkType(template, id);
  const order = inOrder(template, ids, {
    holds,
    known: new Set([...fixed.keys(), 'AWS::NoValue']),
  });
  const created = new Map<string, Created>();
  const scope: Scope = {
    ref: (name) => fixed.get(name) ?? created.get(name)?.ref,
    attribute: (id, attribute) => created.get(id)?.attributes?.[attribute],
    holds,
  };
  const roles = new Map<string, KnownRole>();
  for (const id of order) {
    const loading = loadingOf(options, { id, stackName, roles });
    // oxlint-disable-next-line no-await-in-loop -- each may refer to the one before
    created.set(id, await createResource(template, loading, scope));
  }
  return {
    outputs: outputsOf(template, scope),
    physicalIds: new Map([...created].map(([id, { ref }]) => [id, ref])),
  };
}

function labelOf(template: Template, id: string): string {
  return `Resource ${id} (${template.Resources[id]?.Type ?? ''})`;
}

function checkType(template: Template, id: string): void {
  if (RESOURCE_TYPES.has(template.Resources[id]?.Type ?? '')) return;
  throw new TemplateProblem(`${labelOf(template, id)} is of a type that the region does not have.`);
}

function loadingOf(
  { targets, hex, artifacts }: LoadOptions,
  context: { readonly id: string; readonly stackName: string; readonly roles: Loading['roles'] },
): Loading {
  const { id, stackName, roles } = context;
  return {
    targets,
    logicalId: id,
    roles,
    generateName: (limit) => {
      const suffix = `-${hex(NAME_SUFFIX_DIGITS)}`;
      return `${stackName}-${id}`.slice(0, limit - suffix.length) + suffix;
    },
    artifact: (key) => {
      const bytes = artifacts(key);
      if (!bytes) throw new TemplateProblem(`Resource ${id}: the package has no archive ${key}.`);
      return bytes;
    },
  };
}

async function createResource(
  template: Template,
  loading: Loading,
  scope: Scope,
): Promise<Created> {
  const { logicalId: id } = loading;
  const { Type = '', Properties = {} } = template.Resources[id] ?? {};
  const type = RESOURCE_TYPES.get(Type);
  const label = labelOf(template, id);
  if (!type) throw new TemplateProblem(`${label} is of a type that the region does not have.`);
  try {
    const properties = resolve(Properties, scope);
    if (!isObject(properties)) throw new TemplateProblem(`${label}: Properties is no object.`);
    checkProperties(label, type, properties);
    return await type.create(createReader(label, properties), loading);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const text = message.startsWith('Resource ') ? message : `${label}: ${message}`;
    throw new TemplateProblem(text, { cause });
  }
}

function checkProperties(label: string, type: ResourceType, properties: JsonObject): void {
  const missing = type.required.filter((name) => properties[name] === undefined);
  if (missing.length > 0) {
    throw new TemplateProblem(`${label}: properties [${missing.join(', ')}] are missing.`);
  }
  if (type.inert === 'any') return;
  const known = new Set([...type.required, ...type.optional, ...type.inert]);
  const unknown = Object.keys(properties).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new TemplateProblem(
      `${label}: properties [${unknown.join(', ')}] are not known to the region.`,
    );
  }
}

function outputsOf(template: Template, scope: Scope): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    if (output.Condition !== undefined && !scope.holds(output.Condition)) continue;
    outputs[name] = outputText(name, resolveOutput(name, output.Value, scope));
  }
  return outputs;
}

function resolveOutput(name: string, value: Json, scope: Scope): Json {
  try {
    return resolve(value, scope);
  } catch (cause) {
    throw new TemplateProblem(`Output ${name}: ${(cause as Error).message}`, { cause });
  }
}

function outputText(name: string, value: Json): string {
  if (typeof value === 'object') throw new TemplateProblem(`Output ${name} must be a text.`);
  return String(value);
}
