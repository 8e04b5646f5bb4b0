/**
 * Versions of launch templates: each is written once and never changed.
 */
import type {
  CreateLaunchTemplateVersionRequest,
  DeleteLaunchTemplateVersionsRequest,
  DeleteLaunchTemplateVersionsResult,
  DescribeLaunchTemplateVersionsRequest,
  LaunchTemplateVersion,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { invalidCombination, invalidParameter, missingParameter } from './errors.ts';
import { applyFilters } from './filters.ts';
import { createOnce } from './idempotency.ts';
import { templatePermissions } from './launch-templates.ts';
import { describeOperation, ec2Operation } from './operation.ts';
import { ec2Page } from './paging.ts';
import { inheritData, readTemplateData } from './template-data.ts';
import { findTemplate, findVersion } from './template-lookup.ts';
import type { TemplateDependencies } from './launch-templates.ts';
import type { Ec2State, TemplateRecord, TemplateVersion } from './state.ts';

/** @source https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html */
const DELETED_PER_CALL = 200;
const DESCRIPTION_LENGTH = 255;
const VERSIONS_PER_TEMPLATE = 10_000;

interface Located {
  readonly template: TemplateRecord;
  readonly version: TemplateVersion;
}

/** CreateLaunchTemplateVersion, DescribeLaunchTemplateVersions, DeleteLaunchTemplateVersions. */
export function launchTemplateVersionOperations(dependencies: TemplateDependencies) {
  const { state, tags } = dependencies;
  const once = createOnce();
  return {
    CreateLaunchTemplateVersion: ec2Operation(
      (input: CreateLaunchTemplateVersionRequest) =>
        templatePermissions('ec2:CreateLaunchTemplateVersion', state, tags, input),
      (input, call) =>
        once(input.ClientToken, input, () => createVersion(dependencies, input, call.caller.arn)),
    ),
    DescribeLaunchTemplateVersions: describeOperation(
      'DescribeLaunchTemplateVersions',
      (input: DescribeLaunchTemplateVersionsRequest) => describeVersions(state, input),
    ),
    DeleteLaunchTemplateVersions: ec2Operation(
      (input: DeleteLaunchTemplateVersionsRequest) =>
        templatePermissions('ec2:DeleteLaunchTemplateVersions', state, tags, input),
      (input) => deleteVersions(findTemplate(state, input), input.Versions ?? []),
    ),
  };
}

function createVersion(
  { kernel, state, check }: TemplateDependencies,
  input: CreateLaunchTemplateVersionRequest,
  callerArn: string,
) {
  const template = findTemplate(state, input);
  const own = readTemplateData(input.LaunchTemplateData);
  const description = input.VersionDescription;
  if (description !== undefined && description.length > DESCRIPTION_LENGTH) {
    throw invalidParameter(
      `The version description is longer than ${DESCRIPTION_LENGTH} characters`,
    );
  }
  if (template.versions.size >= VERSIONS_PER_TEMPLATE) {
    throw new AwsError(
      'LaunchTemplateVersionLimitExceeded',
      `The launch template has reached the limit of ${VERSIONS_PER_TEMPLATE} versions.`,
    );
  }
  const data = input.SourceVersion
    ? inheritData(sourceVersion(template, input.SourceVersion).data, own)
    : own;
  template.lastVersion += 1;
  const version: TemplateVersion = {
    number: template.lastVersion,
    ...(description !== undefined && { description }),
    createdAt: kernel.clock.now(),
    createdBy: callerArn,
    data,
  };
  template.versions.set(version.number, version);
  const Warning = check.warning(data);
  return { LaunchTemplateVersion: describe({ template, version }), ...(Warning && { Warning }) };
}

/** A source is a number: `$Latest` would mean the new version itself a moment later. */
function sourceVersion(template: TemplateRecord, source: string): TemplateVersion {
  if (/^\d+$/.test(source)) return findVersion(template, source);
  throw invalidParameter(`Value (${source}) for parameter SourceVersion is invalid.`);
}

function describeVersions(state: Ec2State, input: DescribeLaunchTemplateVersionsRequest) {
  const located = applyFilters(
    locateVersions(state, input),
    input.Filters,
    {
      'image-id': ({ version }) => [version.data.ImageId],
      'instance-type': ({ version }) => [version.data.InstanceType],
      'is-default-version': ({ template, version }) => [
        String(template.defaultVersion === version.number),
      ],
      'create-time': ({ version }) => [new Date(version.createdAt).toISOString()],
    },
    () => new Map(),
  );
  const page = ec2Page(located, input, { min: 1, max: 200 });
  return { LaunchTemplateVersions: page.items.map(describe), NextToken: page.nextToken };
}

function locateVersions(state: Ec2State, input: DescribeLaunchTemplateVersionsRequest): Located[] {
  const named = input.Versions ?? [];
  if (input.LaunchTemplateId === undefined && input.LaunchTemplateName === undefined) {
    return locateEverywhere(state, named);
  }
  const template = findTemplate(state, input);
  if (named.length > 0) {
    if (input.MinVersion !== undefined || input.MaxVersion !== undefined) {
      throw invalidCombination('Versions cannot be used together with MinVersion or MaxVersion.');
    }
    const numbers = new Set(named.map((name) => findVersion(template, name).number));
    return newestFirst(template).filter(({ version }) => numbers.has(version.number));
  }
  const min = readBound(input.MinVersion, 1);
  const max = readBound(input.MaxVersion, template.lastVersion);
  return newestFirst(template).filter(
    ({ version }) => version.number >= min && version.number <= max,
  );
}

/** Without a template, only the latest and default versions of all templates can be asked for. */
function locateEverywhere(state: Ec2State, named: readonly string[]): Located[] {
  if (named.length === 0) {
    throw new AwsError(
      'MissingParameter',
      'Either a launch template ID or a launch template name must be specified in the request.',
    );
  }
  const wrong = named.find((name) => name !== '$Latest' && name !== '$Default');
  if (wrong !== undefined) {
    throw invalidParameter(
      `The version ${wrong} cannot be described without a launch template ID or name.`,
    );
  }
  return [...state.templates.values()].flatMap((template) => {
    const numbers = new Set(named.map((name) => findVersion(template, name).number));
    return newestFirst(template).filter(({ version }) => numbers.has(version.number));
  });
}

function newestFirst(template: TemplateRecord): Located[] {
  return [...template.versions.values()].toReversed().map((version) => ({ template, version }));
}

function readBound(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw invalidParameter(`The version number ${text} is invalid.`);
  return Number(text);
}

function deleteVersions(
  template: TemplateRecord,
  versions: readonly string[],
): DeleteLaunchTemplateVersionsResult {
  if (versions.length === 0) throw missingParameter('LaunchTemplateVersion');
  if (versions.length > DELETED_PER_CALL) {
    throw invalidParameter(
      `At most ${DELETED_PER_CALL} launch template versions can be deleted in one call.`,
    );
  }
  const base = { LaunchTemplateId: template.id, LaunchTemplateName: template.name };
  const deleted: NonNullable<
    DeleteLaunchTemplateVersionsResult['SuccessfullyDeletedLaunchTemplateVersions']
  > = [];
  const kept: NonNullable<
    DeleteLaunchTemplateVersionsResult['UnsuccessfullyDeletedLaunchTemplateVersions']
  > = [];
  for (const text of versions) {
    const number = Number(text);
    const refusal = refuseDeletion(template, number);
    if (refusal) {
      kept.push({ ...base, VersionNumber: number, ResponseError: refusal });
    } else {
      template.versions.delete(number);
      deleted.push({ ...base, VersionNumber: number });
    }
  }
  return {
    SuccessfullyDeletedLaunchTemplateVersions: deleted,
    UnsuccessfullyDeletedLaunchTemplateVersions: kept,
  };
}

function refuseDeletion(template: TemplateRecord, number: number) {
  if (!template.versions.has(number)) {
    return {
      Code: 'launchTemplateVersionDoesNotExist' as const,
      Message: `Version ${number} of launch template ${template.id} does not exist.`,
    };
  }
  if (template.defaultVersion !== number) return undefined;
  return {
    Code: 'unexpectedError' as const,
    Message: `Launch template version ${number} is the default version and cannot be deleted.`,
  };
}

function describe({ template, version }: Located): LaunchTemplateVersion {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    ...(version.description !== undefined && { VersionDescription: version.description }),
    CreateTime: new Date(version.createdAt),
    CreatedBy: version.createdBy,
    DefaultVersion: template.defaultVersion === version.number,
    LaunchTemplateData: structuredClone(version.data),
  };
}
