/** Alarms as CloudWatch describes them: every kind, how long each takes to see, and what became of it. */
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import type { AlarmReading } from '../../shared/core/observation.ts';
import { addTransitions, readAlarms } from '../../shared/aws/alarms.ts';
import { findAlarms } from '../../shared/aws/found-alarms.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import { createObserver } from '../../shared/aws/observer.ts';
import { plan } from '../core/situations.ts';
import { awsError, inputsOf, operations, type Script, scriptedClient } from './scripted-client.ts';

const NOON = new Date('2026-03-01T12:00:00.000Z');
const BLUE = { blueGroupName: 'web-blue', blueTargetGroup: 'targetgroup/web/1' };

/** One alarm, alone in CloudWatch. */
async function find(alarm: MetricAlarm) {
  const described = { AlarmName: 'a', StateValue: 'OK', ...alarm };
  const { client } = scriptedClient({ DescribeAlarms: () => ({ MetricAlarms: [described] }) });
  const [one] = await findAlarms(client, ['a'], BLUE);
  return one;
}

it('are read with the time of their state and with the trouble that CloudWatch has', async () => {
  const { client } = scriptedClient({
    DescribeAlarms: () => ({
      LogAlarms: [
        {
          AlarmName: 'log',
          StateValue: 'OK',
          StateTransitionedTimestamp: NOON,
          EvaluationState: 'PARTIAL_DATA',
        },
      ],
      CompositeAlarms: [{ AlarmName: 'all', StateValue: 'ALARM', ActionsEnabled: false }],
    }),
  });
  expect(await readAlarms(client, ['all', 'log'])).toEqual([
    { alarmName: 'all', state: 'ALARM' },
    {
      alarmName: 'log',
      state: 'OK',
      since: NOON.toISOString(),
      evaluationState: 'PARTIAL_DATA',
    },
  ]);
});

describe('how long an alarm takes to see', () => {
  it('is its periods that must be bad, and of a query the longest', async () => {
    const stat = { MetricStat: { Metric: {}, Period: 300, Stat: 'Sum' } };
    expect(await find({ Period: 60, EvaluationPeriods: 5 })).toMatchObject({ windowSeconds: 300 });
    expect(await find({ Period: 60, EvaluationPeriods: 5, DatapointsToAlarm: 2 })).toMatchObject({
      windowSeconds: 120,
    });
    const Metrics = [
      { Id: 'a', ...stat },
      { Id: 'b', Expression: 'a * 2', Period: 60 },
    ];
    expect(await find({ Metrics, EvaluationPeriods: 2 })).toMatchObject({ windowSeconds: 600 });
    expect(await find({ EvaluationInterval: 60 })).not.toHaveProperty('windowSeconds');
  });

  it('is that of the slowest below a composite alarm, at any depth, even in a circle', async () => {
    const children: Record<string, object> = {
      top: { MetricAlarms: [{ AlarmName: 'fast' }], CompositeAlarms: [{ AlarmName: 'below' }] },
      below: { MetricAlarms: [{ AlarmName: 'slow' }], CompositeAlarms: [{ AlarmName: 'top' }] },
    };
    const all = Object.entries({ fast: 60, slow: 900 }).map(([AlarmName, Period]) => ({
      AlarmName,
      StateValue: 'OK',
      Period,
      EvaluationPeriods: 1,
    }));
    const groups = ['top', 'below'].map((AlarmName) => ({ AlarmName, StateValue: 'OK' }));
    const script: Script = {
      DescribeAlarms: (input: { AlarmNames?: string[]; ChildrenOfAlarmName?: string }) => {
        if (input.ChildrenOfAlarmName) return children[input.ChildrenOfAlarmName];
        const isAsked = ({ AlarmName = '' }) => input.AlarmNames?.includes(AlarmName);
        return { MetricAlarms: all.filter(isAsked), CompositeAlarms: groups.filter(isAsked) };
      },
    };
    const [found] = await findAlarms(scriptedClient(script).client, ['top'], BLUE);
    expect(found).toMatchObject({ type: 'composite', windowSeconds: 900 });
  });
});

describe('an alarm names blue', () => {
  const blueTargetGroup = { Name: 'TargetGroup', Value: 'targetgroup/web/1' };

  it.each<[string, MetricAlarm, string]>([
    ['by a dimension', { Dimensions: [blueTargetGroup] }, "blue's target group targetgroup/web/1"],
    [
      'by its group',
      { Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web-blue' }] },
      "blue's group web-blue",
    ],
    [
      'inside a query',
      {
        Metrics: [
          {
            Id: 'm',
            MetricStat: { Metric: { Dimensions: [blueTargetGroup] }, Period: 60, Stat: 'Sum' },
          },
        ],
      },
      "blue's target group targetgroup/web/1",
    ],
  ])('%s', async (_how, alarm, words) => {
    expect(await find(alarm)).toMatchObject({ namesBlueAs: words });
  });

  it('not when it watches the load balancer, or a target group of a like name', async () => {
    const others = [
      { Name: 'LoadBalancer', Value: 'app/web/1' },
      { Name: 'TargetGroup', Value: 'targetgroup/web/12' },
    ];
    expect(await find({ Dimensions: others })).not.toHaveProperty('namesBlueAs');
  });
});

describe('what became of an alarm', () => {
  const from = NOON.toISOString();
  const item = (minute: number, stateValue: string) => ({
    Timestamp: new Date(NOON.getTime() + minute * 60_000),
    HistoryItemType: 'StateUpdate',
    HistoryData: JSON.stringify({ newState: { stateValue, stateReason: `because ${minute}` } }),
  });

  it('is asked for only where it has changed since, page by page', async () => {
    const readings: AlarmReading[] = [
      { alarmName: 'quiet', state: 'OK', since: '2026-03-01T11:59:59.000Z' },
      { alarmName: 'untold', state: 'OK' },
      { alarmName: 'changed', state: 'OK', since: '2026-03-01T12:02:00.000Z' },
    ];
    const { client, asked } = scriptedClient({
      DescribeAlarmHistory: ({ NextToken }: { NextToken?: string }) =>
        NextToken
          ? { AlarmHistoryItems: [item(2, 'OK')] }
          : { AlarmHistoryItems: [item(1, 'ALARM')], NextToken: 'more' },
    });
    const [quiet, untold, changed] = await addTransitions(client, readings, () => from);
    expect([quiet, untold]).toEqual(readings.slice(0, 2));
    expect(changed?.transitions).toEqual([
      { at: '2026-03-01T12:01:00.000Z', to: 'ALARM', reason: 'because 1' },
      { at: '2026-03-01T12:02:00.000Z', to: 'OK', reason: 'because 2' },
    ]);
    expect(operations(asked)).toHaveLength(2);
    expect(inputsOf(asked, 'DescribeAlarmHistory')[0]).toMatchObject({
      AlarmName: 'changed',
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'],
      HistoryItemType: 'StateUpdate',
      StartDate: NOON,
    });
  });

  it('is not asked for while no transition could be the doing of green', async () => {
    const { client, asked } = scriptedClient({});
    const readings: AlarmReading[] = [{ alarmName: 'a', state: 'OK', since: from }];
    expect(await addTransitions(client, readings, () => undefined)).toEqual(readings);
    expect(asked).toEqual([]);
  });
});

const alarmIn = (AlarmName: string, StateValue: string) => ({
  AlarmName,
  StateValue,
  StateTransitionedTimestamp: NOON,
});

/** Alarm `a` is in a state and `b` is OK; the history answers nobody. */
const observe = (state: string) => {
  const { client } = scriptedClient({
    DescribeAlarms: () => ({ MetricAlarms: [alarmIn('a', state), alarmIn('b', 'OK')] }),
    DescribeAlarmHistory: () => {
      throw awsError('Throttling', 'Rate exceeded');
    },
  });
  const unused = scriptedClient({}).client;
  const router = { read: () => Promise.resolve([]) };
  const clients = { autoScaling: unused, cloudWatch: client, loadBalancing: unused, router };
  const scope = { alarms: true, alarmHistory: true, blue: false, green: false, routes: false };
  const progress = { ...initialProgress('x'), confirmedAt: NOON.toISOString() };
  return createObserver(clients).observe({ ...plan, alarms: ['a', 'b'] }, progress, scope);
};

it('an alarm that is on is not kept waiting by a history that cannot be read', async () => {
  expect((await observe('ALARM')).alarms).toMatchObject({ type: 'read' });
  expect((await observe('OK')).alarms).toMatchObject({ type: 'unreadable' });
});
