/**
 * What goes wrong while a deployment runs, and where the traffic is then. Whatever happens, it ends
 * with blue or green serving everything, and with a reason, under the watch of the laws.
 */
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteRuleCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../region/kernel/aws-error.ts';
import type { EventBridgeOptions } from '../../region/services/eventbridge/eventbridge.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { type LawWatch, usualLaws, watchLaws } from '../lab/law-watch.ts';
import { leftovers } from '../lab/leftovers.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openUnwatched = useLabs();
const watches: LawWatch[] = [];

async function openLab(options?: LabOptions): Promise<Lab> {
  const lab = await openUnwatched(options);
  watches.push(watchLaws(lab, usualLaws(lab)));
  return lab;
}

afterEach(() => {
  const unlawful = watches.splice(0).flatMap((watch) => watch.violations());
  if (unlawful.length > 0) throw new Error(unlawful.join('\n'));
});

/** Blue has everything, lost nothing by it, and looks as it did before. */
async function expectBlueUntouched(lab: Lab): Promise<void> {
  expect(await leftovers(lab)).toEqual([]);
  lab.traffic.sinceLast();
  await lab.pass(20);
  expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v1']);
  expect(lab.traffic.count().lost).toBe(0);
  const { minSize, desiredCapacity, maxSize, launchTemplateVersion } =
    (await lab.act(() => lab.group('web-blue'))) ?? {};
  expect({ minSize, desiredCapacity, maxSize, launchTemplateVersion }).toEqual({
    minSize: 1,
    desiredCapacity: 2,
    maxSize: 4,
    launchTemplateVersion: '$Latest',
  });
}

function rolledBackBecause(cause: RegExp): unknown {
  return { status: 'FAILED', error: 'RolledBack', cause: expect.stringMatching(cause) as unknown };
}

function raiseAlarm(lab: Lab): Promise<unknown> {
  const alarm = { AlarmName: lab.estate.alarmName, StateValue: 'ALARM' } as const;
  const command = new SetAlarmStateCommand({ ...alarm, StateReason: 'somebody said so' });
  return lab.act(() => lab.aws.cloudWatch().send(command));
}

describe('a green that does not come up', () => {
  test.each([
    ['that never passes a health check', PROGRAMS.sick],
    ['that never listens', PROGRAMS.mute],
  ])('%s gets no traffic at all', async (_name, program) => {
    const lab = await openLab({ service: { greenHealthyDeadlineSeconds: 240 } });
    const id = await lab.deploy({ version: 'v2', program });
    expect(await lab.end(id)).toEqual(rolledBackBecause(/Green .*health check/));
    expect(await lab.act(() => lab.states(id))).not.toContain('ShiftTraffic');
    await expectBlueUntouched(lab);
  });

  test('because AWS has no room gets no traffic, and AWS is quoted', async () => {
    const [imageIds, message] = [
      new Set<string>(),
      'We currently do not have sufficient capacity.',
    ];
    const lab = await openLab({
      launchFault: ({ imageId }) =>
        imageIds.has(imageId)
          ? new AwsError('InsufficientInstanceCapacity', message, { httpStatus: 500 })
          : undefined,
    });
    const imageId = lab.addImage('v2');
    imageIds.add(imageId);
    const request = { service: 'web', imageId, greenHealthyDeadlineSeconds: 240 };
    const id = await lab.start('no-room', request);
    expect(await lab.end(id)).toEqual(rolledBackBecause(/do not have sufficient capacity/));
    await expectBlueUntouched(lab);
  });

  test('because its instances end while they boot gets no traffic', async () => {
    const lab = await openLab();
    const bootFailure = { code: 'Client.InternalError', message: 'Client error on launch' };
    const id = await lab.deploy({ version: 'v2', image: { bootFailure } });
    expect(await lab.end(id)).toEqual(
      rolledBackBecause(/Client error on launch|Client.InternalError/),
    );
    await expectBlueUntouched(lab);
  });
});

describe('while green comes up', () => {
  test('an alarm stops the deployment', async () => {
    const lab = await openLab();
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sick });
    await lab.untilState(id, 'AwaitGreen');
    await lab.pass(20);
    await raiseAlarm(lab);
    expect(await lab.end(id)).toEqual(rolledBackBecause(/Alarm web-5xx went into ALARM/));
    await expectBlueUntouched(lab);
  });

  test('an operator stops the deployment', async () => {
    const lab = await openLab();
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sick });
    await lab.untilState(id, 'AwaitGreen');
    await lab.pass(20);
    const { status } = await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
    expect(status).toBe(202);
    expect(await lab.end(id)).toEqual(rolledBackBecause(/asked to abort/));
    await expectBlueUntouched(lab);
  });
});

describe('while green has some of the traffic', () => {
  test('its instances die early in a hold of an hour, and blue takes over within minutes', async () => {
    const steps = [{ greenWeightPercent: 10, holdSeconds: 3600 }];
    const lab = await openLab({ service: { strategy: { type: 'steps', steps } } });
    let isDead = false;
    const healthStatus = () => (isDead ? 'refused' : 200);
    const program = { ...PROGRAMS.sound, healthStatus } as const;
    const id = await lab.deploy({ version: 'v2', program });
    await lab.untilState(id, 'Hold');
    isDead = true;
    // Two failed health checks, a minute of the metric, and a minute until the alarm looks at it.
    await lab.until(async () => (await lab.weights())['web-blue'] === 100, 180);
    expect(await lab.end(id)).toEqual(rolledBackBecause(/Green had 0 healthy targets/));
    expect(await leftovers(lab)).toEqual([]);
    lab.traffic.sinceLast();
    await lab.pass(20);
    expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v1']);
  });

  test.each<[string, ReturnType<NonNullable<EventBridgeOptions['deliveryFaults']>>]>([
    ['lost', 'drop'],
    ['told twice', 'duplicate'],
  ])('an alarm whose event is %s is found all the same', async (_name, fault) => {
    const lab = await openLab({ deliveryFaults: () => fault });
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    await lab.untilState(id, 'Hold');
    // At the latest when the hold of 240 s is over.
    await lab.until(async () => (await lab.states(id)).includes('RollBack'), 245);
    expect(await lab.end(id)).toEqual(rolledBackBecause(/Alarm web-5xx went into ALARM/));
    expect(Object.keys(lab.traffic.count().byVersion)).toEqual(['v1', 'v2']);
    await expectBlueUntouched(lab);
  });

  test('an alarm brings blue back within seconds', async () => {
    const lab = await openLab();
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    await lab.pass(5);
    await raiseAlarm(lab);
    await lab.until(async () => (await lab.weights())['web-blue'] === 100, 3);
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    await expectBlueUntouched(lab);
  });

  test("somebody else's weights are left as they are by the next step", async () => {
    const lab = await openLab();
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    const { listenerArn } = lab.estate;
    const before = await lab.act(() => lab.weights());
    const writesBefore = weightWrites(lab).length;
    await lab.act(async () => {
      const weights = Object.keys(before).map((name) => [name, name === 'web-blue' ? 70 : 30]);
      const command = await forward(lab, Object.fromEntries(weights) as Record<string, number>);
      return lab.aws
        .loadBalancing()
        .send(new ModifyListenerCommand({ ListenerArn: listenerArn, DefaultActions: [command] }));
    });
    expect(await lab.end(id)).toEqual(rolledBackBecause(/Somebody else changed the weights/));
    expect(await lab.act(() => lab.states(id))).not.toContain('RetireBlue');
    // Nothing was written over it but the way back.
    expect(weightWrites(lab).slice(writesBefore)).not.toContain('teal-dev-shift-traffic');
    expect(await leftovers(lab)).toEqual([]);
  });

  test('a rule that carries it is deleted, and the deployment gives up on it', async () => {
    const lab = await openLab({ estate: { hasRule: true } });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    const { routes } = await lab.act(() => lab.belongings());
    const rule = Object.keys(routes).find((arn) => arn.includes(':listener-rule/'));
    await lab.act(() =>
      lab.aws.loadBalancing().send(new DeleteRuleCommand({ RuleArn: rule ?? '' })),
    );
    expect(await lab.end(id)).toEqual(rolledBackBecause(/was deleted by somebody else/));
    await expectBlueUntouched(lab);
  });
});

/** Who changed the weights of the listener, in order. */
function weightWrites(lab: Lab): readonly string[] {
  return lab
    .calls()
    .filter(({ operation }) => operation === 'ModifyListener')
    .map(({ callerLabel }) => callerLabel);
}

/** A forward action with weights by the names of target groups. */
async function forward(lab: Lab, weights: Readonly<Record<string, number>>) {
  const arns = await lab.targetGroupArns();
  return {
    Type: 'forward' as const,
    ForwardConfig: {
      TargetGroups: Object.entries(weights).map(([name, Weight]) => ({
        TargetGroupArn: arns[name],
        Weight,
      })),
    },
  };
}
