/**
 * Standard queues and the messages in them.
 * Not for: who may use a queue; see `queue-policy.ts`.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID, REGION_NAME, arn, type Kernel } from '../../kernel/kernel.ts';
import type { QueuePolicy } from './queue-policy.ts';
import type { QueueSettings } from './settings.ts';

/** A message attribute of the types that text goes into. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue: string;
}

/** One message, from its sending to its deletion. */
export interface StoredMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Who sent it: an ARN, or a service principal. */
  readonly senderId: string;
  /** Region time, epoch milliseconds. */
  readonly sentAt: number;
  /** Region time from which it can be received, epoch milliseconds. */
  visibleAt: number;
  /** Region time of its first receipt, epoch milliseconds; absent while nobody received it. */
  firstReceivedAt?: number;
  receiveCount: number;
  /** Receipts under which it can be deleted. */
  readonly receipts: Set<string>;
}

/** A queue and everything that belongs to it. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Region time, epoch milliseconds. */
  readonly createdAt: number;
  lastModifiedAt: number;
  settings: QueueSettings;
  /** Absent means that nobody but the account's own identities may use it. */
  policy?: QueuePolicy;
  /** Oldest first. */
  messages: StoredMessage[];
  /** Region time of the last action on it, epoch milliseconds. */
  touchedAt: number;
}

/** How many messages are where. */
export interface QueueCounts {
  /** Can be received. */
  readonly visible: number;
  /** Received and neither deleted nor visible again. */
  readonly inFlight: number;
  /** Sent with a delay that is not over. */
  readonly delayed: number;
}

/** URL of a queue by its name, as AWS writes it. */
export function queueUrl(name: string): string {
  return `https://sqs.${REGION_NAME}.amazonaws.com/${ACCOUNT_ID}/${name}`;
}

/** ARN of a queue by its name. */
export function queueArn(name: string): string {
  return arn('sqs', name);
}

/** Name of a queue by its URL; undefined when the URL is that of another account's queue. */
export function nameInUrl(url: string): string | undefined {
  return new RegExp(`^https?://[^/]+/${ACCOUNT_ID}/([\\w-]{1,80})$`).exec(url)?.[1];
}

/** @source https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html */
function missing(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

/** Keeps queues by name. */
export function createQueues(kernel: Kernel) {
  const queues = new Map<string, Queue>();
  const now = (): number => kernel.clock.now();

  /** Forgets what is older than the queue keeps it, and answers the queue. */
  const refresh = (queue: Queue): Queue => {
    const oldest = now() - queue.settings.messageRetentionSeconds * 1000;
    queue.messages = queue.messages.filter(({ sentAt }) => sentAt > oldest);
    return queue;
  };
  const require = (name: string | undefined): Queue => {
    const queue = queues.get(name ?? '');
    if (!queue) throw missing();
    queue.touchedAt = now();
    return refresh(queue);
  };

  return {
    find: (name: string): Queue | undefined => queues.get(name),
    /** @throws AwsError QueueDoesNotExist */
    requireName: (name: string | undefined): Queue => require(name),
    /** @throws AwsError QueueDoesNotExist */
    requireUrl: (url: string | undefined): Queue => require(nameInUrl(url ?? '')),
    /** @throws AwsError QueueDoesNotExist */
    requireArn: (text: string): Queue =>
      require([...queues.values()].find((queue) => queue.arn === text)?.name),
    add: (name: string, settings: QueueSettings): Queue => {
      const at = now();
      const queue: Queue = {
        name,
        arn: queueArn(name),
        url: queueUrl(name),
        createdAt: at,
        lastModifiedAt: at,
        settings,
        messages: [],
        touchedAt: at,
      };
      queues.set(name, queue);
      return queue;
    },
    counts: (queue: Queue): QueueCounts => {
      const hidden = refresh(queue).messages.filter(({ visibleAt }) => visibleAt > now());
      const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
      return {
        visible: queue.messages.length - hidden.length,
        inFlight,
        delayed: hidden.length - inFlight,
      };
    },
  };
}

/** The queues of the account. */
export type Queues = ReturnType<typeof createQueues>;
