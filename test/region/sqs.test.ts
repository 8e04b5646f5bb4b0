/** Queues, by a stock client: what is sent, received, deleted, refused and measured. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SQSClient,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createRegion, type Region } from '../../region/region.ts';
import { createCloudWatchClient } from '../../shared/aws/clients.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/letters';

let opened: Region | undefined;
afterEach(() => opened?.stop());

function open() {
  const clock = createVirtualClock({ start: START });
  const region = createRegion({ clock });
  opened = region;
  const connection = {
    region: 'us-east-1',
    endpoint: 'http://in-process',
    credentials: region.administrator,
    requestHandler: region.endpoint.requestHandler as never,
  };
  const sqs = new SQSClient({ ...connection, maxAttempts: 1 });
  const receive = async (
    wish: Partial<ReceiveMessageCommandInput> = {},
  ): Promise<readonly Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: URL, ...wish }))).Messages ?? [];
  return {
    clock,
    region,
    sqs,
    receive,
    cloudWatch: createCloudWatchClient(connection),
    create: (attributes = {}) =>
      sqs.send(new CreateQueueCommand({ QueueName: 'letters', Attributes: attributes })),
    send: (body: string, more = {}) =>
      sqs.send(new SendMessageCommand({ QueueUrl: URL, MessageBody: body, ...more })),
    attributes: async () => {
      const command = new GetQueueAttributesCommand({ QueueUrl: URL, AttributeNames: ['All'] });
      return (await sqs.send(command)).Attributes ?? {};
    },
  };
}

describe('a queue', () => {
  it('is made once, and not again with other attributes', async () => {
    const { create, sqs } = open();
    expect((await create({ VisibilityTimeout: '60' })).QueueUrl).toBe(URL);
    expect((await create({ VisibilityTimeout: '60' })).QueueUrl).toBe(URL);
    await expect(create({ VisibilityTimeout: '61' })).rejects.toMatchObject({
      name: 'QueueNameExists',
    });
    const found = await sqs.send(new GetQueueUrlCommand({ QueueName: 'letters' }));
    expect(found.QueueUrl).toBe(URL);
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'other' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  it.each([
    ['a retention of more than 14 days', { MessageRetentionPeriod: '1209601' }],
    ['a timeout that is no number', { VisibilityTimeout: 'long' }],
    ['a policy that is no JSON', { Policy: 'everybody' }],
  ])('refuses %s', async (_what, attributes) => {
    await expect(open().create(attributes)).rejects.toMatchObject({
      name: 'InvalidAttributeValue',
    });
  });

  it('is encrypted with a key of SQS unless it is told otherwise', async () => {
    const { create, attributes } = open();
    await create();
    expect(await attributes()).toMatchObject({ SqsManagedSseEnabled: 'true' });
  });
});

describe('a message', () => {
  it('is hidden from others once it was received, and back when nobody deleted it', async () => {
    const { create, send, receive, attributes, clock } = open();
    await create();
    await send('one');
    const [message] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'one',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(START) },
    });
    expect(await receive()).toEqual([]);
    expect(await attributes()).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '1',
    });
    await clock.runUntil(clock.sleep(30_000));
    expect(await receive()).toHaveLength(1);
  });

  it('is gone once it was deleted, and deleting it again is harmless', async () => {
    const { create, send, receive, sqs, clock } = open();
    await create();
    await send('one');
    const [message] = await receive();
    const receipt = new DeleteMessageCommand({
      QueueUrl: URL,
      ReceiptHandle: message?.ReceiptHandle,
    });
    await sqs.send(receipt);
    await sqs.send(receipt);
    await clock.runUntil(clock.sleep(60_000));
    expect(await receive()).toEqual([]);
    const forged = new DeleteMessageCommand({ QueueUrl: URL, ReceiptHandle: 'forged' });
    await expect(sqs.send(forged)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  it('tells its attributes to those who ask, with the digest that AWS computes', async () => {
    const { create, send, receive } = open();
    await create();
    const MessageAttributes = { RULE: { DataType: 'String', StringValue: 'alarms' } };
    const { MD5OfMessageAttributes } = await send('one', { MessageAttributes });
    // Of 4 bytes of length and the text, for name and type, a 1, and the same for the value.
    expect(MD5OfMessageAttributes).toBe('89aba92e3e4d6d680bf695fa53da32e4');
    expect((await receive({ VisibilityTimeout: 0 }))[0]?.MessageAttributes).toBeUndefined();
    expect((await receive({ MessageAttributeNames: ['All'] }))[0]).toMatchObject({
      MessageAttributes,
      MD5OfMessageAttributes,
    });
  });

  it('is forgotten after the time for which the queue keeps messages', async () => {
    const { create, send, receive, clock } = open();
    await create({ MessageRetentionPeriod: '60' });
    await send('one');
    await clock.runUntil(clock.sleep(60_000));
    expect(await receive()).toEqual([]);
  });

  it('is refused when it is too long, empty, or of a queue that is not there', async () => {
    const { create, send } = open();
    await expect(send('one')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await create({ MaximumMessageSize: '1024' });
    await expect(send('x'.repeat(1025))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(send('')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
  });
});

it('tells CloudWatch every minute how many messages can be received, while it is active', async () => {
  const { create, send, clock, cloudWatch } = open();
  await create();
  await send('one');
  const lastPoints = async () => {
    const command = new GetMetricDataCommand({
      StartTime: new Date(clock.now() - 3 * 60_000),
      EndTime: new Date(clock.now()),
      MetricDataQueries: [
        {
          Id: 'visible',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateNumberOfMessagesVisible',
              Dimensions: [{ Name: 'QueueName', Value: 'letters' }],
            },
            Period: 60,
            Stat: 'Maximum',
          },
        },
      ],
    });
    return (await cloudWatch.send(command)).MetricDataResults?.[0]?.Values;
  };
  const day = 86_400_000;
  await clock.runUntil(clock.sleep(day));
  expect(await lastPoints()).toEqual([1, 1]);
  // Messages are kept for four days, and the queue was not touched since.
  await clock.runUntil(clock.sleep(4 * day));
  expect(await lastPoints()).toEqual([]);
});

it('lets in a service on behalf of the rules that its policy names, and no other', async () => {
  const { create, sqs, region, receive } = open();
  await create();
  const rules = 'arn:aws:events:us-east-1:000000000000:rule/';
  const send = (sourceArn: string, principal = 'events.amazonaws.com') =>
    region.queues.send({
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:letters',
      body: 'one',
      caller: { type: 'service', principal, sourceArn },
    });
  expect(() => send(`${rules}teal-alarms`)).toThrow(/is denied/);
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:us-east-1:000000000000:letters',
        Condition: { ArnLike: { 'aws:SourceArn': `${rules}teal-*` } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: URL, Attributes: { Policy } }));
  send(`${rules}teal-alarms`);
  expect(() => send(`${rules}other`)).toThrow(/is denied/);
  expect(() => send(`${rules}teal-alarms`, 'sns.amazonaws.com')).toThrow(/is denied/);
  expect(await receive({ MaxNumberOfMessages: 10 })).toHaveLength(1);
});
