/**
 * Sending, receiving and deleting messages.
 * Not for: batches, changed timeouts and purges, which the region does not have.
 */
import { createHash } from 'node:crypto';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { MessageAttribute, Queue, StoredMessage } from './queues.ts';

/** Names of attributes. @source https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const ATTRIBUTE_NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;

/** Attributes of one message; same source. */
const ATTRIBUTES_MAX = 10;

/** Code points that a message may have. @source API_SendMessage */
const ALLOWED_TEXT = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u;

/** What is sent. */
export interface Sending {
  readonly body: string;
  /** Absent means none. */
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
  /** Seconds, 0 to 900; absent means what the queue says. */
  readonly delaySeconds?: number | undefined;
  readonly senderId: string;
}

/** @throws AwsError InvalidMessageContents, InvalidParameterValue */
export function send(kernel: Kernel, queue: Queue, sending: Sending): StoredMessage {
  const { body, attributes = {}, senderId } = sending;
  check(queue, body, attributes);
  const at = kernel.clock.now();
  const delaySeconds = sending.delaySeconds ?? queue.settings.delaySeconds;
  if (delaySeconds > 900) throw invalidParameter(`Value ${delaySeconds} for DelaySeconds`);
  const message: StoredMessage = {
    messageId: [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-'),
    body,
    attributes,
    senderId,
    sentAt: at,
    visibleAt: at + delaySeconds * 1000,
    receiveCount: 0,
    receipts: new Set(),
  };
  queue.messages.push(message);
  return message;
}

function check(
  queue: Queue,
  body: string,
  attributes: Readonly<Record<string, MessageAttribute>>,
): void {
  if (!ALLOWED_TEXT.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'The message contains characters outside the allowed set, or nothing at all.',
    );
  }
  const entries = Object.entries(attributes);
  const wrong = entries.find(([name, { StringValue }]) => {
    return !ATTRIBUTE_NAME.test(name) || StringValue === '';
  });
  if (wrong) throw invalidParameter(`The message attribute '${wrong[0]}'`);
  if (entries.length > ATTRIBUTES_MAX) {
    throw invalidParameter(`Number of message attributes [${entries.length}]`);
  }
  const size = entries.reduce(
    (sum, [name, { DataType, StringValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue),
    Buffer.byteLength(body),
  );
  const { maximumMessageSize } = queue.settings;
  if (size <= maximumMessageSize) return;
  throw new AwsError(
    'InvalidParameterValue',
    `One or more parameters are invalid. Reason: Message must be shorter than ${maximumMessageSize} bytes.`,
  );
}

/** Takes messages that can be received, oldest first, and hides them for a while. */
export function receive(
  kernel: Kernel,
  queue: Queue,
  wish: { readonly count: number; readonly visibilitySeconds?: number | undefined },
): readonly { readonly message: StoredMessage; readonly receipt: string }[] {
  const now = kernel.clock.now();
  const hiddenSeconds = wish.visibilitySeconds ?? queue.settings.visibilityTimeoutSeconds;
  const ready = queue.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, wish.count);
  return ready.map((message) => {
    const receipt = Buffer.from(kernel.hex(48)).toString('base64');
    message.visibleAt = now + hiddenSeconds * 1000;
    message.firstReceivedAt ??= now;
    message.receiveCount += 1;
    message.receipts.add(receipt);
    return { message, receipt };
  });
}

/** Deletes a message by a receipt; one that is gone already is deleted again. @throws AwsError */
export function remove(queue: Queue, receipt: string): void {
  if (!/^[A-Za-z0-9+/]{64}$/.test(receipt)) {
    throw new AwsError(
      'ReceiptHandleIsInvalid',
      `The input receipt handle "${receipt}" is not a valid receipt handle.`,
    );
  }
  queue.messages = queue.messages.filter(({ receipts }) => !receipts.has(receipt));
}

/** Digest of a body, which clients compare with their own. */
export function bodyDigest(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

/**
 * Digest of attributes; undefined when there are none.
 * @source https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function attributesDigest(
  attributes: Readonly<Record<string, MessageAttribute>>,
): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (text: string): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    hash.update(length).update(text);
  };
  for (const name of names) {
    const { DataType, StringValue } = attributes[name] as MessageAttribute;
    add(name);
    add(DataType);
    // 1 stands for text.
    hash.update(Buffer.from([1]));
    add(StringValue);
  }
  return hash.digest('hex');
}

function invalidParameter(what: string): AwsError {
  return new AwsError(
    'InvalidParameterValue',
    `${what} is invalid. Reason: Must be within limits.`,
  );
}
