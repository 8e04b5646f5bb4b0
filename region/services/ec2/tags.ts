/**
 * Tags of everything EC2 owns, and the permissions that depend on them.
 * @source https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
 */
import type {
  CreateTagsRequest,
  DeleteTagsRequest,
  DescribeTagsRequest,
  DescribeTagsResult,
  ResourceType,
  Tag,
  TagDescription,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID, REGION_NAME } from '../../kernel/kernel.ts';
import { imageNotFound, instanceNotFound, invalidParameter, missingParameter } from './errors.ts';
import { applyFilters } from './filters.ts';
import { describeOperation, ec2Operation } from './operation.ts';
import { ec2Page } from './paging.ts';
import type { Permission } from '../../kernel/service.ts';

const TAGS_PER_RESOURCE = 50;
const KEY_LENGTH = 128;
const VALUE_LENGTH = 256;
const RESOURCES_PER_CALL = 1000;

const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  ami: 'image',
  i: 'instance',
  lt: 'launch-template',
  subnet: 'subnet',
  vpc: 'vpc',
  sg: 'security-group',
};

const NO_TAGS: ReadonlyMap<string, string> = new Map();

/** Tags by resource id. */
export interface TagStore {
  of(resourceId: string): ReadonlyMap<string, string>;
  /** Tags of a resource as Describe operations list them. */
  list(resourceId: string): Tag[];
  /** @throws AwsError TagLimitExceeded */
  set(resourceId: string, tags: Iterable<readonly [string, string]>): void;
  delete(resourceId: string, key: string): void;
  forget(resourceId: string): void;
  all(): TagDescription[];
}

/** A store without any tags. */
export function createTagStore(): TagStore {
  const store = new Map<string, Map<string, string>>();
  return {
    of: (resourceId) => store.get(resourceId) ?? NO_TAGS,
    list: (resourceId) =>
      [...(store.get(resourceId) ?? NO_TAGS)].map(([Key, Value]) => ({ Key, Value })),
    set: (resourceId, tags) => {
      const merged = new Map([...(store.get(resourceId) ?? []), ...tags]);
      const counted = [...merged.keys()].filter((key) => !key.startsWith('aws:'));
      if (counted.length > TAGS_PER_RESOURCE) {
        throw new AwsError(
          'TagLimitExceeded',
          'The maximum number of Tags for a resource has been reached.',
        );
      }
      store.set(resourceId, merged);
    },
    delete: (resourceId, key) => {
      store.get(resourceId)?.delete(key);
    },
    forget: (resourceId) => {
      store.delete(resourceId);
    },
    all: () =>
      [...store].flatMap(([ResourceId, tags]) =>
        [...tags].map(([Key, Value]) => ({
          ResourceId,
          ResourceType: resourceTypeOf(ResourceId),
          Key,
          Value,
        })),
      ),
  };
}

/** The type that an id's prefix names; undefined for ids that EC2 has here no type for. */
export function resourceTypeOf(resourceId: string): ResourceType | undefined {
  return RESOURCE_TYPES[resourceId.slice(0, resourceId.indexOf('-'))];
}

/** ARN of an EC2 resource. Images carry no account. */
export function ec2Arn(resourceType: string, id: string): string {
  const account = resourceType === 'image' ? '' : ACCOUNT_ID;
  return `arn:aws:ec2:${REGION_NAME}:${account}:${resourceType}/${id}`;
}

/** Condition keys that a resource's tags fill. */
export function resourceTagContext(tags: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...tags].flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`ec2:ResourceTag/${key}`, value],
    ]),
  );
}

/** Condition keys that the tags of a request fill. */
export function requestTagContext(tags: readonly Tag[]): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = {};
  for (const tag of tags) context[`aws:RequestTag/${tag.Key ?? ''}`] = tag.Value ?? '';
  if (tags.length > 0) context['aws:TagKeys'] = tags.map((tag) => tag.Key ?? '');
  return context;
}

/** Permission to use an action on one resource, with the resource's tags as conditions. */
export function taggedPermission(action: string, tags: TagStore, resourceId: string): Permission {
  return {
    action,
    resources: [ec2Arn(resourceTypeOf(resourceId) ?? '*', resourceId)],
    context: resourceTagContext(tags.of(resourceId)),
  };
}

/** Permission to tag what the same request creates. */
export function tagOnCreatePermissions(
  createAction: string,
  resourceType: string,
  tags: readonly Tag[],
): Permission[] {
  if (tags.length === 0) return [];
  const context = { ...requestTagContext(tags), 'ec2:CreateAction': createAction };
  return [{ action: 'ec2:CreateTags', resources: [ec2Arn(resourceType, '*')], context }];
}

/**
 * Tags from a request, checked.
 * @throws AwsError InvalidParameterValue for reserved, empty, overlong or repeated keys
 */
export function readTags(tags: readonly Tag[]): [string, string][] {
  const entries = tags.map((tag): [string, string] => [tag.Key ?? '', tag.Value ?? '']);
  for (const [key, value] of entries) {
    if (key.startsWith('aws:')) {
      throw invalidParameter("Tag keys starting with 'aws:' are reserved for internal use");
    }
    if (key === '') throw invalidParameter('Tag key cannot be empty');
    if (key.length > KEY_LENGTH) {
      throw invalidParameter(`Tag key exceeds the maximum length of ${KEY_LENGTH} characters`);
    }
    if (value.length > VALUE_LENGTH) {
      throw invalidParameter(`Tag value exceeds the maximum length of ${VALUE_LENGTH} characters`);
    }
  }
  if (new Set(entries.map(([key]) => key)).size < entries.length) {
    throw invalidParameter('Tag keys must be unique');
  }
  return entries;
}

/** CreateTags, DeleteTags, DescribeTags. `exists` knows every resource by its id. */
export function tagOperations(tags: TagStore, exists: (resourceId: string) => boolean) {
  const checked = (resourceIds: readonly string[] | undefined): readonly string[] => {
    if (!resourceIds?.length) throw missingParameter('resourceIdSet');
    if (resourceIds.length > RESOURCES_PER_CALL) {
      throw invalidParameter(`At most ${RESOURCES_PER_CALL} resources can be tagged in one call`);
    }
    for (const id of resourceIds) if (!exists(id)) throw resourceNotFound(id);
    return resourceIds;
  };
  const permissions = (
    action: string,
    input: { Resources?: string[] | undefined; Tags?: Tag[] | undefined },
  ): Permission[] =>
    (input.Resources ?? []).map((id) => {
      const { resources, context } = taggedPermission(action, tags, id);
      return { action, resources, context: { ...context, ...requestTagContext(input.Tags ?? []) } };
    });

  return {
    CreateTags: ec2Operation(
      (input: CreateTagsRequest) => permissions('ec2:CreateTags', input),
      (input) => {
        if (!input.Tags?.length) throw missingParameter('tagSet');
        const entries = readTags(input.Tags);
        for (const id of checked(input.Resources)) tags.set(id, entries);
        return {};
      },
    ),
    DeleteTags: ec2Operation(
      (input: DeleteTagsRequest) => permissions('ec2:DeleteTags', input),
      (input) => {
        for (const id of checked(input.Resources)) deleteTags(tags, id, input.Tags);
        return {};
      },
    ),
    DescribeTags: describeOperation('DescribeTags', (input: DescribeTagsRequest) =>
      describeTags(tags, input),
    ),
  };
}

function describeTags(tags: TagStore, input: DescribeTagsRequest): DescribeTagsResult {
  const matching = applyFilters(
    tags.all(),
    input.Filters,
    {
      key: (tag) => [tag.Key],
      value: (tag) => [tag.Value],
      'resource-id': (tag) => [tag.ResourceId],
      'resource-type': (tag) => [tag.ResourceType],
    },
    (tag) => new Map([[tag.Key ?? '', tag.Value ?? '']]),
  );
  const page = ec2Page(matching, input);
  return { Tags: page.items, NextToken: page.nextToken };
}

/** Without tags, all but AWS's own are deleted; with a value, only a tag that has it. */
function deleteTags(tags: TagStore, id: string, named: readonly Tag[] | undefined): void {
  const keys = named ?? [...tags.of(id).keys()].map((Key) => ({ Key, Value: undefined }));
  for (const { Key = '', Value } of keys) {
    if (Key.startsWith('aws:')) {
      if (!named) continue;
      throw invalidParameter("Tag keys starting with 'aws:' are reserved for internal use");
    }
    if (Value === undefined || tags.of(id).get(Key) === Value) tags.delete(id, Key);
  }
}

function resourceNotFound(id: string): AwsError {
  const notFound: Partial<Record<ResourceType, () => AwsError>> = {
    image: () => imageNotFound([id]),
    instance: () => instanceNotFound([id]),
    'launch-template': () =>
      new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      ),
  };
  const type = resourceTypeOf(id);
  const known = type && notFound[type];
  return known?.() ?? new AwsError('InvalidID', `The ID '${id}' is not valid`);
}
