/**
 * Traps of load balancers, met while traffic moves: what an operator sees when one is stepped on.
 * The list of all of them is docs/traps.md.
 */
import {
  type Action,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from 'vitest';
import type { Fault, Faults } from '../../region/endpoint/faults.ts';
import { present } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import {
  BRIEF,
  greenOf,
  greenWeight,
  raiseAlarm,
  untilGreenHas,
  watchEndings,
} from '../lab/moments.ts';
import {
  addLogin,
  addRoutes,
  addSharedRule,
  allActions,
  forwardToBlue,
  namesOf,
  weightsOf,
} from '../lab/routes.ts';
import { useLabs } from '../lab/use-labs.ts';
import { openDoors } from '../lab/visitor.ts';

const openLab = useLabs();

/** Half of the traffic for three minutes, then all of it. */
const HALF = { type: 'canary', greenWeightPercent: 50, holdSeconds: 240 } as const;

/** Replaces the actions of the listener by hand. */
function modifyListener(lab: Lab, action: Action): Promise<unknown> {
  const { listenerArn: ListenerArn } = lab.estate;
  const command = new ModifyListenerCommand({ ListenerArn, DefaultActions: [action] });
  return lab.act(() => lab.aws.loadBalancing().send(command));
}

/** Weights of both fleets as somebody else writes them. */
async function writeWeights(lab: Lab, id: string, green: number): Promise<void> {
  const arns = await lab.act(() => lab.targetGroupArns());
  const TargetGroups = [
    { TargetGroupArn: lab.estate.blueTargetGroupArn, Weight: 100 - green },
    { TargetGroupArn: present(arns[greenOf(lab, id)]), Weight: green },
  ];
  await modifyListener(lab, { Type: 'forward', ForwardConfig: { TargetGroups } });
}

describe('green without traffic', () => {
  test('becomes healthy, because a rule names it at weight 0', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    const arnOf = async () => (await lab.targetGroupArns())[greenOf(lab, id)];
    await lab.until(
      async () => (await lab.healthy((await arnOf()) ?? '').catch(() => 0)) === 2,
      600,
    );
    expect(await lab.act(() => lab.weights())).toEqual({ 'web-blue': 100, [greenOf(lab, id)]: 0 });
    expect(Object.keys(lab.traffic.count().byVersion)).toEqual(['v1']);
    expect((await lab.end(id)).status).toBe('SUCCEEDED');
  });

  test('is not waited for when somebody took it out of the rule', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'AwaitGreen');
    await modifyListener(lab, forwardToBlue(lab));
    await lab.until(() => !lab.isRunning(id), 300);
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('Target.NotInUse'),
    });
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe('clients that a cookie keeps on green', () => {
  test('leave a broken green at once, not only when it is taken down', async () => {
    const lab = await openLab({ service: { strategy: HALF } });
    const sticky = { Enabled: true, DurationSeconds: 3600 };
    await modifyListener(lab, {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: lab.estate.blueTargetGroupArn, Weight: 1 }],
        TargetGroupStickinessConfig: sticky,
      },
    });
    const enter = await openDoors(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 50);
    await lab.pass(5);
    const green = new Set(await targetsOf(lab, greenOf(lab, id)));
    let visitor = enter();
    let first = await visitor.ask();
    for (; !green.has(first ?? ''); first = await visitor.ask()) visitor = enter();
    expect(green).toContain(await visitor.ask());
    lab.spoil(({ callerLabel }) =>
      callerLabel.includes('clean-up-green') ? { type: 'throttle' } : undefined,
    );
    await raiseAlarm(lab);
    await lab.until(async () => !((await greenWeight(lab, id)) ?? 0), 10);
    await lab.pass(5);
    expect(await targetsOf(lab, 'web-blue')).toContain(await visitor.ask());
    lab.spoil(undefined);
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    const [action] = await actionsOf(lab);
    expect(action?.ForwardConfig?.TargetGroupStickinessConfig).toEqual(sticky);
    expect(lab.traffic.count().lost).toBe(0);
  });

  test('are outlasted by blue: it stays until the longest session is over', async () => {
    const lab = await openLab({
      service: { strategy: { type: 'allAtOnce' }, bakeTimeSeconds: 240 },
    });
    await modifyListener(lab, {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: lab.estate.blueTargetGroupArn, Weight: 1 }],
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 1800 },
      },
    });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 100);
    await lab.pass(1700);
    expect(await lab.act(() => lab.weights())).toHaveProperty('web-blue', 0);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ instances: 2 });
    expect((await lab.end(id)).status).toBe('SUCCEEDED');
  });
});

test('a target group that keeps clients on one target does not make AWS refuse the shift', async () => {
  const lab = await openLab({ service: BRIEF });
  const { blueTargetGroupArn: TargetGroupArn } = lab.estate;
  const Attributes = [{ Key: 'stickiness.enabled', Value: 'true' }];
  const command = new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes });
  await lab.act(() => lab.aws.loadBalancing().send(command));
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 10);
  expect((await lab.end(id)).status).toBe('SUCCEEDED');
  const [action] = await actionsOf(lab);
  expect(action?.ForwardConfig?.TargetGroupStickinessConfig?.Enabled).toBe(false);
});

describe('an estate with many rules and listeners', () => {
  test('is shifted wherever it forwards to blue, and nowhere else', async () => {
    const lab = await openLab({ estate: { hasRule: true }, service: BRIEF });
    const { strangers, own } = await addRoutes(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    const during = await allActions(lab);
    for (const arn of own) expect(weightsOf(during.get(arn))).toEqual([90, 10]);
    for (const [arn, actions] of strangers) expect(during.get(arn)).toEqual(actions);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const after = await allActions(lab);
    for (const arn of own) expect(namesOf(after.get(arn))).toEqual([greenOf(lab, id)]);
    for (const [arn, actions] of strangers) expect(after.get(arn)).toEqual(actions);
  });

  test('keeps the authentication before the traffic, with its order and its secret', async () => {
    const lab = await openLab({ service: BRIEF });
    const rule = await addLogin(lab);
    const before = (await allActions(lab)).get(rule) ?? [];
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    const [login, forward] = (await allActions(lab)).get(rule) ?? [];
    expect(login).toEqual(before[0]);
    expect(forward).toMatchObject({ Type: 'forward', Order: 2 });
    expect(weightsOf([present(forward)])).toEqual([90, 10]);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect((await allActions(lab)).get(rule)?.[0]).toEqual(before[0]);
  });
});

describe('a rule that blue shares with somebody else', () => {
  test('keeps their half, and green gets its part of blue’s', async () => {
    const lab = await openLab({ service: BRIEF });
    const rule = await addSharedRule(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    expect(weightsOf((await allActions(lab)).get(rule))).toEqual([90, 10, 100]);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const after = (await allActions(lab)).get(rule);
    expect(namesOf(after)).toEqual([greenOf(lab, id), 'other']);
    expect(weightsOf(after)).toEqual([100, 100]);
  });
});

describe('a shift that AWS takes for one route and not for the other', () => {
  test('is completed by the retry', async () => {
    const { endings, around } = watchEndings('shift-traffic');
    const lab = await openLab({ around, estate: { hasRule: true }, service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'AwaitGreen');
    lab.spoil(refuseListener({ type: 'throttle' }));
    await lab.until(() => endings.length > 0);
    expect(endings).toEqual(['AwsUnavailable']);
    expect(await lab.act(() => greenWeights(lab, id))).toEqual([0, 10]);
    lab.spoil(undefined);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(lab.traffic.count().lost).toBe(0);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('is taken back where it was taken when AWS refuses the other for good', async () => {
    const lab = await openLab({ estate: { hasRule: true }, service: BRIEF });
    const before = await lab.act(() => lab.belongings());
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'AwaitGreen');
    const message = 'somebody changed the role';
    lab.spoil(refuseListener({ type: 'refuse', code: 'AccessDenied', message }));
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining(message),
    });
    expect(await leftovers(lab)).toEqual([]);
    const { routes } = await lab.act(() => lab.belongings());
    expect(Object.keys(routes)).toEqual(Object.keys(before.routes));
    for (const weights of Object.values(routes)) {
      expect(Object.keys(weights)).toEqual(['web-blue']);
    }
  });
});

test('a green that AWS lets into no rule leaves blue with everything, and needs nobody', async () => {
  const lab = await openLab({ service: BRIEF });
  const before = await lab.act(() => lab.belongings());
  const code = 'TooManyUniqueTargetGroupsPerLoadBalancer';
  const message = 'You have reached the maximum number of target groups';
  lab.spoil(({ operation }) =>
    operation === 'ModifyListener' ? { type: 'refuse', code, message } : undefined,
  );
  const id = await lab.deploy({ version: 'v2' });
  expect(await lab.end(id)).toMatchObject({
    error: 'RolledBack',
    cause: expect.stringContaining(message),
  });
  expect(await leftovers(lab)).toEqual([]);
  expect(await lab.act(() => lab.belongings())).toEqual(before);
});

describe("somebody else's weights", () => {
  test('make a deployment pause until they are put back, if the service wants that', async () => {
    const lab = await openLab({ service: { ...BRIEF, onForeignChange: 'pause' } });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    await writeWeights(lab, id, 30);
    await lab.pass(900);
    expect(await lab.act(() => greenWeight(lab, id))).toBe(30);
    await writeWeights(lab, id, 10);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('are written over, if the service wants that', async () => {
    const lab = await openLab({ service: { ...BRIEF, onForeignChange: 'reassert' } });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(5);
    await writeWeights(lab, id, 30);
    await untilGreenHas(lab, id, 10);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });
});

test('blue is emptied only when its last requests have had time to end', async () => {
  const lab = await openLab({ estate: { deregistrationDelaySeconds: 240 }, service: BRIEF });
  const id = await lab.deploy({ version: 'v2' });
  await untilGreenHas(lab, id, 100);
  await lab.until(async () => !('web-blue' in (await lab.weights())));
  await lab.pass(230);
  expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({
    desiredCapacity: 2,
    instances: 2,
  });
  expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  expect(await leftovers(lab)).toEqual([]);
});

/** Spoils what ShiftTraffic writes to the listener; the rule comes first and is written. */
function refuseListener(fault: Fault): Faults {
  return ({ operation, callerLabel }) =>
    operation === 'ModifyListener' && callerLabel.includes('shift-traffic') ? fault : undefined;
}

/** Green's weight on every route, the smallest first. */
async function greenWeights(lab: Lab, id: string): Promise<readonly number[]> {
  const { routes } = await lab.belongings();
  const weights = Object.values(routes).map((route) => route[greenOf(lab, id)] ?? 0);
  return weights.toSorted((a, b) => a - b);
}

/** Ids of the targets of a target group. */
async function targetsOf(lab: Lab, name: string): Promise<readonly string[]> {
  const TargetGroupArn = present((await lab.act(() => lab.targetGroupArns()))[name]);
  const command = new DescribeTargetHealthCommand({ TargetGroupArn });
  const { TargetHealthDescriptions = [] } = await lab.act(() =>
    lab.aws.loadBalancing().send(command),
  );
  return TargetHealthDescriptions.map(({ Target }) => Target?.Id ?? '');
}

async function actionsOf(lab: Lab): Promise<readonly Action[]> {
  return (await allActions(lab)).get(lab.estate.listenerArn) ?? [];
}
