/**
 * Brings into being what a packaged CloudFormation template describes, in the order of its
 * references, or changes what is there from the stack's last deployment. What the region does not
 * understand is refused by name, never left out.
 * Not for: replacing and deleting resources, and rolling a stack back.
 */
import { createConditions } from './conditions.ts';
import { deployResource, refuseDeletions } from './deploy-resource.ts';
import type { DeployedResource } from './deploy-resource.ts';
import { TemplateProblem } from './problem.ts';
import { inOrder } from './references.ts';
import { pseudoParameters, readParameters, resolve } from './resolve.ts';
import type { Scope } from './resolve.ts';
import type { KnownRole, Loading, ResourceType } from './resource-type.ts';
import type { TemplateTargets } from './targets.ts';
import type { Json } from './json.ts';
import { readTemplate } from './template.ts';
import type { Template, TemplateResource } from './template.ts';
import { API_GATEWAY_TYPES } from './types/api-gateway.ts';
import { IAM_TYPES } from './types/iam.ts';
import { LAMBDA_TYPES } from './types/lambda.ts';
import { OTHER_TYPES } from './types/others.ts';
import { SQS_TYPES } from './types/sqs.ts';
import { STATE_MACHINE_TYPES } from './types/state-machine.ts';

const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(
  Object.entries({
    ...IAM_TYPES,
    ...LAMBDA_TYPES,
    ...API_GATEWAY_TYPES,
    ...STATE_MACHINE_TYPES,
    ...SQS_TYPES,
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
  /** The stack as it was last deployed; absent means that there is none yet. */
  readonly before?: DeployedStack;
}

/** A stack as its last deployment left it. */
export interface DeployedStack {
  /** End of the stack's id. */
  readonly digits: string;
  readonly resources: ReadonlyMap<string, DeployedResource>;
  /** By name. */
  readonly roles: Map<string, KnownRole>;
}

/** What CloudFormation would show of the stack. */
export interface LoadedStack {
  readonly outputs: Readonly<Record<string, string>>;
  /** What `Ref` answers for every resource, by logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
  /** What its next deployment has to know. */
  readonly deployed: DeployedStack;
}

/**
 * Loads a template; resources come into being one after the other.
 * @throws TemplateProblem which names the resource; its cause is what a service refused
 */
export async function loadTemplate(options: LoadOptions): Promise<LoadedStack> {
  const { stackName = 'teal-dev', before } = options;
  const digits = before?.digits ?? options.hex(32);
  const template = readTemplate(options.template);
  const fixed = new Map([
    ...pseudoParameters(stackName, digits),
    ...readParameters(template.Parameters ?? {}, options.parameters ?? {}),
  ]);
  const holds = createConditions(template.Conditions ?? {}, (name) => fixed.get(name));
  const ids = Object.keys(template.Resources).filter((id) => {
    const { Condition } = template.Resources[id] ?? {};
    return Condition === undefined || holds(Condition);
  });
  for (const id of ids) typeOf(template, id);
  refuseDeletions(before?.resources ?? new Map(), ids);
  const order = inOrder(template, ids, {
    holds,
    known: new Set([...fixed.keys(), 'AWS::NoValue']),
  });
  const resources = new Map<string, DeployedResource>();
  const scope: Scope = {
    ref: (name) => fixed.get(name) ?? resources.get(name)?.created.ref,
    attribute: (id, attribute) => resources.get(id)?.created.attributes?.[attribute],
    holds,
  };
  const roles: Loading['roles'] = before?.roles ?? new Map();
  for (const id of order) {
    const existing = before?.resources.get(id);
    const deploying = {
      resource: template.Resources[id] as TemplateResource,
      type: typeOf(template, id),
      label: labelOf(template, id),
      loading: loadingOf(options, { id, stackName, roles, existing }),
      scope,
      before: existing,
    };
    // oxlint-disable-next-line no-await-in-loop -- each may refer to the one before
    resources.set(id, await deployResource(deploying));
  }
  return {
    outputs: outputsOf(template, scope),
    physicalIds: new Map([...resources].map(([id, { created }]) => [id, created.ref])),
    deployed: { digits, resources, roles },
  };
}

function labelOf(template: Template, id: string): string {
  return `Resource ${id} (${template.Resources[id]?.Type ?? ''})`;
}

function typeOf(template: Template, id: string): ResourceType {
  const type = RESOURCE_TYPES.get(template.Resources[id]?.Type ?? '');
  if (type) return type;
  throw new TemplateProblem(`${labelOf(template, id)} is of a type that the region does not have.`);
}

function loadingOf(
  { targets, hex, artifacts }: LoadOptions,
  context: {
    readonly id: string;
    readonly stackName: string;
    readonly roles: Loading['roles'];
    readonly existing: DeployedResource | undefined;
  },
): Loading {
  const { id, stackName, roles, existing } = context;
  return {
    targets,
    logicalId: id,
    roles,
    generateName: (limit) => {
      if (existing) return existing.created.ref;
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
