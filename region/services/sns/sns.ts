/**
 * Simple Notification Service: standard topics that keep what was published to them, so that a
 * rehearsal can read the messages which people would have been sent.
 * Not for: delivery. Subscriptions are recorded and nothing is sent to them; FIFO topics, text
 * messages to phones and mobile endpoints are refused.
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import { createPublishing } from './publishing.ts';
import type { Notification, PublishedMessage } from './publishing.ts';
import { createSubscriptionOperations } from './subscriptions.ts';
import { createTopicOperations } from './topic-operations.ts';
import { createTopics } from './topics.ts';

/** SNS, as the rest of the region sees it. */
export interface Sns {
  readonly service: Service;
  /** Publishes for another service. @throws AwsError NotFound, InvalidParameter */
  publish(topicArn: string, notification: Notification): { readonly messageId: string };
  /** What was published to a topic, oldest first; empty when there is no such topic. */
  messages(topicArn: string): readonly PublishedMessage[];
}

/** Starts a notification service without topics. */
export function createSns({ kernel }: { kernel: Kernel }): Sns {
  const topics = createTopics();
  const publishing = createPublishing({ kernel, topics });
  return {
    service: {
      name: 'sns',
      operations: {
        ...createTopicOperations({ topics }),
        ...createSubscriptionOperations({ kernel, topics }),
        Publish: publishing.operation,
      },
    },
    publish: publishing.publish,
    messages: (topicArn) => topics.find(topicArn)?.messages ?? [],
  };
}
