/**
 * A CloudFormation template as data, and whether it has only what the region understands.
 * Not for: transforms, mappings, rules, hooks, nested stacks and imports, which are refused.
 */
import { isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { TemplateProblem } from './problem.ts';

/** One resource as it is written, nothing resolved. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: JsonObject;
  readonly DependsOn?: string | readonly string[];
  /** Name of a condition; absent means always. */
  readonly Condition?: string;
  /** `Retain` keeps the resource when the template no longer has it. */
  readonly DeletionPolicy?: string;
}

/** A value that whoever loads the template may choose; without a default he must. */
export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly (string | number)[];
}

/** A value to tell after loading; left out when its condition does not hold. */
export interface TemplateOutput {
  readonly Value: Json;
  readonly Condition?: string;
}

/** The sections that the region reads. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: JsonObject;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
}

const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Conditions',
  'Resources',
  'Outputs',
]);

/** Attributes of a resource. Nothing is ever replaced here, which makes that policy inert. */
const RESOURCE_ATTRIBUTES = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
]);

/** Checks the outline of a template. @throws TemplateProblem */
export function readTemplate(value: unknown): Template {
  if (!isObject(value)) throw new TemplateProblem('The template is no object.');
  const section = Object.keys(value).find((name) => !SECTIONS.has(name));
  if (section !== undefined) {
    throw new TemplateProblem(`The region's templates have no section ${section}.`);
  }
  const resources = value['Resources'];
  if (!isObject(resources) || Object.keys(resources).length === 0) {
    throw new TemplateProblem('At least one Resources member must be defined.');
  }
  for (const [id, resource] of Object.entries(resources)) checkResource(id, resource);
  return value as unknown as Template;
}

function checkResource(id: string, resource: unknown): void {
  if (!/^[a-zA-Z0-9]{1,255}$/.test(id)) {
    throw new TemplateProblem(`Resource name ${id} is non alphanumeric.`);
  }
  if (!isObject(resource) || typeof resource['Type'] !== 'string') {
    throw new TemplateProblem(`Resource ${id} has no Type.`);
  }
  const attribute = Object.keys(resource).find((name) => !RESOURCE_ATTRIBUTES.has(name));
  if (attribute !== undefined) {
    throw new TemplateProblem(`Resource ${id} has ${attribute}, which the region does not know.`);
  }
}
