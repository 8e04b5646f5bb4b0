/**
 * Tells people by SNS how a deployment ended.
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
    async publish({ subject, body }) {
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: toSubject(subject),
        Message: JSON.stringify(body, undefined, 2),
      });
      await call('Publish', topicArn, () => client.send(command));
    },
  };
}

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
