import type {
  DescribeAlarmHistoryCommandOutput,
  DescribeAlarmsCommandOutput,
  MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { createCloudWatch } from '../../region/services/cloudwatch/cloudwatch.ts';
import {
  START,
  callOf,
  createTestRegion,
  permissionsOf,
  refusal,
  run,
} from './monitoring-region.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:pager';
const ARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:';
const ELB = 'AWS/ApplicationELB';
const dimensions = { TargetGroup: 'targetgroup/green/1' };

const ERRORS = {
  AlarmName: 'green-errors',
  AlarmDescription: 'Too many errors on green',
  Namespace: ELB,
  MetricName: 'HTTPCode_Target_5XX_Count',
  Dimensions: [{ Name: 'TargetGroup', Value: 'targetgroup/green/1' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [TOPIC],
};

function createRegion() {
  const region = createTestRegion();
  const notices: { topicArn: string; subject: string; message: string }[] = [];
  const cloudwatch = createCloudWatch({
    kernel: region.kernel,
    notify: (topicArn, notice) => {
      notices.push({ topicArn, ...notice });
    },
  });
  const { service } = cloudwatch;
  return {
    ...region,
    service,
    notices,
    breakEvaluation: (...broken: Parameters<typeof cloudwatch.breakEvaluation>) =>
      cloudwatch.breakEvaluation(...broken),
    put: (changes: object = {}) => run(service, 'PutMetricAlarm', { ...ERRORS, ...changes }),
    errors: (value: number) =>
      cloudwatch.record({
        namespace: ELB,
        metricName: 'HTTPCode_Target_5XX_Count',
        dimensions,
        value,
        unit: 'Count',
      }),
    describe: async (input: object = {}) =>
      run<DescribeAlarmsCommandOutput>(service, 'DescribeAlarms', input),
    alarm: async (name = ERRORS.AlarmName): Promise<MetricAlarm> => {
      const { MetricAlarms: alarms } = await run<DescribeAlarmsCommandOutput>(
        service,
        'DescribeAlarms',
        { AlarmNames: [name] },
      );
      return alarms?.[0] ?? {};
    },
    stateChanges: () =>
      region.events.filter(({ event }) => event.detailType === 'CloudWatch Alarm State Change'),
  };
}

describe('an alarm on the errors of a target group', () => {
  it('is INSUFFICIENT_DATA until it was evaluated for the first time', async () => {
    const region = createRegion();
    await region.put();
    await region.advance(39);
    expect(await region.alarm()).toMatchObject({
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
    });
    await region.advance(1);
    expect(await region.alarm()).toMatchObject({
      StateValue: 'OK',
      StateReason:
        'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint ' +
        'was treated as [NonBreaching].',
    });
  });

  it('says in the words of AWS why it alarms, and when', async () => {
    const region = createRegion();
    await region.put();
    await region.advance(60);
    region.errors(7);
    region.errors(5);
    await region.advance(99);
    expect((await region.alarm()).StateValue).toBe('OK');
    await region.advance(1);
    expect(await region.alarm()).toMatchObject({
      StateValue: 'ALARM',
      StateReason:
        'Threshold Crossed: 1 out of the last 1 datapoints [12.0 (05/01/26 12:01:00)] was ' +
        'greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
      StateTransitionedTimestamp: new Date(START + 160_000),
      StateUpdatedTimestamp: new Date(START + 160_000),
    });
  });

  it('tells EventBridge of transitions and of nothing else', async () => {
    const region = createRegion();
    await region.put();
    await region.advance(60);
    region.errors(12);
    await region.advance(170);
    const changes = region.stateChanges();
    expect(changes).toHaveLength(2);
    expect(changes[1]?.event).toMatchObject({
      source: 'aws.cloudwatch',
      resources: [`${ARN}green-errors`],
      detail: {
        alarmName: 'green-errors',
        configuration: {
          description: 'Too many errors on green',
          metrics: [
            {
              metricStat: {
                metric: { namespace: ELB, name: 'HTTPCode_Target_5XX_Count', dimensions },
                period: 60,
                stat: 'Sum',
              },
              returnData: true,
            },
          ],
        },
        previousState: { value: 'OK' },
        state: { value: 'ALARM', timestamp: '2026-01-05T12:02:40.000+0000' },
      },
    });
    const state = changes[1]?.event.detail['state'] as { reasonData: string };
    expect(JSON.parse(state.reasonData)).toMatchObject({
      version: '1.0',
      queryDate: '2026-01-05T12:02:40.000+0000',
      startDate: '2026-01-05T12:01:00.000+0000',
      statistic: 'Sum',
      period: 60,
      recentDatapoints: [12],
      threshold: 5,
    });
  });

  it('does not see the errors of the minute that is still running', async () => {
    const region = createRegion();
    await region.put();
    region.errors(100);
    await region.advance(59);
    expect((await region.alarm()).StateValue).toBe('OK');
  });

  it('keeps alarming on old data for a while after the traffic has gone', async () => {
    const region = createRegion();
    await region.put();
    region.errors(12);
    await region.advance(221);
    expect((await region.alarm()).StateValue).toBe('ALARM');
    await region.advance(60);
    expect((await region.alarm()).StateValue).toBe('OK');
  });

  it('publishes to its topic only while its actions are enabled', async () => {
    const region = createRegion();
    await region.put();
    await run(region.service, 'DisableAlarmActions', { AlarmNames: ['green-errors', 'no-alarm'] });
    region.errors(12);
    await region.advance(120);
    expect((await region.alarm()).StateValue).toBe('ALARM');
    expect(region.notices).toEqual([]);
    await run(region.service, 'EnableAlarmActions', { AlarmNames: ['green-errors'] });
    await region.advance(240);
    region.errors(12);
    await region.advance(120);
    expect(region.notices).toHaveLength(1);
    expect(region.notices[0]).toMatchObject({
      topicArn: TOPIC,
      subject: 'ALARM: "green-errors" in US East (N. Virginia)',
    });
    expect(JSON.parse(region.notices[0]?.message ?? '')).toMatchObject({
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      Trigger: { MetricName: 'HTTPCode_Target_5XX_Count', Threshold: 5 },
    });
  });

  it('keeps its state when its configuration is replaced', async () => {
    const region = createRegion();
    await region.put();
    region.errors(12);
    await region.advance(101);
    await region.put({ Threshold: 50, AlarmActions: undefined });
    expect(await region.alarm()).toMatchObject({
      StateValue: 'ALARM',
      Threshold: 50,
      AlarmActions: [],
    });
    await region.advance(60);
    expect((await region.alarm()).StateValue).toBe('OK');
  });

  it('returns to what the metric says after somebody has set its state', async () => {
    const region = createRegion();
    await region.put();
    await region.advance(60);
    const input = { AlarmName: 'green-errors', StateValue: 'ALARM', StateReason: 'a drill' };
    await run(region.service, 'SetAlarmState', input);
    expect(await region.alarm()).toMatchObject({ StateValue: 'ALARM', StateReason: 'a drill' });
    await region.advance(60);
    expect((await region.alarm()).StateValue).toBe('OK');
  });

  it('leaves the clock alone once the last alarm is gone', async () => {
    const region = createRegion();
    await region.put();
    await run(region.service, 'DeleteAlarms', { AlarmNames: ['green-errors', 'never-there'] });
    await region.advance(120);
    await expect(region.clock.runUntil(new Promise(() => {}))).rejects.toThrow(
      'nothing else is scheduled',
    );
  });
});

/** A metric of an expression, not itself watched. */
const metric = (Id: string, MetricName: string) => ({
  Id,
  ReturnData: false,
  MetricStat: {
    Metric: { Namespace: ELB, MetricName, Dimensions: ERRORS.Dimensions },
    Period: 60,
    Stat: 'Sum',
  },
});

it('alarms on a share of errors with FILL and an expression', async () => {
  const region = createRegion();
  await run(region.service, 'PutMetricAlarm', {
    AlarmName: 'error-rate',
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Metrics: [
      metric('errors', 'HTTPCode_Target_5XX_Count'),
      { Id: 'rate', Expression: 'FILL(errors, 0)', Label: 'errors' },
    ],
  });
  region.errors(1);
  await region.advance(60);
  region.errors(1);
  await region.advance(40);
  expect((await region.alarm('error-rate')).StateValue).toBe('OK');
  await region.advance(60);
  expect((await region.alarm('error-rate')).StateValue).toBe('ALARM');
});

it('evaluates an alarm on a high-resolution metric every ten seconds', async () => {
  const region = createRegion();
  await run(region.service, 'PutMetricAlarm', {
    ...ERRORS,
    AlarmName: 'fast',
    Namespace: 'Shop',
    MetricName: 'Errors',
    Dimensions: [],
    Period: 10,
  });
  await run(region.service, 'PutMetricData', {
    Namespace: 'Shop',
    MetricData: [{ MetricName: 'Errors', Value: 9, StorageResolution: 1 }],
  });
  await region.advance(16);
  expect((await region.alarm('fast')).StateValue).toBe('ALARM');
});

describe('what an alarm may not be', () => {
  it.each([
    ['a period of 45 seconds', { Period: 45 }, 'Period must be 10, 20, 30 or a multiple of 60'],
    ['no evaluation periods', { EvaluationPeriods: 0 }, 'greater than or equal to 1'],
    ['more datapoints than periods', { DatapointsToAlarm: 2 }, 'less than or equal to Evaluation'],
    ['two statistics', { ExtendedStatistic: 'p99' }, 'Statistic and ExtendedStatistic'],
    ['no statistic', { Statistic: undefined }, 'Statistic and ExtendedStatistic'],
    ['an unknown statistic', { Statistic: 'Median' }, 'Member must satisfy enum value set'],
    ['an unknown comparison', { ComparisonOperator: 'Above' }, "at 'comparisonOperator'"],
    ['no threshold', { Threshold: undefined }, 'Threshold must be specified'],
    ['an unknown treatment of gaps', { TreatMissingData: 'zero' }, 'Option zero is not supported'],
    ['more than a day', { EvaluationPeriods: 1441 }, 'across more than a day'],
    ['an action that is no ARN', { AlarmActions: ['pager'] }, 'Invalid arn syntax: pager'],
    ['a metric and metrics', { Metrics: [] }, 'MetricName and Metrics'],
  ])('refuses %s', async (_, changes, message) => {
    const { service } = createRegion();
    const answer = await refusal(service, 'PutMetricAlarm', { ...ERRORS, ...changes });
    expect(answer.code).toBe('ValidationError');
    expect(answer.message).toContain(message);
  });
});

async function withComposite(rule: string) {
  const region = createRegion();
  await region.put();
  await region.put({ AlarmName: 'deployment', MetricName: 'Marker' });
  await run(region.service, 'PutCompositeAlarm', { AlarmName: 'all', AlarmRule: rule });
  const composite = async () =>
    (await region.describe({ AlarmTypes: ['CompositeAlarm'] })).CompositeAlarms?.[0];
  const set = (AlarmName: string, StateValue: string) =>
    run(region.service, 'SetAlarmState', { AlarmName, StateValue, StateReason: 'test' });
  return { ...region, composite, set };
}

describe('composite alarms', () => {
  it('follow their children by the rule', async () => {
    const region = await withComposite('ALARM(green-errors) AND NOT ALARM("deployment")');
    await region.advance(2);
    expect((await region.composite())?.StateValue).toBe('OK');
    await region.set('deployment', 'ALARM');
    await region.set('green-errors', 'ALARM');
    await region.advance(2);
    expect((await region.composite())?.StateValue).toBe('OK');
    await region.set('deployment', 'OK');
    await region.advance(2);
    expect(await region.composite()).toMatchObject({
      StateValue: 'ALARM',
      StateReason: `${ARN}deployment transitioned to OK at Monday 05 January, 2026 12:00:04 UTC`,
    });
  });

  it.each([
    ['(TRUE OR FALSE) AND (NOT FALSE)', 'ALARM'],
    ['FALSE OR FALSE AND TRUE', 'OK'],
    [`INSUFFICIENT_DATA(${ARN}green-errors)`, 'ALARM'],
    ['OK(green-errors) OR TRUE', 'ALARM'],
  ])('read the rule %s', async (rule, expected) => {
    const region = await withComposite(rule);
    await region.advance(2);
    expect((await region.composite())?.StateValue).toBe(expected);
  });

  it.each([
    '',
    'ALARM(',
    'ALARM(green-errors) ALARM(deployment)',
    'NOT',
    '(TRUE',
    'BAD(x)',
    'TRUE)',
  ])('refuse the rule "%s"', async (rule) => {
    const { service } = createRegion();
    const answer = await refusal(service, 'PutCompositeAlarm', {
      AlarmName: 'all',
      AlarmRule: rule,
    });
    expect(answer.code).toBe('ValidationError');
  });

  it('refuse a rule with an alarm that does not exist', async () => {
    const { service } = createRegion();
    const input = { AlarmName: 'all', AlarmRule: 'ALARM(nothing)' };
    expect((await refusal(service, 'PutCompositeAlarm', input)).message).toContain('do not exist');
  });

  it('protect their children from deletion', async () => {
    const region = await withComposite('ALARM(green-errors)');
    const input = { AlarmNames: ['green-errors'] };
    expect((await refusal(region.service, 'DeleteAlarms', input)).message).toContain(
      'composite alarm(s) depending on it',
    );
  });

  it('stay as they are when they depend on themselves', async () => {
    const region = await withComposite('ALARM(green-errors)');
    await region.advance(2);
    const circle = { AlarmName: 'all', AlarmRule: 'OK(all) AND OK(green-errors)' };
    await run(region.service, 'PutCompositeAlarm', circle);
    await region.set('green-errors', 'OK');
    await region.advance(5);
    expect((await region.composite())?.StateValue).toBe('OK');
    expect((await refusal(region.service, 'DeleteAlarms', { AlarmNames: ['all'] })).code).toBe(
      'ValidationError',
    );
  });

  it('can only be deleted with a permission on everything', async () => {
    const region = await withComposite('TRUE');
    const narrow = callOf((permission) => !permission.resources.includes('*'));
    await expect(
      run(region.service, 'DeleteAlarms', { AlarmNames: ['all'] }, narrow),
    ).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});

describe('describing alarms', () => {
  it('leaves composite alarms out unless they are asked for', async () => {
    const region = createRegion();
    await region.put();
    await run(region.service, 'PutCompositeAlarm', { AlarmName: 'all', AlarmRule: 'TRUE' });
    const names = ['green-errors', 'all', 'unknown'];
    const silent = await region.describe({ AlarmNames: names });
    expect([silent.MetricAlarms?.length, silent.CompositeAlarms?.length]).toEqual([1, 0]);
    const both = await region.describe({
      AlarmNames: names,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    });
    expect([both.MetricAlarms?.length, both.CompositeAlarms?.length]).toEqual([1, 1]);
  });

  it('needs a permission on everything for composite alarms, and on each alarm otherwise', () => {
    const { service } = createRegion();
    const resources = (input: object) =>
      permissionsOf(service, 'DescribeAlarms', input).flatMap((one) => one.resources);
    expect(resources({ AlarmNames: ['a', 'b'] })).toEqual([`${ARN}a`, `${ARN}b`]);
    expect(resources({})).toEqual([`${ARN}*`]);
    expect(resources({ AlarmNames: ['a'], AlarmTypes: ['CompositeAlarm'] })).toEqual(['*']);
  });

  it('needs a permission on everything for the history of composite alarms', () => {
    const { service } = createRegion();
    const resources = (input: object) =>
      permissionsOf(service, 'DescribeAlarmHistory', input).flatMap((one) => one.resources);
    expect(resources({ AlarmName: 'a' })).toEqual([`${ARN}a`]);
    expect(resources({ AlarmName: 'a', AlarmTypes: ['CompositeAlarm'] })).toEqual(['*']);
    expect(resources({})).toEqual(['*']);
  });

  it('says when an alarm cannot be evaluated, which keeps its state and is no transition', async () => {
    const region = createRegion();
    await region.put();
    await region.advance(100);
    const before = await region.alarm();
    region.breakEvaluation('green-errors', 'EVALUATION_ERROR');
    region.errors(12);
    await region.advance(180);
    const broken = await region.alarm();
    expect(broken).toMatchObject({ StateValue: 'OK', EvaluationState: 'EVALUATION_ERROR' });
    expect(broken.StateTransitionedTimestamp).toEqual(before.StateTransitionedTimestamp);
    expect(broken.StateUpdatedTimestamp).not.toEqual(before.StateUpdatedTimestamp);
    region.breakEvaluation('green-errors', 'PARTIAL_DATA');
    region.errors(12);
    await region.advance(120);
    expect(await region.alarm()).toMatchObject({ StateValue: 'ALARM' });
    region.breakEvaluation('green-errors', undefined);
    expect(await region.alarm()).not.toHaveProperty('EvaluationState');
    expect(() => region.breakEvaluation('unknown', undefined)).toThrow('no metric alarm unknown');
  });

  it('goes page by page through a prefix, and filters by state', async () => {
    const region = createRegion();
    for (const name of ['web-1', 'web-2', 'web-3', 'api-1']) await region.put({ AlarmName: name });
    const first = await region.describe({ AlarmNamePrefix: 'web-', MaxRecords: 2 });
    const second = await region.describe({
      AlarmNamePrefix: 'web-',
      MaxRecords: 2,
      NextToken: first.NextToken,
    });
    const names = [first, second].map((page) => page.MetricAlarms?.map((one) => one.AlarmName));
    expect(names).toEqual([['web-1', 'web-2'], ['web-3']]);
    expect((await region.describe({ StateValue: 'ALARM' })).MetricAlarms).toEqual([]);
    expect((await refusal(region.service, 'DescribeAlarms', { NextToken: 'made up' })).code).toBe(
      'InvalidNextToken',
    );
  });

  it('refuses more than a hundred names', async () => {
    const { service } = createRegion();
    const AlarmNames = Array.from({ length: 101 }, (_, index) => `alarm-${index}`);
    expect((await refusal(service, 'DescribeAlarms', { AlarmNames })).code).toBe('ValidationError');
  });

  it('tells the history of an alarm, the newest first', async () => {
    const region = createRegion();
    await region.put();
    region.errors(12);
    await region.advance(101);
    const { AlarmHistoryItems: items } = await run<DescribeAlarmHistoryCommandOutput>(
      region.service,
      'DescribeAlarmHistory',
      { AlarmName: 'green-errors' },
    );
    expect(items?.map((item) => item.HistorySummary)).toEqual([
      `Successfully executed action ${TOPIC}`,
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
      'Alarm "green-errors" created',
    ]);
  });

  it('finds the alarms on a metric', async () => {
    const region = createRegion();
    await region.put();
    const input = {
      Namespace: ELB,
      MetricName: 'HTTPCode_Target_5XX_Count',
      Dimensions: ERRORS.Dimensions,
    };
    const find = (changes: object) =>
      run<{ MetricAlarms: MetricAlarm[] }>(region.service, 'DescribeAlarmsForMetric', {
        ...input,
        ...changes,
      });
    expect((await find({})).MetricAlarms).toHaveLength(1);
    expect((await find({ Dimensions: [] })).MetricAlarms).toHaveLength(0);
  });
});
