/**
 * One resource of a template on its way into the region: made, changed, kept as it is, or left
 * alone because the template no longer names it.
 * Not for: the order of resources, and what their types mean.
 */
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { TemplateProblem } from './problem.ts';
import { createReader } from './reader.ts';
import { resolve } from './resolve.ts';
import type { Scope } from './resolve.ts';
import type { Created, Loading, ResourceType } from './resource-type.ts';
import type { TemplateResource } from './template.ts';

/** A resource as the last deployment of its stack left it. */
export interface DeployedResource {
  readonly type: string;
  /** Whether it outlives its place in the template. */
  readonly isRetained: boolean;
  /** With every reference resolved. */
  readonly properties: JsonObject;
  readonly created: Created;
}

/** One resource to deploy, and what there is of it already. */
export interface Deploying {
  readonly resource: TemplateResource;
  readonly type: ResourceType;
  /** How problems name it. */
  readonly label: string;
  readonly loading: Loading;
  readonly scope: Scope;
  /** Absent when the stack has no such resource yet. */
  readonly before: DeployedResource | undefined;
}

/**
 * Creates a resource, or changes it where its properties are not those of the last deployment.
 * @throws TemplateProblem which names the resource; its cause is what a service refused
 */
export async function deployResource(deploying: Deploying): Promise<DeployedResource> {
  const { resource, label } = deploying;
  try {
    const properties = resolve(resource.Properties ?? {}, deploying.scope);
    if (!isObject(properties)) throw new TemplateProblem(`${label}: Properties is no object.`);
    checkProperties(label, deploying.type, properties);
    return {
      type: resource.Type,
      isRetained: resource.DeletionPolicy === 'Retain',
      properties,
      created: await bring(deploying, properties),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const text = message.startsWith('Resource ') ? message : `${label}: ${message}`;
    throw new TemplateProblem(text, { cause });
  }
}

function bring(
  { type, label, loading, before, resource }: Deploying,
  properties: JsonObject,
): Created | Promise<Created> {
  const read = createReader(label, properties);
  if (!before) return type.create(read, loading);
  if (before.type !== resource.Type) {
    throw new TemplateProblem(`${label}: Update of resource type is not permitted.`);
  }
  if (JSON.stringify(before.properties) === JSON.stringify(properties)) return before.created;
  if (type.update) return type.update(read, loading);
  const changed = [...new Set([...Object.keys(before.properties), ...Object.keys(properties)])];
  const names = changed.filter(
    (name) => JSON.stringify(before.properties[name]) !== JSON.stringify(properties[name]),
  );
  throw new TemplateProblem(`${label}: the region cannot change its [${names.join(', ')}].`);
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

/**
 * Checks that what a template no longer names is to be retained: the region deletes nothing.
 * @throws TemplateProblem which names the resource
 */
export function refuseDeletions(
  before: ReadonlyMap<string, DeployedResource>,
  ids: readonly string[],
): void {
  const kept = new Set(ids);
  for (const [id, { type, isRetained }] of before) {
    if (kept.has(id) || isRetained) continue;
    throw new TemplateProblem(
      `Resource ${id} (${type}) is no longer in the template, and the region deletes nothing.`,
    );
  }
}
