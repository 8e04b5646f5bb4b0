/**
 * Launch templates as a whole: create, describe, choose the default version, delete.
 * Not for: their versions; see `launch-template-versions.ts`.
 */
import type {
  CreateLaunchTemplateRequest,
  DeleteLaunchTemplateRequest,
  DescribeLaunchTemplatesRequest,
  LaunchTemplate,
  ModifyLaunchTemplateRequest,
  Tag,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { applyFilters } from './filters.ts';
import { createOnce } from './idempotency.ts';
import { describeOperation, ec2Operation } from './operation.ts';
import { ec2Page } from './paging.ts';
import {
  ec2Arn,
  readTags,
  requestTagContext,
  taggedPermission,
  tagOnCreatePermissions,
} from './tags.ts';
import { readTemplateData } from './template-data.ts';
import {
  findTemplate,
  findTemplateById,
  findVersion,
  latestVersion,
  templateNamed,
} from './template-lookup.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Permission } from '../../kernel/service.ts';
import type { LaunchCheck } from './launch-check.ts';
import type { Ec2State, TemplateRecord } from './state.ts';
import type { TagStore } from './tags.ts';
import type { TemplateReference } from './template-lookup.ts';

const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

/** Launch templates of an account and region. */
const TEMPLATE_LIMIT = 5000;

/** What operations on templates and their versions share. */
export interface TemplateDependencies {
  readonly kernel: Kernel;
  readonly state: Ec2State;
  readonly tags: TagStore;
  readonly check: LaunchCheck;
}

/** CreateLaunchTemplate, DescribeLaunchTemplates, ModifyLaunchTemplate, DeleteLaunchTemplate. */
export function launchTemplateOperations(dependencies: TemplateDependencies) {
  const { state, tags } = dependencies;
  const once = createOnce();
  return {
    CreateLaunchTemplate: ec2Operation(
      (input: CreateLaunchTemplateRequest) => createPermissions(templateTags(input)),
      (input, call) =>
        once(input.ClientToken, input, () => createTemplate(dependencies, input, call.caller.arn)),
    ),
    DescribeLaunchTemplates: describeOperation(
      'DescribeLaunchTemplates',
      (input: DescribeLaunchTemplatesRequest) => describeTemplates(state, tags, input),
    ),
    ModifyLaunchTemplate: ec2Operation(
      (input: ModifyLaunchTemplateRequest) =>
        templatePermissions('ec2:ModifyLaunchTemplate', state, tags, input),
      (input) => {
        const template = findTemplate(state, input);
        if (input.DefaultVersion !== undefined) {
          template.defaultVersion = findVersion(template, input.DefaultVersion).number;
        }
        return { LaunchTemplate: describeTemplate(template, tags) };
      },
    ),
    DeleteLaunchTemplate: ec2Operation(
      (input: DeleteLaunchTemplateRequest) =>
        templatePermissions('ec2:DeleteLaunchTemplate', state, tags, input),
      (input) => {
        const template = findTemplate(state, input);
        const LaunchTemplate = describeTemplate(template, tags);
        state.templates.delete(template.id);
        tags.forget(template.id);
        return { LaunchTemplate };
      },
    ),
  };
}

/** Permission on the template that a request names; on any template when there is none such. */
export function templatePermissions(
  action: string,
  state: Ec2State,
  tags: TagStore,
  reference: TemplateReference,
): readonly Permission[] {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  const known = id ?? (name === undefined ? undefined : templateNamed(state, name)?.id);
  if (known !== undefined) return [taggedPermission(action, tags, known)];
  return [{ action, resources: [ec2Arn('launch-template', '*')] }];
}

function createPermissions(tags: readonly Tag[]): readonly Permission[] {
  const action = 'ec2:CreateLaunchTemplate';
  const resources = [ec2Arn('launch-template', '*')];
  return [
    { action, resources, context: requestTagContext(tags) },
    ...tagOnCreatePermissions('CreateLaunchTemplate', 'launch-template', tags),
  ];
}

function templateTags(input: CreateLaunchTemplateRequest): readonly Tag[] {
  const specification = input.TagSpecifications?.find(
    (candidate) => candidate.ResourceType === 'launch-template',
  );
  return specification?.Tags ?? [];
}

function createTemplate(
  { kernel, state, tags, check }: TemplateDependencies,
  input: CreateLaunchTemplateRequest,
  callerArn: string,
) {
  const name = input.LaunchTemplateName ?? '';
  if (!NAME.test(name)) {
    throw new AwsError(
      'InvalidLaunchTemplateName.MalformedException',
      'A launch template name must be between 3 and 128 characters, and may contain letters, ' +
        'numbers, and the following characters: - ( ) . / _.',
    );
  }
  if (templateNamed(state, name)) {
    throw new AwsError(
      'InvalidLaunchTemplateName.AlreadyExistsException',
      'Launch template name already in use.',
    );
  }
  if (state.templates.size >= TEMPLATE_LIMIT) {
    throw new AwsError(
      'LaunchTemplateLimitExceeded',
      `You have reached the limit of ${TEMPLATE_LIMIT} launch templates.`,
    );
  }
  const data = readTemplateData(input.LaunchTemplateData);
  const entries = readTags(templateTags(input));
  const createdAt = kernel.clock.now();
  const description = input.VersionDescription;
  const version = {
    number: 1,
    ...(description !== undefined && { description }),
    createdAt,
    createdBy: callerArn,
    data,
  };
  const template: TemplateRecord = {
    id: `lt-${kernel.hex(17)}`,
    name,
    createdAt,
    createdBy: callerArn,
    versions: new Map([[1, version]]),
    defaultVersion: 1,
    lastVersion: 1,
  };
  state.templates.set(template.id, template);
  tags.set(template.id, entries);
  const Warning = check.warning(data);
  return { LaunchTemplate: describeTemplate(template, tags), ...(Warning && { Warning }) };
}

function describeTemplates(state: Ec2State, tags: TagStore, input: DescribeLaunchTemplatesRequest) {
  const ids = input.LaunchTemplateIds ?? [];
  const names = input.LaunchTemplateNames ?? [];
  for (const id of ids) findTemplateById(state, id);
  if (names.some((name) => !templateNamed(state, name))) {
    throw new AwsError(
      'InvalidLaunchTemplateName.NotFoundException',
      'At least one of the launch templates specified in the request does not exist.',
    );
  }
  const candidates = [...state.templates.values()].filter(
    (template) =>
      (ids.length === 0 || ids.includes(template.id)) &&
      (names.length === 0 || names.includes(template.name)),
  );
  const matching = applyFilters(
    candidates,
    input.Filters,
    {
      'launch-template-name': (template) => [template.name],
      'create-time': (template) => [new Date(template.createdAt).toISOString()],
    },
    (template) => tags.of(template.id),
  );
  const page = ec2Page(matching, input, { min: 1, max: 200 });
  return {
    LaunchTemplates: page.items.map((template) => describeTemplate(template, tags)),
    NextToken: page.nextToken,
  };
}

function describeTemplate(template: TemplateRecord, tags: TagStore): LaunchTemplate {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: new Date(template.createdAt),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: latestVersion(template),
    Tags: tags.list(template.id),
  };
}
