/**
 * CloudWatch, EventBridge and SNS together, as stock SDK clients see them through the endpoint.
 */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import type { PolicyStatement } from '../../region/kernel/contracts.ts';
import { createCloudWatch } from '../../region/services/cloudwatch/cloudwatch.ts';
import { createEventBridge } from '../../region/services/eventbridge/eventbridge.ts';
import { createSns } from '../../region/services/sns/sns.ts';
import { START, createTestRegion } from './monitoring-region.ts';

const ROLE = 'arn:aws:iam::000000000000:role/hold';
const WATCH = {
  Namespace: 'Shop',
  MetricName: 'Errors',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
} as const;

function createRegion(statements?: readonly PolicyStatement[]) {
  const region = createTestRegion();
  const { kernel } = region;
  const sns = createSns({ kernel });
  const cloudwatch = createCloudWatch({
    kernel,
    notify: (arn, notice) => sns.publish(arn, notice),
  });
  const bridge = createEventBridge({
    kernel,
    functions: { invoke: async () => ({ payload: 'null' }) },
    executions: { start: () => ({ executionArn: 'none' }) },
    sns,
  });
  region.onEmit((event) => bridge.deliver(event));
  const identities = createIdentities();
  const endpoint = createEndpoint({
    kernel,
    identities,
    services: [sns.service, cloudwatch.service, bridge.service],
  });
  const policies = [{ Version: '2012-10-17', Statement: statements ?? [] }];
  identities.addRole({ arn: ROLE, trust: ['lambda.amazonaws.com'], policies });
  const role = { roleArn: ROLE, principal: 'lambda.amazonaws.com', sessionName: 'hold' };
  const config = {
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials: statements ? identities.assume(role) : identities.administrator,
    maxAttempts: 1,
    requestHandler: endpoint.requestHandler,
  };
  return {
    ...region,
    messages: (arn: string) => sns.messages(arn),
    alarms: new CloudWatchClient(config),
    events: new EventBridgeClient(config),
    topics: new SNSClient(config),
  };
}

describe('stock clients', () => {
  it('see a metric become an alarm, the alarm an event, and the event a message', async () => {
    const region = createRegion();
    const { TopicArn: topicArn = '' } = await region.topics.send(
      new CreateTopicCommand({ Name: 'pager' }),
    );
    await region.events.send(
      new PutRuleCommand({
        Name: 'alarms',
        EventPattern: JSON.stringify({ detail: { state: { value: ['ALARM'] } } }),
      }),
    );
    await region.events.send(
      new PutTargetsCommand({
        Rule: 'alarms',
        Targets: [{ Id: 'topic', Arn: topicArn, InputPath: '$.detail.alarmName' }],
      }),
    );
    await region.alarms.send(
      new PutMetricAlarmCommand({ ...WATCH, AlarmName: 'errors', AlarmActions: [topicArn] }),
    );
    await region.alarms.send(
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [{ MetricName: 'Errors', Value: 2, Unit: 'Count' }],
      }),
    );
    await region.advance(110);
    const { MetricAlarms: alarms } = await region.alarms.send(
      new DescribeAlarmsCommand({ AlarmNames: ['errors', 'unknown'] }),
    );
    expect(alarms).toHaveLength(1);
    expect(alarms?.[0]).toMatchObject({
      StateValue: 'ALARM',
      StateTransitionedTimestamp: new Date(START + 100_000),
      Threshold: 1,
      Dimensions: [],
    });
    expect(region.messages(topicArn).map((one) => one.subject ?? one.message)).toEqual([
      'ALARM: "errors" in US East (N. Virginia)',
      '"errors"',
    ]);
    const { Attributes: attributes } = await region.topics.send(
      new GetTopicAttributesCommand({ TopicArn: topicArn }),
    );
    expect(attributes?.['TopicArn']).toBe(topicArn);
  });

  it('read metric data with times and values', async () => {
    const region = createRegion();
    await region.alarms.send(
      new PutMetricDataCommand({
        Namespace: 'Shop',
        MetricData: [{ MetricName: 'Errors', Values: [1, 2], Counts: [3, 1] }],
      }),
    );
    const { Namespace, MetricName } = WATCH;
    const answer = await region.alarms.send(
      new GetMetricDataCommand({
        StartTime: new Date(START),
        EndTime: new Date(START + 60_000),
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: { Metric: { Namespace, MetricName }, Period: 60, Stat: 'Sum' },
          },
        ],
      }),
    );
    expect(answer.MetricDataResults).toEqual([
      {
        Id: 'm',
        Label: 'Errors',
        Timestamps: [new Date(START)],
        Values: [5],
        StatusCode: 'Complete',
      },
    ]);
  });

  it('get the errors of AWS under the names that the SDK gives them', async () => {
    const region = createRegion();
    const unknown = new SetAlarmStateCommand({
      AlarmName: 'unknown',
      StateValue: 'OK',
      StateReason: 'test',
    });
    await expect(region.alarms.send(unknown)).rejects.toMatchObject({ name: 'ResourceNotFound' });
    const topic = new GetTopicAttributesCommand({
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:gone',
    });
    await expect(region.topics.send(topic)).rejects.toMatchObject({ name: 'NotFoundException' });
    const rule = new PutRuleCommand({ Name: 'r', EventPattern: '{"source":"x"}' });
    await expect(region.events.send(rule)).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
    });
    const entry = { Source: 'aws.ec2', DetailType: 'x', Detail: '{}' };
    const put = await region.events.send(new PutEventsCommand({ Entries: [entry] }));
    expect(put.Entries?.[0]?.ErrorCode).toBe('NotAuthorizedForSourceException');
  });
});

describe('a role that may describe one alarm', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'cloudwatch:DescribeAlarms',
    Resource: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors',
  } as const;

  it('may not ask for all alarms, nor for composite ones', async () => {
    const { alarms } = createRegion([statement]);
    const one = new DescribeAlarmsCommand({ AlarmNames: ['errors'] });
    await expect(alarms.send(one)).resolves.toMatchObject({ MetricAlarms: [] });
    const all = new DescribeAlarmsCommand({});
    await expect(alarms.send(all)).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
    });
    const composite = new DescribeAlarmsCommand({
      AlarmNames: ['errors'],
      AlarmTypes: ['CompositeAlarm'],
    });
    await expect(alarms.send(composite)).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
    });
  });
});
