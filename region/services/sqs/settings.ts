/**
 * What can be set about a queue, by the names that SetQueueAttributes and templates use.
 * Not for: FIFO queues, redrive policies and keys of the customer, which are refused.
 */
import { AwsError } from '../../kernel/aws-error.ts';

/** A queue's settings with every default filled in. */
export interface QueueSettings {
  /** 0 to 900 seconds. */
  readonly delaySeconds: number;
  /** Bytes, 1,024 to 1,048,576. */
  readonly maximumMessageSize: number;
  /** 60 seconds to 14 days. */
  readonly messageRetentionSeconds: number;
  /** 0 to 20 seconds. */
  readonly receiveWaitSeconds: number;
  /** 0 seconds to 12 hours. */
  readonly visibilityTimeoutSeconds: number;
  /** Encryption at rest with SQS's own key. */
  readonly isEncrypted: boolean;
}

/** Attributes that can be set, as text. */
export type GivenAttributes = Readonly<Record<string, string>>;

interface NumberRule {
  readonly setting: Exclude<keyof QueueSettings, 'isEncrypted'>;
  readonly min: number;
  readonly max: number;
}

/** @source https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const NUMBERS: Readonly<Record<string, NumberRule>> = {
  DelaySeconds: { setting: 'delaySeconds', min: 0, max: 900 },
  MaximumMessageSize: { setting: 'maximumMessageSize', min: 1024, max: 1_048_576 },
  MessageRetentionPeriod: { setting: 'messageRetentionSeconds', min: 60, max: 1_209_600 },
  ReceiveMessageWaitTimeSeconds: { setting: 'receiveWaitSeconds', min: 0, max: 20 },
  VisibilityTimeout: { setting: 'visibilityTimeoutSeconds', min: 0, max: 43_200 },
};

/** What a queue has that was given nothing; same source. */
export const DEFAULT_SETTINGS: QueueSettings = {
  delaySeconds: 0,
  maximumMessageSize: 1_048_576,
  messageRetentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  visibilityTimeoutSeconds: 30,
  isEncrypted: true,
};

/**
 * Reads attributes over the settings so far; `Policy` is not among them.
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue
 */
export function readSettings(given: GivenAttributes, before: QueueSettings): QueueSettings {
  const changes = Object.entries(given)
    .filter(([name]) => name !== 'Policy')
    .map(([name, value]) => readSetting(name, value));
  return Object.assign({}, before, ...changes) as QueueSettings;
}

function readSetting(name: string, value: string): Partial<QueueSettings> {
  if (name === 'SqsManagedSseEnabled') {
    if (!/^(true|false)$/.test(value)) throw invalidValue(name);
    return { isEncrypted: value === 'true' };
  }
  const rule = NUMBERS[name];
  if (!rule) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  const number = Number(value);
  const isValid = /^\d+$/.test(value) && number >= rule.min && number <= rule.max;
  if (!isValid) throw invalidValue(name);
  return { [rule.setting]: number };
}

/** SQS's answer to an attribute whose value cannot be. */
export function invalidValue(name: string): AwsError {
  return new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
}

/** Settings as GetQueueAttributes tells them. */
export function writeSettings(settings: QueueSettings): Record<string, string> {
  const numbers = Object.entries(NUMBERS).map(([name, { setting }]) => [
    name,
    String(settings[setting]),
  ]);
  return {
    ...(Object.fromEntries(numbers) as Record<string, string>),
    SqsManagedSseEnabled: String(settings.isEncrypted),
  };
}
