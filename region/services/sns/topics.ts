/**
 * The topics of the account and what belongs to each.
 * Not for: who may do what with them; the operations name their permissions.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { PublishedMessage } from './publishing.ts';

/** An endpoint that asked for messages. */
export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
}

/** A topic and everything that belongs to it. */
export interface Topic {
  readonly arn: string;
  readonly name: string;
  /** Attributes that were set; the ones AWS computes are not here. */
  readonly attributes: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly subscriptions: Map<string, Subscription>;
  /** Oldest first. */
  readonly messages: PublishedMessage[];
}

/** The topics of the account. */
export interface Topics {
  add(topic: Topic): void;
  remove(arn: string): void;
  find(arn: string): Topic | undefined;
  /** @throws AwsError NotFound, InvalidParameter when this is no ARN of a topic */
  require(arn: string | undefined): Topic;
  /** In the order of their names. */
  all(): readonly Topic[];
}

/** Answers that a parameter is wrong, as SNS does. */
export function invalidParameter(reason: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${reason}`);
}

/** Keeps topics by ARN. */
export function createTopics(): Topics {
  const topics = new Map<string, Topic>();
  return {
    add: (topic) => {
      topics.set(topic.arn, topic);
    },
    remove: (arn) => {
      topics.delete(arn);
    },
    find: (arn) => topics.get(arn),
    require: (arn) => {
      checkArn(arn ?? '');
      const topic = topics.get(arn ?? '');
      if (!topic) throw new AwsError('NotFound', 'Topic does not exist', { httpStatus: 404 });
      return topic;
    },
    all: () => [...topics.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function checkArn(arn: string): void {
  const elements = arn.split(':').length;
  if (elements < 6) {
    throw invalidParameter(
      `TopicArn Reason: An ARN must have at least 6 elements, not ${elements}`,
    );
  }
  if (!/^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(arn)) throw invalidParameter('TopicArn');
}
