/**
 * Queues, and who may send to them.
 * Not for: FIFO queues and redrive policies, which are refused.
 */
import { asText, isObject } from '../json.ts';
import { TemplateProblem } from '../problem.ts';
import type { ResourceType } from '../resource-type.ts';

/** Characters of a queue's name. @source API_CreateQueue */
const NAME_LIMIT = 80;

/** Properties that CreateQueue takes as attributes of the same name. */
const ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];

/**
 * The types by their names in a template.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html
 */
export const SQS_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::SQS::Queue': {
    required: [],
    optional: ['QueueName', ...ATTRIBUTES],
    inert: ['Tags'],
    create: async (read, { targets, generateName }) => {
      const name = read.optionalText('QueueName') ?? generateName(NAME_LIMIT);
      const given = Object.entries(read.raw()).filter(([property]) =>
        ATTRIBUTES.includes(property),
      );
      const attributes = Object.fromEntries(
        given.map(([property, value]) => [property, asText(value, `${read.label}: ${property}`)]),
      );
      const { queueUrl, queueArn } = await targets.createQueue({ name, attributes });
      return { ref: queueUrl, attributes: { Arn: queueArn, QueueName: name, QueueUrl: queueUrl } };
    },
  },
  'AWS::SQS::QueuePolicy': {
    required: ['PolicyDocument', 'Queues'],
    optional: [],
    inert: [],
    create: async (read, { targets, generateName }) => {
      const document = read.raw()['PolicyDocument'];
      if (!isObject(document)) {
        throw new TemplateProblem(`${read.label}: PolicyDocument is no object.`);
      }
      for (const url of read.texts('Queues')) {
        // oxlint-disable-next-line no-await-in-loop -- the first refusal is the one to tell
        await targets.setQueuePolicy(url, JSON.stringify(document));
      }
      return { ref: generateName(NAME_LIMIT) };
    },
  },
};
