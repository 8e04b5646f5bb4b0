/**
 * What may be published to a topic, and where it is kept.
 * Not for: phones and mobile endpoints.
 */
import type { PublishCommandInput, PublishCommandOutput } from '@aws-sdk/client-sns';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation } from '../../kernel/service.ts';
import { invalidParameter } from './topics.ts';
import type { Topics } from './topics.ts';

/** What another service hands over for publishing. */
export interface Notification {
  /** Absent means that the message has no subject. */
  readonly subject?: string;
  readonly message: string;
}

/** A message that was published. */
export interface PublishedMessage extends Notification {
  readonly messageId: string;
  /** Region time, epoch milliseconds. */
  readonly at: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Bytes of a message and its attributes.
 * @source https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const MESSAGE_LIMIT_BYTES = 262_144;

/** Messages that are kept for each topic; the oldest goes when one more arrives. */
const MESSAGES_KEPT = 10_000;

/**
 * Fewer than 100 printable ASCII characters that start with a letter, digit or punctuation mark.
 * @source https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const SUBJECT = /^[!-~][ -~]{0,98}$/;

/** The operation `Publish`, and the same for services of the region. */
export function createPublishing({ kernel, topics }: { kernel: Kernel; topics: Topics }) {
  const keep = (
    topicArn: string | undefined,
    published: Pick<PublishedMessage, 'subject' | 'message' | 'attributes'>,
  ): { messageId: string } => {
    const topic = topics.require(topicArn);
    check(published);
    const messageId = [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
    topic.messages.push({ ...published, messageId, at: kernel.clock.now() });
    if (topic.messages.length > MESSAGES_KEPT) topic.messages.shift();
    return { messageId };
  };

  const operation: Operation<PublishCommandInput, Omit<PublishCommandOutput, '$metadata'>> = {
    permissions: (input) => [
      { action: 'sns:Publish', resources: [input.TopicArn ?? input.TargetArn ?? '*'] },
    ],
    run: (input) => {
      refuseUnsupported(input);
      const published = {
        ...(input.Subject === undefined ? {} : { subject: input.Subject }),
        message: input.Message ?? '',
        attributes: readAttributes(input),
      };
      const { messageId } = keep(input.TopicArn ?? input.TargetArn, published);
      return { MessageId: messageId };
    },
  };

  return {
    operation,
    publish: (topicArn: string, notification: Notification) =>
      keep(topicArn, { ...notification, attributes: {} }),
  };
}

function refuseUnsupported(input: PublishCommandInput): void {
  if (input.PhoneNumber !== undefined) {
    throw invalidParameter('PhoneNumber Reason: text messages are not sent in this region');
  }
  if (input.TopicArn !== undefined && input.TargetArn !== undefined) {
    throw invalidParameter('TopicArn or TargetArn Reason: only one of them may be given');
  }
  if (input.TopicArn === undefined && input.TargetArn === undefined) {
    throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  }
  if (input.MessageDeduplicationId !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter ' +
        'that is not valid for this topic type',
    );
  }
  if (input.MessageStructure !== undefined) checkStructure(input);
}

/** A structured message is JSON with a text for each protocol and one for all others. */
function checkStructure(input: PublishCommandInput): void {
  if (input.MessageStructure !== 'json') throw invalidParameter('MessageStructure');
  const reason = 'Message Structure - ';
  let parsed: unknown;
  try {
    parsed = JSON.parse(input.Message ?? '');
  } catch {
    throw invalidParameter(`${reason}JSON message body failed to parse`);
  }
  const fallback = (parsed as { default?: unknown } | null)?.default;
  if (typeof fallback !== 'string') {
    throw invalidParameter(`${reason}No default entry in JSON message body`);
  }
}

function readAttributes(input: PublishCommandInput): Record<string, string> {
  return Object.fromEntries(
    Object.entries(input.MessageAttributes ?? {}).map(([name, attribute]) => {
      const value = attribute.StringValue;
      if (value === undefined || value === '') {
        throw invalidParameter(
          `The message attribute '${name}' must contain non-empty message attribute value.`,
        );
      }
      return [name, value];
    }),
  );
}

function check(published: Pick<PublishedMessage, 'subject' | 'message' | 'attributes'>): void {
  const { subject, message } = published;
  if (message === '') throw invalidParameter('Empty message');
  if (subject !== undefined && !SUBJECT.test(subject)) throw invalidParameter('Subject');
  const attributes = Object.entries(published.attributes).flat().join('');
  if (Buffer.byteLength(message + attributes) > MESSAGE_LIMIT_BYTES) {
    throw invalidParameter('Message too long');
  }
}
