/**
 * Operations on topics themselves: create, delete, list, attributes.
 * Not for: subscriptions and messages, which have files of their own.
 */
import type {
  CreateTopicCommandInput,
  CreateTopicCommandOutput,
  DeleteTopicCommandInput,
  GetTopicAttributesCommandInput,
  GetTopicAttributesCommandOutput,
  ListTopicsCommandInput,
  ListTopicsCommandOutput,
  SetTopicAttributesCommandInput,
} from '@aws-sdk/client-sns';
import { ACCOUNT_ID, arn } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import { takePage } from '../pages.ts';
import { invalidParameter } from './topics.ts';
import type { Topic, Topics } from './topics.ts';

type Answer<T> = Omit<T, '$metadata'>;

/** Topics in one answer. @source https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html */
const TOPICS_PER_PAGE = 100;

/** Attributes that can be set here; others are refused, because nothing would obey them. */
const SETTABLE = new Set(['DisplayName', 'Policy', 'DeliveryPolicy', 'KmsMasterKeyId']);

const NAME = /^[A-Za-z0-9_-]{1,256}$/;

/** The operations on topics. */
export function createTopicOperations({ topics }: { topics: Topics }): Record<string, Operation> {
  const create: Operation<CreateTopicCommandInput, Answer<CreateTopicCommandOutput>> = {
    permissions: (input) => [
      { action: 'sns:CreateTopic', resources: [arn('sns', input.Name ?? '')] },
    ],
    run: (input) => ({ TopicArn: createTopic(topics, input).arn }),
  };
  const remove: Operation<DeleteTopicCommandInput, object> = {
    permissions: (input) => [{ action: 'sns:DeleteTopic', resources: [input.TopicArn ?? ''] }],
    run: (input) => {
      // Deleting a topic that is not there succeeds on AWS too, if it could be one of ours.
      if (topics.find(input.TopicArn ?? '')) topics.remove(input.TopicArn ?? '');
      return {};
    },
  };
  const list: Operation<ListTopicsCommandInput, Answer<ListTopicsCommandOutput>> = {
    permissions: () => [{ action: 'sns:ListTopics', resources: ['*'] }],
    run: (input) => {
      const page = takePage(topics.all(), {
        size: TOPICS_PER_PAGE,
        token: input.NextToken,
        refuse: () => invalidParameter('NextToken'),
      });
      return {
        Topics: page.items.map((topic) => ({ TopicArn: topic.arn })),
        NextToken: page.nextToken,
      };
    },
  };
  return {
    CreateTopic: create,
    DeleteTopic: remove,
    ListTopics: list,
    ...createAttributeOperations(topics),
  };
}

function createAttributeOperations(topics: Topics): Record<string, Operation> {
  const read: Operation<GetTopicAttributesCommandInput, Answer<GetTopicAttributesCommandOutput>> = {
    permissions: (input) => [
      { action: 'sns:GetTopicAttributes', resources: [input.TopicArn ?? ''] },
    ],
    run: (input) => ({ Attributes: describe(topics.require(input.TopicArn)) }),
  };
  const set: Operation<SetTopicAttributesCommandInput, object> = {
    permissions: (input) => [
      { action: 'sns:SetTopicAttributes', resources: [input.TopicArn ?? ''] },
    ],
    run: (input) => {
      const topic = topics.require(input.TopicArn);
      checkAttribute(input.AttributeName ?? '');
      topic.attributes.set(input.AttributeName ?? '', input.AttributeValue ?? '');
      return {};
    },
  };
  return { GetTopicAttributes: read, SetTopicAttributes: set };
}

function createTopic(topics: Topics, input: CreateTopicCommandInput): Topic {
  const name = input.Name ?? '';
  if (!NAME.test(name)) throw invalidParameter('Topic Name');
  const attributes = new Map(Object.entries(input.Attributes ?? {}));
  for (const key of attributes.keys()) checkAttribute(key);
  const tags = new Map((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  const existing = topics.find(arn('sns', name));
  if (existing) return sameTopic(existing, { attributes, tags });
  const topic: Topic = {
    arn: arn('sns', name),
    name,
    attributes,
    tags,
    subscriptions: new Map(),
    messages: [],
  };
  topics.add(topic);
  return topic;
}

/** Creating a topic twice gives the same topic, unless the second asks for something else. */
function sameTopic(topic: Topic, asked: Pick<Topic, 'attributes' | 'tags'>): Topic {
  const sameAttributes = [...asked.attributes].every(
    ([key, value]) => topic.attributes.get(key) === value,
  );
  if (!sameAttributes) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  if ([...asked.tags].some(([key, value]) => topic.tags.get(key) !== value)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
  return topic;
}

function checkAttribute(name: string): void {
  if (!SETTABLE.has(name)) throw invalidParameter('AttributeName');
}

function describe(topic: Topic): Record<string, string> {
  return {
    DisplayName: '',
    ...Object.fromEntries(topic.attributes),
    TopicArn: topic.arn,
    Owner: ACCOUNT_ID,
    SubscriptionsConfirmed: String(topic.subscriptions.size),
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  };
}
