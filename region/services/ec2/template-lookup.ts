/**
 * Finding launch templates and their versions by what a request says.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { invalidCombination, malformedId } from './errors.ts';
import type { Ec2State, TemplateRecord, TemplateVersion } from './state.ts';

const TEMPLATE_ID = /^lt-[0-9a-f]{8}(?:[0-9a-f]{9})?$/;

/** How a request names a template: by exactly one of these. */
export interface TemplateReference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/**
 * The template that a request names.
 * @throws AwsError InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateId.Malformed,
 * InvalidLaunchTemplateName.NotFoundException, InvalidParameterCombination, MissingParameter
 */
export function findTemplate(state: Ec2State, reference: TemplateReference): TemplateRecord {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  if (id !== undefined && name !== undefined) {
    throw invalidCombination(
      'Only one of launch template ID or launch template name can be specified.',
    );
  }
  if (id !== undefined) return findTemplateById(state, id);
  if (name === undefined) {
    throw new AwsError(
      'MissingParameter',
      'Either a launch template ID or a launch template name must be specified in the request.',
    );
  }
  const named = templateNamed(state, name);
  if (named) return named;
  throw new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

/** @throws AwsError InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateId.Malformed */
export function findTemplateById(state: Ec2State, id: string): TemplateRecord {
  if (!TEMPLATE_ID.test(id)) throw malformedId('InvalidLaunchTemplateId.Malformed', id, 'lt');
  const template = state.templates.get(id);
  if (template) return template;
  throw new AwsError(
    'InvalidLaunchTemplateId.NotFound',
    `The specified launch template, with template ID ${id}, does not exist.`,
  );
}

/** The template of a name; undefined when there is none. */
export function templateNamed(state: Ec2State, name: string): TemplateRecord | undefined {
  return [...state.templates.values()].find((template) => template.name === name);
}

/** Highest version that still exists: what `$Latest` means now. */
export function latestVersion(template: TemplateRecord): number {
  return Math.max(...template.versions.keys());
}

/**
 * The version that a text means: a number, `$Latest` or `$Default`.
 * @throws AwsError InvalidLaunchTemplateId.VersionNotFound
 */
export function findVersion(template: TemplateRecord, version: string): TemplateVersion {
  const named: Readonly<Record<string, () => number>> = {
    $Latest: () => latestVersion(template),
    $Default: () => template.defaultVersion,
  };
  const number = named[version]?.() ?? (/^\d+$/.test(version) ? Number(version) : undefined);
  const found = number === undefined ? undefined : template.versions.get(number);
  if (found) return found;
  throw new AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ` +
      `${template.id}.`,
  );
}
