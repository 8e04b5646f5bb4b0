/**
 * Tags of groups: CreateOrUpdateTags, DeleteTags, DescribeTags.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
 */
import type {
  CreateOrUpdateTagsCommandInput,
  DeleteTagsCommandInput,
  DescribeTagsCommandInput,
  Filter,
  Tag,
  TagDescription,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { validationError } from './errors.ts';
import { pageOfGroupThings } from './paging.ts';
import {
  describeOperation,
  findGroup,
  groupPermission,
  refusePendingDelete,
  requestTagContext,
} from './store.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import type { GroupRecord, GroupTag } from './state.ts';
import type { GroupStore } from './store.ts';

const TAGS_PER_GROUP = 50;
const TAGS_PER_CALL = 25;
const KEY_LENGTH = 128;
const VALUE_LENGTH = 256;
const RESOURCE_TYPE = 'auto-scaling-group';

/**
 * Tags from a request, checked against each other and AWS's limits.
 * @throws AwsError ValidationError, LimitExceeded
 */
export function readTags(tags: readonly Tag[]): [string, GroupTag][] {
  if (tags.length > TAGS_PER_CALL) {
    throw validationError(`At most ${TAGS_PER_CALL} tags can be given in one call.`);
  }
  const keys = new Set<string>();
  return tags.map(({ Key: key = '', Value: value = '', PropagateAtLaunch, ResourceType: type }) => {
    if (type !== undefined && type !== RESOURCE_TYPE) {
      throw validationError(`Invalid resource type '${type}', expecting '${RESOURCE_TYPE}'.`);
    }
    if (key.toLowerCase().startsWith('aws:')) {
      throw validationError(
        `The tag key '${key}' begins with 'aws:', which is reserved for internal use.`,
      );
    }
    if (key.length < 1 || key.length > KEY_LENGTH || value.length > VALUE_LENGTH) {
      throw validationError(
        `The tag '${key}' must have a key of 1 to ${KEY_LENGTH} and a value of at most ` +
          `${VALUE_LENGTH} characters.`,
      );
    }
    if (keys.has(key)) throw validationError(`Duplicate tag key '${key}'.`);
    keys.add(key);
    return [key, { value, propagateAtLaunch: PropagateAtLaunch ?? false }];
  });
}

/** CreateOrUpdateTags, DeleteTags, DescribeTags. */
export function tagOperations(groups: GroupStore) {
  return {
    CreateOrUpdateTags: createOrUpdateTags(groups),
    DeleteTags: deleteTags(groups),
    DescribeTags: describeOperation('DescribeTags', (input: DescribeTagsCommandInput) => {
      const all = [...groups.values()].flatMap(describeTags);
      const tests = (input.Filters ?? []).map(tagFilter);
      const page = pageOfGroupThings(
        all.filter((tag) => tests.every((test) => test(tag))),
        input,
      );
      return { Tags: page.items, NextToken: page.nextToken };
    }),
  };
}

/** A group's tags as Describe operations list them. */
export function describeTags(group: GroupRecord): TagDescription[] {
  return [...group.tags].map(([Key, { value, propagateAtLaunch }]) => ({
    ResourceId: group.name,
    ResourceType: RESOURCE_TYPE,
    Key,
    Value: value,
    PropagateAtLaunch: propagateAtLaunch,
  }));
}

function createOrUpdateTags(groups: GroupStore): Operation<CreateOrUpdateTagsCommandInput, object> {
  return {
    permissions: (input) => tagPermissions(groups, 'CreateOrUpdateTags', input.Tags ?? []),
    run: (input) => {
      for (const [group, tags] of groupTags(groups, input.Tags ?? [])) {
        const merged = new Map([...group.tags, ...readTags(tags)]);
        if (merged.size > TAGS_PER_GROUP) {
          throw new AwsError(
            'LimitExceeded',
            `The group ${group.name} cannot have more than ${TAGS_PER_GROUP} tags.`,
          );
        }
        for (const [key, tag] of merged) group.tags.set(key, tag);
      }
      return {};
    },
  };
}

function deleteTags(groups: GroupStore): Operation<DeleteTagsCommandInput, object> {
  return {
    permissions: (input) => tagPermissions(groups, 'DeleteTags', input.Tags ?? []),
    run: (input) => {
      for (const [group, tags] of groupTags(groups, input.Tags ?? [])) {
        for (const { Key = '', Value } of tags) {
          if (Value === undefined || group.tags.get(Key)?.value === Value) group.tags.delete(Key);
        }
      }
      return {};
    },
  };
}

function tagPermissions(groups: GroupStore, action: string, tags: readonly Tag[]): Permission[] {
  const names = new Set(tags.map((tag) => tag.ResourceId));
  return [...names].map((name) => {
    const own = tags.filter((tag) => tag.ResourceId === name);
    return groupPermission(groups, action, name, requestTagContext(own));
  });
}

function groupTags(groups: GroupStore, tags: readonly Tag[]): Map<GroupRecord, Tag[]> {
  const byGroup = new Map<GroupRecord, Tag[]>();
  for (const tag of tags) {
    const group = findGroup(groups, tag.ResourceId);
    refusePendingDelete(group);
    byGroup.set(group, [...(byGroup.get(group) ?? []), tag]);
  }
  return byGroup;
}

function tagFilter(filter: Filter): (tag: TagDescription) => boolean {
  const values = filter.Values ?? [];
  const readers: Readonly<Record<string, (tag: TagDescription) => string | undefined>> = {
    'auto-scaling-group': (tag) => tag.ResourceId,
    key: (tag) => tag.Key,
    value: (tag) => tag.Value,
    'propagate-at-launch': (tag) => String(tag.PropagateAtLaunch),
  };
  const read = readers[filter.Name ?? ''];
  if (!read) throw validationError(`Filter type '${filter.Name}' is not correct.`);
  return (tag) => values.includes(read(tag) ?? '');
}
