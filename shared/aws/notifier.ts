/**
 * Tells people by SNS what becomes of a deployment. Subscriptions can filter by the attributes.
 * @source https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Notifier } from '../ports/signals.ts';
import { call } from './call.ts';

/**
 * SNS takes subjects of up to 100 ASCII characters without line breaks.
 * @source https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const SUBJECT_LENGTH_MAX = 100;

/** Makes the notifier of one topic. */
export function createNotifier(client: SNSClient, topicArn: string): Notifier {
  return {
    async publish({ subject, body, service, event }) {
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: toSubject(subject),
        Message: JSON.stringify(body, undefined, 2),
        MessageAttributes: { service: attribute(service), event: attribute(event) },
      });
      await call('Publish', topicArn, () => client.send(command));
    },
  };
}

const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });

/**
 * Makes a text fit for a subject: what SNS would refuse becomes a question mark or is cut off.
 * @example toSubject('web: 100 % → green') // 'web: 100 % ? green'
 */
export function toSubject(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[^\u0020-\u007e]/gu, '?')
    .trim();
  if (line.length <= SUBJECT_LENGTH_MAX) return line;
  return `${line.slice(0, SUBJECT_LENGTH_MAX - 3).trimEnd()}...`;
}
