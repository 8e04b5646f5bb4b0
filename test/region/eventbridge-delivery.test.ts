import type {
  DescribeRuleCommandOutput,
  ListTargetsByRuleCommandOutput,
  PutEventsCommandOutput,
  RemoveTargetsCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import type { Invoked } from '../../region/kernel/contracts.ts';
import { createEventBridge } from '../../region/services/eventbridge/eventbridge.ts';
import type { EventBridgeOptions } from '../../region/services/eventbridge/eventbridge.ts';
import { createSns } from '../../region/services/sns/sns.ts';
import { createFixture } from './lambda/fixture.ts';
import { START, createTestRegion, permissionsOf, refusal, run } from './monitoring-region.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:on-alarm-change';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:deploy';
const ROLE = 'arn:aws:iam::000000000000:role/events';
const RULE = 'arn:aws:events:us-east-1:000000000000:rule/alarms';

const ALARM = {
  source: 'aws.cloudwatch',
  detailType: 'CloudWatch Alarm State Change',
  resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:green'],
  detail: { alarmName: 'green', state: { value: 'ALARM' } },
};

interface Invocation {
  readonly at: number;
  readonly payload: Record<string, unknown>;
  readonly caller: unknown;
  readonly invocationType: unknown;
}

function createRegion(
  options: {
    answers?: (() => Invoked)[];
    faults?: EventBridgeOptions['deliveryFaults'];
  } = {},
) {
  const region = createTestRegion();
  const invocations: Invocation[] = [];
  const started: { stateMachineArn: string; input: string; roleArn: string }[] = [];
  const answers = [...(options.answers ?? [])];
  const sns = createSns({ kernel: region.kernel });
  const bridge = createEventBridge({
    kernel: region.kernel,
    functions: {
      invoke: async ({ payload, caller, invocationType }) => {
        const parsed = JSON.parse(payload) as Record<string, unknown>;
        invocations.push({ at: region.clock.now(), payload: parsed, caller, invocationType });
        return answers.shift()?.() ?? { payload: 'null' };
      },
    },
    executions: {
      start: (execution) => {
        started.push(execution);
        return { executionArn: `${execution.stateMachineArn}:1` };
      },
    },
    sns,
    ...(options.faults ? { deliveryFaults: options.faults } : {}),
  });
  const addRule = (target: object = {}) =>
    bridge.addRule({
      name: 'alarms',
      eventPattern: { source: ['aws.cloudwatch'] },
      targets: [{ Id: 'one', Arn: FUNCTION, ...target }],
    });
  return { ...region, bridge, service: bridge.service, invocations, started, sns, addRule };
}

const refused = (code: string) => (): Invoked => {
  throw new AwsError(code, `refused with ${code}`);
};

describe('an event', () => {
  it('reaches the function of a matching rule a moment later, in its envelope', async () => {
    const region = createRegion();
    region.addRule();
    region.bridge.deliver(ALARM);
    expect(region.invocations).toEqual([]);
    await region.advance(2);
    expect(region.invocations).toHaveLength(1);
    const { payload, caller, at } = region.invocations[0]!;
    expect(payload).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account: '000000000000',
      time: '2026-01-05T12:00:00Z',
      region: 'us-east-1',
      resources: ALARM.resources,
      detail: ALARM.detail,
    });
    expect(caller).toEqual({
      type: 'service',
      principal: 'events.amazonaws.com',
      sourceArn: RULE,
    });
    expect(at).toBeGreaterThan(START);
  });

  it('does not reach the target of a disabled rule', async () => {
    const region = createRegion();
    region.addRule();
    await run(region.service, 'DisableRule', { Name: 'alarms' });
    region.bridge.deliver(ALARM);
    await region.advance(2);
    expect(region.invocations).toEqual([]);
  });

  it('can be lost on the way to one target', async () => {
    const region = createRegion({ faults: () => 'drop' });
    region.addRule();
    region.bridge.deliver(ALARM);
    await region.advance(5);
    expect(region.invocations).toEqual([]);
  });

  it('can arrive twice with the same id', async () => {
    const region = createRegion({ faults: () => 'duplicate' });
    region.addRule();
    region.bridge.deliver(ALARM);
    await region.advance(5);
    const ids = region.invocations.map(({ payload }) => payload['id']);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
  });

  it('is brought again when a function is throttled', async () => {
    const throttled = refused('TooManyRequestsException');
    const region = createRegion({ answers: [throttled, throttled] });
    region.addRule();
    region.bridge.deliver(ALARM);
    await region.advance(60);
    expect(region.invocations).toHaveLength(3);
    expect(region.bridge.deadLetters()).toEqual([]);
  });

  it('is given up at once when a function does not let EventBridge in', async () => {
    const region = createRegion({ answers: [refused('AccessDeniedException')] });
    const queue = 'arn:aws:sqs:us-east-1:000000000000:dead';
    region.addRule({ DeadLetterConfig: { Arn: queue } });
    region.bridge.deliver(ALARM);
    await region.advance(3600);
    expect(region.invocations).toHaveLength(1);
    expect(region.bridge.deadLetters()).toMatchObject([
      { errorCode: 'AccessDeniedException', retryAttempts: 0, queueArn: queue, ruleArn: RULE },
    ]);
  });

  it('is given up after the retries that the target allows', async () => {
    const throttled = refused('TooManyRequestsException');
    const region = createRegion({ answers: Array.from({ length: 9 }, () => throttled) });
    region.addRule({ RetryPolicy: { MaximumRetryAttempts: 3 } });
    region.bridge.deliver(ALARM);
    await region.advance(3600);
    expect(region.invocations).toHaveLength(4);
    expect(region.bridge.deadLetters()).toMatchObject([{ retryAttempts: 3 }]);
  });

  it('is brought for a day at most, and 185 times again at most', async () => {
    const throttled = refused('TooManyRequestsException');
    const region = createRegion({ answers: Array.from({ length: 500 }, () => throttled) });
    region.addRule();
    region.bridge.deliver(ALARM);
    await region.advance(3 * 86_400);
    expect(region.invocations.length).toBeGreaterThan(100);
    expect(region.invocations.length).toBeLessThanOrEqual(186);
    expect(region.invocations.at(-1)!.at).toBeLessThanOrEqual(START + 86_400_000);
    expect(region.bridge.deadLetters()).toHaveLength(1);
  });

  it('is handed to Lambda as an event, once: what follows is a matter of Lambda', async () => {
    const region = createRegion();
    region.addRule();
    region.bridge.deliver(ALARM);
    await region.advance(3600);
    expect(region.invocations.map(({ invocationType }) => invocationType)).toEqual(['Event']);
  });

  it('reaches a failing function as often as the function says, and is no dead letter', async () => {
    const region = createFixture();
    const attempts: number[] = [];
    region.lambda.addFunction({
      name: 'plan',
      invoke: () => {
        attempts.push(region.clock.now());
        return Promise.reject(new Error('still broken'));
      },
    });
    region.lambda.addPermission({
      FunctionName: 'plan',
      StatementId: 'alarms',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: RULE,
    });
    const bridge = createEventBridge({
      kernel: region.kernel,
      functions: region.lambda.functions,
      executions: { start: () => ({ executionArn: MACHINE }) },
    });
    const target = { Id: 'plan', Arn: 'arn:aws:lambda:us-east-1:000000000000:function:plan' };
    const eventPattern = { source: ['aws.cloudwatch'] };
    bridge.addRule({ name: 'alarms', eventPattern, targets: [target] });
    bridge.deliver(ALARM);
    await region.clock.runUntil(region.clock.sleep(3_600_000));
    const [first = 0, ...others] = attempts;
    expect(others.map((at) => Math.round((at - first) / 1000))).toEqual([60, 180]);
    expect(bridge.deadLetters()).toEqual([]);
  });

  it('starts an execution under the role of the target', async () => {
    const region = createRegion();
    region.addRule({ Arn: MACHINE, RoleArn: ROLE, InputPath: '$.detail' });
    region.bridge.deliver(ALARM);
    await region.advance(2);
    expect(region.started).toEqual([
      { stateMachineArn: MACHINE, roleArn: ROLE, input: JSON.stringify(ALARM.detail) },
    ]);
  });

  it('is published to a topic', async () => {
    const region = createRegion();
    const { TopicArn: topicArn } = await run<{ TopicArn: string }>(
      region.sns.service,
      'CreateTopic',
      { Name: 'pager' },
    );
    region.addRule({ Arn: topicArn, Input: '{"page":true}' });
    region.bridge.deliver(ALARM);
    await region.advance(2);
    expect(region.sns.messages(topicArn)).toMatchObject([{ message: '{"page":true}' }]);
  });
});

describe('an input transformer', () => {
  const paths = { name: '$.detail.alarmName', state: '$.detail.state', gone: '$.detail.gone' };

  async function transform(template: string): Promise<unknown> {
    const region = createRegion();
    region.addRule({ InputTransformer: { InputPathsMap: paths, InputTemplate: template } });
    region.bridge.deliver(ALARM);
    await region.advance(2);
    return region.invocations[0]?.payload;
  }

  it.each<[string, string, unknown]>([
    ['puts JSON in place of a variable', '{"a": <state>}', { a: { value: 'ALARM' } }],
    ['puts text inside quotes', '{"a": "<name> fired"}', { a: 'green fired' }],
    ['quotes text outside quotes', '{"a": <name>}', { a: 'green' }],
    ['makes a JSON text of plain words', '"<name> is bad"', 'green is bad'],
    ['leaves what is not there empty', '{"a": <gone>, "b": "<gone>"}', { a: '', b: '' }],
    ['knows the rule', '{"rule": <aws.events.rule-name>}', { rule: 'alarms' }],
  ])('%s', async (_, template, expected) => {
    expect(await transform(template)).toEqual(expected);
  });
});

it('runs a scheduled rule by the clock, until it is disabled', async () => {
  const region = createRegion();
  region.bridge.addRule({
    name: 'sweep',
    scheduleExpression: 'rate(5 minutes)',
    targets: [{ Id: 'one', Arn: FUNCTION }],
  });
  await region.advance(601);
  expect(region.invocations.map(({ payload }) => payload['time'])).toEqual([
    '2026-01-05T12:05:00Z',
    '2026-01-05T12:10:00Z',
  ]);
  expect(region.invocations[0]?.payload).toMatchObject({
    source: 'aws.events',
    'detail-type': 'Scheduled Event',
    resources: ['arn:aws:events:us-east-1:000000000000:rule/sweep'],
    detail: {},
  });
  await run(region.service, 'DisableRule', { Name: 'sweep' });
  await region.advance(3600);
  expect(region.invocations).toHaveLength(2);
});

describe('putting events', () => {
  const entry = { Source: 'shop', DetailType: 'Order', Detail: '{"id":1}' };

  it('takes the good entries and says which are bad', async () => {
    const { service } = createRegion();
    const answer = await run<PutEventsCommandOutput>(service, 'PutEvents', {
      Entries: [
        entry,
        { ...entry, Detail: '[1]' },
        { ...entry, Source: 'aws.ec2' },
        { ...entry, DetailType: undefined },
      ],
    });
    expect(answer.FailedEntryCount).toBe(3);
    expect(answer.Entries?.map((one) => one.ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'InvalidArgument',
    ]);
  });

  it('refuses eleven entries, and more than 256 KiB', async () => {
    const { service } = createRegion();
    const many = { Entries: Array.from({ length: 11 }, () => entry) };
    expect((await refusal(service, 'PutEvents', many)).message).toContain(
      "at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10",
    );
    const large = { Entries: [{ ...entry, Detail: JSON.stringify('x'.repeat(262_144)) }] };
    expect((await refusal(service, 'PutEvents', large)).message).toBe(
      'Total size of the entries in the request is over the limit.',
    );
  });
});

describe('rules', () => {
  const pattern = '{"source":["aws.ec2"]}';

  it.each<[string, string, object, string]>([
    ['without pattern and schedule', 'PutRule', {}, 'ValidationException'],
    ['with a bad pattern', 'PutRule', { EventPattern: '{"a":1}' }, 'InvalidEventPatternException'],
    [
      'with a bad schedule',
      'PutRule',
      { ScheduleExpression: 'rate(1 days)' },
      'ValidationException',
    ],
    ['with a bad name', 'PutRule', { Name: 'a b', EventPattern: pattern }, 'ValidationException'],
    [
      'on a bus that does not exist',
      'PutRule',
      { EventPattern: pattern, EventBusName: 'other' },
      'ResourceNotFoundException',
    ],
  ])('are refused %s', async (_, operation, input, code) => {
    const { service } = createRegion();
    expect((await refusal(service, operation, { Name: 'r', ...input })).code).toBe(code);
  });

  it('keep their targets when they are put again, and cannot be deleted with them', async () => {
    const region = createRegion();
    region.addRule();
    await run(region.service, 'PutRule', { Name: 'alarms', EventPattern: pattern });
    const { Targets: targets } = await run<ListTargetsByRuleCommandOutput>(
      region.service,
      'ListTargetsByRule',
      { Rule: 'alarms' },
    );
    expect(targets).toEqual([{ Id: 'one', Arn: FUNCTION }]);
    expect(await refusal(region.service, 'DeleteRule', { Name: 'alarms' })).toMatchObject({
      code: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    });
    const removed = await run<RemoveTargetsCommandOutput>(region.service, 'RemoveTargets', {
      Rule: 'alarms',
      Ids: ['one', 'two'],
    });
    expect(removed.FailedEntryCount).toBe(1);
    await run(region.service, 'DeleteRule', { Name: 'alarms' });
    await run(region.service, 'DeleteRule', { Name: 'alarms' });
    const gone = await refusal(region.service, 'DescribeRule', { Name: 'alarms' });
    expect(gone.message).toBe('Rule alarms does not exist on EventBus default.');
  });

  it('are described as they were put', async () => {
    const region = createRegion();
    const input = { Name: 'r', ScheduleExpression: 'rate(1 day)', State: 'DISABLED' };
    await run(region.service, 'PutRule', input);
    const rule = await run<DescribeRuleCommandOutput>(region.service, 'DescribeRule', {
      Name: 'r',
    });
    expect(rule).toMatchObject({ ...input, EventBusName: 'default' });
  });

  it.each<[string, object]>([
    ['that is no ARN', { Arn: 'on-alarm-change' }],
    ['that this region does not have', { Arn: 'arn:aws:sqs:us-east-1:000000000000:queue' }],
    ['that is a state machine without a role', { Arn: MACHINE }],
    ['with two kinds of input', { Input: '{}', InputPath: '$' }],
    ['with an input that is no JSON', { Input: 'hello' }],
    ['with a path that cannot be followed', { InputPath: '$..detail' }],
    ['with more than 185 retries', { RetryPolicy: { MaximumRetryAttempts: 186 } }],
  ])('refuse a target %s', async (_, target) => {
    const region = createRegion();
    region.addRule();
    const input = { Rule: 'alarms', Targets: [{ Id: 'two', Arn: FUNCTION, ...target }] };
    expect((await refusal(region.service, 'PutTargets', input)).code).toBe('ValidationException');
  });

  it('refuse a sixth target', async () => {
    const region = createRegion();
    region.addRule();
    const Targets = ['2', '3', '4', '5', '6'].map((Id) => ({ Id, Arn: FUNCTION }));
    expect((await refusal(region.service, 'PutTargets', { Rule: 'alarms', Targets })).code).toBe(
      'LimitExceededException',
    );
  });

  it('need a permission on the rule, and to pass the role of a target', () => {
    const { service } = createRegion();
    const input = { Rule: 'alarms', Targets: [{ Id: 'one', Arn: MACHINE, RoleArn: ROLE }] };
    expect(permissionsOf(service, 'PutTargets', input)).toMatchObject([
      { action: 'events:PutTargets', resources: [RULE] },
      { action: 'iam:PassRole', resources: [ROLE] },
    ]);
  });
});
