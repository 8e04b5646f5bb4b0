/**
 * Tags of load balancers, listeners, rules and target groups.
 * Not for: what policies make of them (see `permissions.ts`).
 */
import type {
  AddTagsInput,
  AddTagsOutput,
  DescribeTagsInput,
  DescribeTagsOutput,
  RemoveTagsInput,
  RemoveTagsOutput,
  Tag,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import { hasLength } from '../constraints.ts';
import { RESOURCES_PER_DESCRIBE_TAGS, TAGS_PER_RESOURCE } from './limits.ts';
import { operation } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { requestTags, toChange, toDescribe } from './permissions.ts';
import { refuseViolations, required, validationError } from './refusals.ts';
import type { Store } from './store.ts';

/** @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Tag.html */
const TAG_PATTERN = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;

/** AddTags, RemoveTags and DescribeTags. */
export function tagOperations({ store }: ControlPlane): Operations {
  return {
    AddTags: operation<AddTagsInput, AddTagsOutput>(
      (input) =>
        toChange(store, 'AddTags', input.ResourceArns ?? [], requestTags(input.Tags ?? [])),
      (input) => {
        const added = completeTags(required(input.Tags, 'Tags'));
        for (const [arn, tags] of ofResources(store, input.ResourceArns)) {
          const merged = new Map([...tags, ...added]);
          refuseTooMany(merged);
          store.tags.set(arn, merged);
        }
        return {};
      },
    ),
    RemoveTags: operation<RemoveTagsInput, RemoveTagsOutput>(
      (input) =>
        toChange(store, 'RemoveTags', input.ResourceArns ?? [], {
          'aws:TagKeys': input.TagKeys ?? [],
        }),
      (input) => {
        const keys = new Set(required(input.TagKeys, 'Tag keys'));
        for (const [arn, tags] of ofResources(store, input.ResourceArns)) {
          store.tags.set(arn, new Map([...tags].filter(([key]) => !keys.has(key))));
        }
        return {};
      },
    ),
    DescribeTags: operation<DescribeTagsInput, DescribeTagsOutput>(
      toDescribe('DescribeTags'),
      (input) => {
        const arns = required(input.ResourceArns, 'Resource ARNs');
        if (arns.length > RESOURCES_PER_DESCRIBE_TAGS) {
          throw validationError(
            `The number of resources cannot be more than '${RESOURCES_PER_DESCRIBE_TAGS}'`,
          );
        }
        return {
          TagDescriptions: ofResources(store, arns).map(([arn, tags]) => ({
            ResourceArn: arn,
            Tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
          })),
        };
      },
    ),
  };
}

/**
 * Checks the tags of a request.
 * @throws AwsError ValidationError, DuplicateTagKeys, TooManyTags
 */
export function completeTags(tags: readonly Tag[] | undefined): ReadonlyMap<string, string> {
  const completed = new Map<string, string>();
  for (const { Key: key = '', Value: value = '' } of tags ?? []) {
    refuseViolations(
      hasLength(key, 'tags.1.member.key', { min: 1, max: 128 }),
      hasLength(value, 'tags.1.member.value', { max: 256 }),
      fitsTagPattern(key, 'tags.1.member.key'),
      fitsTagPattern(value, 'tags.1.member.value'),
    );
    if (key.toLowerCase().startsWith('aws:')) {
      throw validationError(
        `Tag keys cannot start with 'aws:'; the prefix is reserved for system use: '${key}'`,
      );
    }
    if (completed.has(key)) {
      throw new AwsError('DuplicateTagKeys', `Tag key was specified more than once: ${key}`);
    }
    completed.set(key, value);
  }
  refuseTooMany(completed);
  return completed;
}

function fitsTagPattern(text: string, member: string): string | undefined {
  return TAG_PATTERN.test(text)
    ? undefined
    : `Value '${text}' at '${member}' failed to satisfy constraint: Member must satisfy regular ` +
        `expression pattern: ${TAG_PATTERN.source}`;
}

function refuseTooMany(tags: ReadonlyMap<string, string>): void {
  if (tags.size > TAGS_PER_RESOURCE) {
    throw new AwsError(
      'TooManyTags',
      `The maximum number of tags per resource is '${TAGS_PER_RESOURCE}'`,
    );
  }
}

function ofResources(
  store: Store,
  arns: readonly string[] | undefined,
): readonly (readonly [string, ReadonlyMap<string, string>])[] {
  return required(arns, 'Resource ARNs').map((arn) => {
    const find = FINDERS.find(([mark]) => arn.includes(mark))?.[1];
    if (!find) throw validationError(`'${arn}' is not a valid ARN`);
    find(store, arn);
    return [arn, store.tags.get(arn) ?? new Map()];
  });
}

/** What an ARN names, by a part of it; the first that fits. */
const FINDERS: readonly (readonly [string, (store: Store, arn: string) => unknown])[] = [
  [':loadbalancer/', (store, arn) => store.loadBalancer(arn)],
  [':targetgroup/', (store, arn) => store.targetGroup(arn)],
  [':listener-rule/', (store, arn) => store.rule(arn)],
  [':listener/', (store, arn) => store.listener(arn)],
];
