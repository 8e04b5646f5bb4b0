/** Events that nobody could handle, as EventBridge and Lambda leave them in a queue. */
import type { Target } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { createIdentities } from '../../region/iam/identities.ts';
import { AwsError } from '../../region/kernel/aws-error.ts';
import { createEventBridge } from '../../region/services/eventbridge/eventbridge.ts';
import { createLambda } from '../../region/services/lambda/lambda.ts';
import { createSqs } from '../../region/services/sqs/sqs.ts';
import { createTestRegion, run } from './monitoring-region.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:letters';
const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/letters';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:on-alarm';
const RULE = 'arn:aws:events:us-east-1:000000000000:rule/alarms';
const ROLE = 'arn:aws:iam::000000000000:role/on-alarm';
const ALARM = {
  source: 'aws.cloudwatch',
  detailType: 'CloudWatch Alarm State Change',
  resources: [],
  detail: { alarmName: 'green' },
};

interface Letter {
  readonly body: Record<string, unknown>;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A function that always fails, a queue that lets in rules, and whatever role is given. */
async function createRegion(actions: readonly string[] = ['sqs:SendMessage']) {
  const region = createTestRegion();
  const { kernel } = region;
  const identities = createIdentities();
  identities.addRole({
    arn: ROLE,
    trust: ['lambda.amazonaws.com'],
    policies: actions.map((Action) => ({
      Statement: [{ Effect: 'Allow', Action, Resource: QUEUE }],
    })),
  });
  const { service, queues } = createSqs({ kernel, identities });
  const lambda = createLambda({ kernel, identities, queues, endpointUrl: () => '' });
  const bridge = createEventBridge({
    kernel,
    queues,
    functions: lambda.functions,
    executions: {
      start: () => {
        throw new AwsError('ThrottlingException', 'Rate exceeded');
      },
    },
  });
  lambda.addFunction({
    name: 'on-alarm',
    roleArn: ROLE,
    invoke: () => Promise.reject(new Error('still broken')),
  });
  const Policy = JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: QUEUE,
      },
    ],
  });
  await run(service, 'CreateQueue', { QueueName: 'letters', Attributes: { Policy } });
  return {
    ...region,
    lambda,
    deliver: (target: Partial<Target> = {}) => {
      const kept = { Id: 'one', Arn: FUNCTION, DeadLetterConfig: { Arn: QUEUE }, ...target };
      const eventPattern = { source: ['aws.cloudwatch'] };
      bridge.addRule({ name: 'alarms', eventPattern, targets: [kept] });
      bridge.deliver(ALARM);
    },
    letIn: () =>
      lambda.addPermission({
        FunctionName: 'on-alarm',
        StatementId: 'rules',
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      }),
    letters: async (): Promise<readonly Letter[]> => {
      const wish = { QueueUrl: QUEUE_URL, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
      const { Messages = [] } = await run<{
        Messages?: {
          Body: string;
          MessageAttributes?: Record<string, { StringValue: string }>;
        }[];
      }>(service, 'ReceiveMessage', wish);
      return Messages.map(({ Body, MessageAttributes = {} }) => ({
        body: JSON.parse(Body) as Record<string, unknown>,
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
        ),
      }));
    },
  };
}

describe('an event that EventBridge cannot deliver', () => {
  it('is in the queue of its target at once when the target may not be called', async () => {
    const region = await createRegion();
    region.deliver();
    await region.advance(2);
    const [letter] = await region.letters();
    expect(letter?.body).toMatchObject({ source: 'aws.cloudwatch', detail: ALARM.detail });
    expect(letter?.attributes).toEqual({
      RULE_ARN: RULE,
      TARGET_ARN: FUNCTION,
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: expect.stringMatching(/not authorized to perform: lambda:InvokeFunction/),
      RETRY_ATTEMPTS: '0',
    });
  });

  it('is there after the last retry, and says what ended the retries', async () => {
    const region = await createRegion();
    region.deliver({
      Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:deploy',
      RoleArn: ROLE,
      RetryPolicy: { MaximumRetryAttempts: 2 },
    });
    await region.advance(60);
    const [letter, ...others] = await region.letters();
    expect(others).toEqual([]);
    expect(letter?.attributes).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    });
  });

  it('is tried for a day unless the target says otherwise', async () => {
    const region = await createRegion();
    region.deliver({
      Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:deploy',
      RoleArn: ROLE,
    });
    await region.advance(12 * 3600);
    expect(await region.letters()).toEqual([]);
    await region.advance(13 * 3600);
    expect(await region.letters()).toMatchObject([
      { attributes: { EXHAUSTED_RETRY_CONDITION: expect.stringMatching(/^Maximum/) } },
    ]);
  });

  it('is simply gone when its target has no queue', async () => {
    const region = await createRegion();
    region.deliver({ DeadLetterConfig: undefined });
    await region.advance(60);
    expect(await region.letters()).toEqual([]);
  });
});

describe('an event on which the function fails to the end', () => {
  it('is in the destination with what the function answered', async () => {
    const region = await createRegion();
    region.letIn();
    region.lambda.setEventRetries('on-alarm', { onFailureArn: QUEUE });
    region.deliver();
    await region.advance(170);
    expect(await region.letters()).toEqual([]);
    await region.advance(20);
    const [letter, ...others] = await region.letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      attributes: {},
      body: {
        version: '1.0',
        requestContext: {
          functionArn: `${FUNCTION}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { source: 'aws.cloudwatch', detail: ALARM.detail },
        responseContext: {
          statusCode: 200,
          executedVersion: '$LATEST',
          functionError: 'Unhandled',
        },
        responsePayload: { errorMessage: 'still broken' },
      },
    });
  });

  it('needs a role that may send, which Lambda asks for beforehand', async () => {
    const { lambda } = await createRegion([]);
    expect(() => lambda.setEventRetries('on-alarm', { onFailureArn: QUEUE })).toThrow(
      /does not have permissions to call SendMessage/,
    );
  });
});
