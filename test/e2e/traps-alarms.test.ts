/**
 * Traps of alarms: what an operator sees when one is red beforehand, clears unnoticed, falls silent,
 * cannot be evaluated, or watches a blue that is about to go. The list of all is docs/traps.md.
 */
import {
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { guardAlarmName, mirroredAlarmName } from '../../shared/core/names.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, greenOf, raiseAlarm, untilGreenHas } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** The estate's alarm, kept from being evaluated by its own metric, which has no data ever. */
const SILENT = { alarmMetric: 'NeverReported' } as const;

const ALARM = 'web-5xx';

/** A hold long enough for an alarm to come and go in it. */
const LONG_HOLD = {
  strategy: { type: 'canary', greenWeightPercent: 10, holdSeconds: 600 },
  bakeTimeSeconds: 240,
} as const;

function setState(lab: Lab, StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA', name = ALARM) {
  const command = new SetAlarmStateCommand({
    AlarmName: name,
    StateValue,
    StateReason: 'somebody said so',
  });
  return lab.act(() => lab.aws.cloudWatch().send(command));
}

/** An alarm that changes only when somebody sets it: without data it stays as it is. */
function putManualAlarm(lab: Lab, change: Partial<PutMetricAlarmCommand['input']> = {}) {
  const command = new PutMetricAlarmCommand({
    AlarmName: ALARM,
    Namespace: 'Shop',
    MetricName: 'NeverReported',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'ignore',
    ...change,
  });
  return lab.act(() => lab.aws.cloudWatch().send(command));
}

async function toldOf(lab: Lab, deploymentId: string): Promise<string> {
  const { body } = await lab.api.send('GET', `/deployments/${deploymentId}/timeline`);
  return JSON.stringify(body);
}

/** Names of all alarms of green, whatever they are for. */
async function alarmsOfGreen(lab: Lab, deploymentId: string) {
  const command = new DescribeAlarmsCommand({ AlarmNamePrefix: `${greenOf(lab, deploymentId)}/` });
  const { MetricAlarms = [] } = await lab.act(() => lab.aws.cloudWatch().send(command));
  return MetricAlarms.map(({ AlarmName, ActionsEnabled }) => ({ AlarmName, ActionsEnabled }));
}

async function openRed(whenRed: 'block' | 'armWhenRecovered' | 'ignore') {
  const lab = await openLab({
    service: { ...BRIEF, alarms: [{ name: ALARM, whenRed, missingData: 'missing' }] },
  });
  await putManualAlarm(lab);
  await raiseAlarm(lab);
  return lab;
}

describe('an alarm that is red before anything began', () => {
  test('refuses the deployment, and a fix forward that says who and why is let through', async () => {
    const lab = await openRed('block');
    const refused = await lab.deploy({ version: 'v2' });
    expect(await lab.end(refused)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringContaining('Alarm web-5xx is already in ALARM (somebody said so)'),
    });
    const wish = { version: 'v3', requestedBy: 'ann', fixForward: { reason: 'v3 mends it' } };
    const id = await lab.deploy(wish);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await toldOf(lab, id)).toContain(
      'ann let alarms be red that were so already: v3 mends it',
    );
    const { body } = await lab.api.send('GET', `/deployments/${id}`);
    expect(body).toMatchObject({
      plan: {
        fixForward: { by: 'ann', reason: 'v3 mends it' },
        watchedAlarms: [{ atStart: { state: 'ALARM', since: expect.any(String) } }],
      },
    });
  });

  test('counts once it has been seen OK, and rolls back when it goes off again', async () => {
    const lab = await openRed('armWhenRecovered');
    const id = await lab.deploy({ version: 'v2', ...LONG_HOLD });
    await untilGreenHas(lab, id, 10);
    await lab.pass(60);
    expect(lab.isRunning(id)).toBe(true);
    await setState(lab, 'OK');
    await lab.pass(30);
    await setState(lab, 'ALARM');
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('Alarm web-5xx went into ALARM'),
    });
  });

  test('has no say when it is to be ignored, whatever it does', async () => {
    const lab = await openRed('ignore');
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await setState(lab, 'OK');
    await setState(lab, 'ALARM');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await toldOf(lab, id)).toContain('Alarm web-5xx was ALARM before anything began');
  });
});

test('an alarm that goes off and clears within one hold, its event lost, rolls back at its end', async () => {
  const lab = await openLab({
    service: LONG_HOLD,
    deliveryFaults: ({ source }) => (source === 'aws.cloudwatch' ? 'drop' : 'deliver'),
  });
  await putManualAlarm(lab);
  await setState(lab, 'OK');
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 10);
  await lab.pass(100);
  await setState(lab, 'ALARM');
  await lab.pass(100);
  await setState(lab, 'OK');
  const { error, cause } = await lab.end(id);
  expect(error).toBe('RolledBack');
  expect(cause).toMatch(/Alarm web-5xx went into ALARM at .* and cleared unnoticed/);
  expect(lab.traffic.count().lost).toBe(0);
});

const watch = (missingData: 'breaching' | 'missing') => ({
  ...BRIEF,
  alarms: [{ name: ALARM, whenRed: 'block', missingData } as const],
});

describe('an alarm without data', () => {
  test('rolls back where that counts as breaching, once it should have seen green', async () => {
    const lab = await openLab({ service: watch('breaching') });
    await putManualAlarm(lab, { TreatMissingData: 'missing' });
    const id = await lab.deploy({ version: 'v2' });
    const { error, cause } = await lab.end(id);
    expect(error).toBe('RolledBack');
    expect(cause).toMatch(/Alarm web-5xx had no data \d+ s after green was given 100 %/);
  });

  test('stops nothing otherwise, and every step says that it was taken without it', async () => {
    const lab = await openLab({ service: watch('missing') });
    await putManualAlarm(lab, { TreatMissingData: 'missing' });
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await toldOf(lab, id)).toContain('100 % was next. Alarm web-5xx had no data.');
  });
});

test('an alarm that CloudWatch cannot evaluate any more keeps the next step waiting, not for ever', async () => {
  const lab = await openLab({ service: BRIEF });
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 10);
  lab.region.cloudWatch.breakEvaluation(ALARM, 'EVALUATION_ERROR');
  expect(await lab.end(id)).toMatchObject({
    error: 'RolledBack',
    cause: expect.stringMatching(/could not be trusted.*EVALUATION_ERROR.*did not change within/s),
  });
  const refused = await lab.deploy({ version: 'v3' });
  expect(await lab.end(refused)).toMatchObject({
    error: 'SpecRefused',
    cause: expect.stringContaining('Alarm web-5xx cannot be trusted'),
  });
});

test('a composite alarm rolls back, and asks for the bake that its slowest alarm needs', async () => {
  const lab = await openLab({ estate: SILENT, service: { ...BRIEF, alarms: ['shop'] } });
  await putManualAlarm(lab, { AlarmName: 'shop-slow', Period: 300 });
  const composite = new PutCompositeAlarmCommand({
    AlarmName: 'shop',
    AlarmRule: 'ALARM("web-5xx") OR (ALARM("shop-slow") AND NOT OK("web-5xx"))',
    ActionsEnabled: false,
  });
  await lab.act(() => lab.aws.cloudWatch().send(composite));
  const refused = await lab.deploy({ version: 'v2' });
  expect(await lab.end(refused)).toMatchObject({
    error: 'SpecRefused',
    cause: expect.stringContaining('alarm shop takes up to 480 s to see anything; make it 480 s'),
  });
  const id = await lab.deploy({ version: 'v3', bakeTimeSeconds: 480 });
  await untilGreenHas(lab, id, 100);
  await raiseAlarm(lab);
  expect(await lab.end(id)).toMatchObject({
    error: 'RolledBack',
    cause: expect.stringContaining('Alarm shop went into ALARM'),
  });
});

async function openBlind(mirror: boolean) {
  const alarms = [{ name: ALARM, whenRed: 'block', missingData: 'missing', mirror } as const];
  const lab = await openLab({ service: { ...LONG_HOLD, alarms } });
  const { loadBalancerArn, blueTargetGroupArn } = lab.estate;
  await putManualAlarm(lab, {
    Namespace: 'AWS/ApplicationELB',
    MetricName: 'HTTPCode_Target_5XX_Count',
    Dimensions: [
      { Name: 'LoadBalancer', Value: loadBalancerArn.split(':loadbalancer/')[1] },
      { Name: 'TargetGroup', Value: blueTargetGroupArn.split(':').at(-1) },
    ],
    AlarmActions: [lab.stack.topicArn],
    TreatMissingData: 'notBreaching',
  });
  return lab;
}

describe('an alarm on the errors of blue alone', () => {
  test('does not see a broken green, which is said beforehand', async () => {
    const lab = await openBlind(false);
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await toldOf(lab, id)).toContain('so it goes blind when green takes over');
  });

  test('sees it through its mirror, which is gone with the deployment', async () => {
    const lab = await openBlind(true);
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    const mirror = mirroredAlarmName(greenOf(lab, id), ALARM);
    await untilGreenHas(lab, id, 10);
    const guard = guardAlarmName(greenOf(lab, id));
    expect(await alarmsOfGreen(lab, id)).toEqual([
      { AlarmName: guard, ActionsEnabled: false },
      { AlarmName: mirror, ActionsEnabled: false },
    ]);
    expect(await lab.act(() => lab.leases())).toContainEqual(
      expect.objectContaining({ kind: 'mirroredAlarms', undo: expect.stringContaining(mirror) }),
    );
    const { error, cause } = await lab.end(id);
    expect(error).toBe('RolledBack');
    expect(cause).toContain(`Alarm ${mirror} went into ALARM`);
    expect(await alarmsOfGreen(lab, id)).toEqual([]);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('leaves no mirror behind when green has won', async () => {
    const lab = await openBlind(true);
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await alarmsOfGreen(lab, id)).toEqual([]);
    expect(await lab.act(() => lab.leases())).toEqual([]);
    expect(await leftovers(lab)).toEqual([]);
  });
});
