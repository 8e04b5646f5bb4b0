/**
 * Tables, topics, rules, alarms, log groups, and the bucket that packaging needs.
 * Not for: queues (see `sqs.ts`), and streams, which are refused.
 */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { Target } from '@aws-sdk/client-eventbridge';

import { arn } from '../../kernel/kernel.ts';
import { asText } from '../json.ts';
import { TemplateProblem } from '../problem.ts';
import type { Reader } from '../reader.ts';
import type { Created, Loading, ResourceType } from '../resource-type.ts';

/** Properties of an alarm; they are named as the members of PutMetricAlarm. */
const ALARM_PROPERTIES = [
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluateLowSampleCountPercentile',
  'ExtendedStatistic',
  'InsufficientDataActions',
  'MetricName',
  'Metrics',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Threshold',
  'TreatMissingData',
  'Unit',
];

const TABLE_PROPERTIES = [
  'BillingMode',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'ProvisionedThroughput',
  'TableName',
];

/** The types by their names in a template, for services that need no file of their own. */
export const OTHER_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::DynamoDB::Table': {
    required: ['KeySchema', 'AttributeDefinitions'],
    optional: TABLE_PROPERTIES,
    inert: [
      'DeletionProtectionEnabled',
      'PointInTimeRecoverySpecification',
      'SSESpecification',
      'TableClass',
      'Tags',
      'TimeToLiveSpecification',
    ],
    create: createTable,
  },
  'AWS::SNS::Topic': {
    required: [],
    optional: ['TopicName', 'DisplayName', 'Subscription'],
    inert: ['KmsMasterKeyId', 'Tags', 'TracingConfig'],
    create: createTopic,
  },
  'AWS::Events::Rule': {
    required: ['Targets'],
    optional: [
      'Name',
      'Description',
      'EventPattern',
      'ScheduleExpression',
      'State',
      'EventBusName',
    ],
    inert: ['Tags'],
    create: createRule,
  },
  'AWS::CloudWatch::Alarm': {
    required: ['ComparisonOperator', 'EvaluationPeriods'],
    optional: ALARM_PROPERTIES,
    inert: ['Tags'],
    create: async (read, loading) => {
      const name = read.optionalText('AlarmName') ?? loading.generateName(255);
      const { Tags: _tags, ...properties } = read.raw();
      const input = { ...properties, AlarmName: name } as unknown as PutMetricAlarmCommandInput;
      await loading.targets.putAlarm(input);
      return { ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`) } };
    },
  },
  'AWS::Logs::LogGroup': {
    required: [],
    optional: ['LogGroupName', 'RetentionInDays'],
    inert: ['Tags'],
    create: (read, { targets, generateName }) => {
      const name = read.optionalText('LogGroupName') ?? generateName(512);
      const retentionDays = read.optionalNumber('RetentionInDays');
      targets.addLogGroup({ name, ...(retentionDays !== undefined && { retentionDays }) });
      return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
    },
  },
  // The bucket only carries the packages to AWS; nothing in the region reads from it.
  'AWS::S3::Bucket': {
    required: [],
    optional: [],
    inert: 'any',
    create: (read, { generateName }) => {
      const name = read.optionalText('BucketName') ?? generateName(63).toLowerCase();
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
    },
  },
  'AWS::S3::BucketPolicy': {
    required: ['Bucket'],
    optional: [],
    inert: 'any',
    create: (read) => ({ ref: read.text('Bucket') }),
  },
};

async function createTable(read: Reader, { targets, generateName }: Loading): Promise<Created> {
  const name = read.optionalText('TableName') ?? generateName(255);
  const known = new Set(['KeySchema', 'AttributeDefinitions', ...TABLE_PROPERTIES]);
  const own = Object.entries(read.raw()).filter(([property]) => known.has(property));
  const input = { ...Object.fromEntries(own), TableName: name };
  await targets.createTable(input);
  return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
}

async function createTopic(read: Reader, { targets, generateName }: Loading): Promise<Created> {
  const name = read.optionalText('TopicName') ?? generateName(256);
  const displayName = read.optionalText('DisplayName');
  const { topicArn } = await targets.createTopic({
    name,
    ...(displayName !== undefined && { displayName }),
    subscriptions: read.objects('Subscription').map(({ Protocol, Endpoint }) => ({
      protocol: asText(Protocol, `${read.label}: Protocol`),
      endpoint: asText(Endpoint, `${read.label}: Endpoint`),
    })),
  });
  return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
}

function createRule(read: Reader, { targets, generateName }: Loading): Created {
  const bus = read.optionalText('EventBusName') ?? 'default';
  const state = read.optionalText('State');
  if (bus !== 'default' || (state !== undefined && state !== 'ENABLED' && state !== 'DISABLED')) {
    throw new TemplateProblem(`${read.label}: the region has no bus ${bus} or no state ${state}.`);
  }
  const name = read.optionalText('Name') ?? generateName(64);
  const description = read.optionalText('Description');
  const eventPattern = read.optionalObject('EventPattern');
  const scheduleExpression = read.optionalText('ScheduleExpression');
  const { ruleArn } = targets.addRule({
    name,
    targets: read.objects('Targets') as unknown as readonly Target[],
    ...(description !== undefined && { description }),
    ...(eventPattern !== undefined && { eventPattern }),
    ...(scheduleExpression !== undefined && { scheduleExpression }),
    ...(state !== undefined && { state }),
  });
  return { ref: name, attributes: { Arn: ruleArn } };
}
