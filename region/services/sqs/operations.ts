/**
 * SQS's public operations.
 * Not for: services of the region that send; see `sqs.ts`.
 */
import type * as sqs from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import { attributesDigest, bodyDigest, receive, remove, send } from './messages.ts';
import { readPolicy } from './queue-policy.ts';
import { nameInUrl, queueArn } from './queues.ts';
import type { MessageAttribute, Queue, Queues, StoredMessage } from './queues.ts';
import { DEFAULT_SETTINGS, readSettings, writeSettings } from './settings.ts';
import type { GivenAttributes } from './settings.ts';

type Answer<Output extends { $metadata: unknown }> = Omit<Output, '$metadata'>;

/** Messages of one answer. @source API_ReceiveMessage */
const RECEIVE_MAX = 10;

/** Members whose meaning the region does not have. */
const UNSUPPORTED = [
  'MessageDeduplicationId',
  'MessageGroupId',
  'MessageSystemAttributes',
] as const;

interface OperationDependencies {
  readonly kernel: Kernel;
  readonly queues: Queues;
  /** Told of every queue that comes into being or is used. */
  readonly onUse: (queue: Queue) => void;
}

/** The operations over the account's queues. */
export function createOperations(dependencies: OperationDependencies): Record<string, Operation> {
  const { queues, onUse } = dependencies;
  const used = (queue: Queue): Queue => {
    onUse(queue);
    return queue;
  };
  const byUrl = (url: string | undefined): Queue => used(queues.requireUrl(url));
  return {
    ...queueOperations(dependencies, used, byUrl),
    ...messageOperations(dependencies, byUrl),
  };
}

type ByUrl = (url: string | undefined) => Queue;

function queueOperations(
  { kernel, queues }: OperationDependencies,
  used: (queue: Queue) => Queue,
  byUrl: ByUrl,
): Record<string, Operation> {
  return {
    CreateQueue: {
      permissions: ({ QueueName }: sqs.CreateQueueCommandInput) => [
        { action: 'sqs:CreateQueue', resources: [queueArn(QueueName ?? '')] },
      ],
      run: (input: sqs.CreateQueueCommandInput): Answer<sqs.CreateQueueCommandOutput> => {
        refuseTags(input.tags);
        return { QueueUrl: used(createQueue(queues, input)).url };
      },
    },
    GetQueueUrl: {
      permissions: ({ QueueName }: sqs.GetQueueUrlCommandInput) => [
        { action: 'sqs:GetQueueUrl', resources: [queueArn(QueueName ?? '')] },
      ],
      run: ({ QueueName }: sqs.GetQueueUrlCommandInput) => ({
        QueueUrl: used(queues.requireName(QueueName)).url,
      }),
    },
    GetQueueAttributes: {
      permissions: onQueue('sqs:GetQueueAttributes'),
      run: (input: sqs.GetQueueAttributesCommandInput) =>
        describe(byUrl(input.QueueUrl), queues, input.AttributeNames ?? []),
    },
    SetQueueAttributes: {
      permissions: onQueue('sqs:SetQueueAttributes'),
      run: (input: sqs.SetQueueAttributesCommandInput) => {
        const queue = byUrl(input.QueueUrl);
        setAttributes(queue, input.Attributes ?? {});
        queue.lastModifiedAt = kernel.clock.now();
        return {};
      },
    },
  };
}

function messageOperations(
  { kernel }: OperationDependencies,
  byUrl: ByUrl,
): Record<string, Operation> {
  return {
    SendMessage: {
      permissions: onQueue('sqs:SendMessage'),
      run: (input: sqs.SendMessageCommandInput, { caller }) => {
        const queue = byUrl(input.QueueUrl);
        return sendMessage(kernel, queue, { ...input, senderId: caller.arn });
      },
    },
    ReceiveMessage: {
      permissions: onQueue('sqs:ReceiveMessage'),
      run: (input: sqs.ReceiveMessageCommandInput) => {
        const count = input.MaxNumberOfMessages ?? 1;
        if (!(count >= 1 && count <= RECEIVE_MAX)) {
          throw new AwsError(
            'InvalidParameterValue',
            `Value ${count} for parameter MaxNumberOfMessages is invalid. ` +
              `Reason: Must be between 1 and ${RECEIVE_MAX}, if provided.`,
          );
        }
        const wish = { count, visibilitySeconds: input.VisibilityTimeout };
        const received = receive(kernel, byUrl(input.QueueUrl), wish);
        return received.length === 0
          ? {}
          : { Messages: received.map((one) => describeMessage(one, input)) };
      },
    },
    DeleteMessage: {
      permissions: onQueue('sqs:DeleteMessage'),
      run: (input: sqs.DeleteMessageCommandInput) => {
        remove(byUrl(input.QueueUrl), input.ReceiptHandle ?? '');
        return {};
      },
    },
  };
}

function onQueue(action: string): (input: { QueueUrl: string | undefined }) => Permission[] {
  return ({ QueueUrl }) => [{ action, resources: [queueArn(nameInUrl(QueueUrl ?? '') ?? '')] }];
}

function refuseTags(tags: Readonly<Record<string, string>> | undefined): void {
  if (!tags || Object.keys(tags).length === 0) return;
  throw new AwsError('UnsupportedOperation', 'The region keeps no tags of queues.');
}

/** Creating the same twice is one creation; with other attributes it is refused. */
function createQueue(queues: Queues, input: sqs.CreateQueueCommandInput): Queue {
  const { QueueName: name = '', Attributes: attributes = {} } = input;
  if (!/^[\w-]{1,80}$/.test(name)) {
    throw new AwsError(
      'InvalidParameterValue',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  const existing = queues.find(name);
  if (!existing) {
    const queue = queues.add(name, DEFAULT_SETTINGS);
    setAttributes(queue, attributes);
    return queue;
  }
  const kept = writeSettings(existing.settings);
  const other = Object.keys(attributes).find((key) => attributes[key as never] !== kept[key]);
  if (other === undefined) return existing;
  throw new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${other}`,
  );
}

function setAttributes(queue: Queue, attributes: GivenAttributes): void {
  queue.settings = readSettings(attributes, queue.settings);
  const { Policy: policy } = attributes;
  if (policy === '') delete queue.policy;
  else if (policy !== undefined) queue.policy = readPolicy(policy);
}

function describe(
  queue: Queue,
  queues: Queues,
  names: readonly string[],
): Answer<sqs.GetQueueAttributesCommandOutput> {
  const { visible, inFlight, delayed } = queues.counts(queue);
  const all: Record<string, string> = {
    ...writeSettings(queue.settings),
    ...(queue.policy && { Policy: queue.policy.text }),
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.lastModifiedAt / 1000)),
  };
  const wanted = Object.entries(all).filter(
    ([name]) => names.includes('All') || names.includes(name),
  );
  return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) };
}

function sendMessage(
  kernel: Kernel,
  queue: Queue,
  input: sqs.SendMessageCommandInput & { readonly senderId: string },
): Answer<sqs.SendMessageCommandOutput> {
  const unsupported = UNSUPPORTED.find((member) => input[member] !== undefined);
  if (unsupported) {
    throw new AwsError(
      'InvalidParameterValue',
      `The request include parameter ${unsupported} that is not valid for this queue type`,
    );
  }
  const message = send(kernel, queue, {
    body: input.MessageBody ?? '',
    attributes: readAttributes(input.MessageAttributes ?? {}),
    delaySeconds: input.DelaySeconds,
    senderId: input.senderId,
  });
  const attributes = attributesDigest(message.attributes);
  return {
    MessageId: message.messageId,
    MD5OfMessageBody: bodyDigest(message.body),
    ...(attributes !== undefined && { MD5OfMessageAttributes: attributes }),
  };
}

function readAttributes(
  given: Readonly<Record<string, sqs.MessageAttributeValue>>,
): Readonly<Record<string, MessageAttribute>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, { DataType = '', StringValue }]) => {
      if (!/^(?:String|Number)(?:\..+)?$/.test(DataType) || StringValue === undefined) {
        throw new AwsError(
          'InvalidParameterValue',
          `The message attribute '${name}' is of a type that the region does not keep.`,
        );
      }
      return [name, { DataType, StringValue }];
    }),
  );
}

function describeMessage(
  { message, receipt }: { message: StoredMessage; receipt: string },
  input: sqs.ReceiveMessageCommandInput,
): sqs.Message {
  const wanted = (input.MessageAttributeNames ?? []).map((name) => name.replace(/\.?\*$/, ''));
  const isAll = wanted.some((name) => name === 'All' || name === '');
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => isAll || wanted.includes(name)),
  );
  const digest = attributesDigest(attributes);
  const system = systemAttributes(message, [
    ...(input.AttributeNames ?? []),
    ...(input.MessageSystemAttributeNames ?? []),
  ]);
  return {
    MessageId: message.messageId,
    ReceiptHandle: receipt,
    Body: message.body,
    MD5OfBody: bodyDigest(message.body),
    ...(digest !== undefined && { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
    ...(Object.keys(system).length > 0 && { Attributes: system }),
  };
}

function systemAttributes(
  message: StoredMessage,
  names: readonly string[],
): Readonly<Record<string, string>> {
  const all = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name)),
  );
}
