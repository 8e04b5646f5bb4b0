/**
 * Whole deployments, good and broken, seen from the region: who serves, what is left, what it cost.
 */
import { describe, expect, test } from 'vitest';
import type { Strategy } from '../../shared/core/spec.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { nameOf } from '../lab/sight.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Five weights, the last of them 100 %, in so many minutes. */
function fiveSteps(minutes: number): Strategy {
  const holdSeconds = (minutes * 60) / 5;
  const steps = [5, 25, 50, 75, 100].map((greenWeightPercent) => ({
    greenWeightPercent,
    holdSeconds,
  }));
  return { type: 'steps', steps };
}

/** The weight of whatever is not blue. */
async function greenWeight(lab: Lab): Promise<number> {
  const weights = await lab.act(() => lab.weights());
  const blue = nameOf(lab.estate.blueTargetGroupArn);
  return Object.entries(weights).find(([name]) => name !== blue)?.[1] ?? 0;
}

describe('a good version', () => {
  test('replaces the one before, without losing a request or leaving anything of it', async () => {
    const lab = await openLab();
    const before = await lab.act(() => lab.belongings());
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sound });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });

    const during = lab.traffic.sinceLast();
    expect(during.lost).toBe(0);
    expect(during.byVersion['v1']?.answered).toBeGreaterThan(0);
    await lab.pass(60);
    const after = lab.traffic.sinceLast();
    expect(after).toEqual({
      sent: after.sent,
      lost: 0,
      byVersion: { v2: { answered: after.sent, errors: 0 } },
    });
    expect(after.sent).toBeGreaterThan(200);
    const { groups, targetGroups, routes, launchTemplate } = await lab.act(() => lab.belongings());
    const [green] = targetGroups;
    expect(targetGroups).toHaveLength(1);
    expect(groups).toEqual({
      [green ?? '']: { ...before.groups['web-blue'], launchTemplateVersion: '2' },
    });
    expect(Object.values(routes)).toEqual([{ [green ?? '']: expect.any(Number) }]);
    expect(launchTemplate).toEqual({ versions: [1, 2], default: 2 });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('gets the weights that were planned, one after the other', async () => {
    const lab = await openLab({ service: { strategy: fiveSteps(20) } });
    const id = await lab.deploy({ version: 'v2' });
    const seen: number[] = [];
    while (lab.isRunning(id)) {
      const weight = await greenWeight(lab);
      if (seen.at(-1) !== weight) seen.push(weight);
      await lab.pass(20);
    }
    expect(seen).toEqual([0, 5, 25, 50, 75, 100]);
  });

  test('leaves blue at zero, in no route, where it shall be kept', async () => {
    const lab = await openLab({ service: { retireBlue: 'scaleToZero' } });
    const id = await lab.deploy({ version: 'v2' });
    await lab.end(id);

    expect(await leftovers(lab)).toEqual([]);
    const { groups, targetGroups, routes } = await lab.act(() => lab.belongings());
    expect(groups['web-blue']).toMatchObject({ minSize: 0, desiredCapacity: 0, instances: 0 });
    expect(targetGroups).toContain('web-blue');
    expect(Object.values(routes).flatMap((weights) => Object.keys(weights))).not.toContain(
      'web-blue',
    );
  });

  test('moves every rule that leads to blue along with the default action', async () => {
    const lab = await openLab({ estate: { hasRule: true } });
    const id = await lab.deploy({ version: 'v2' });
    await lab.until(async () => (await greenWeight(lab)) === 10);
    await lab.pass(30);
    const { routes } = await lab.act(() => lab.belongings());
    expect(Object.values(routes)).toHaveLength(2);
    expect(new Set(Object.values(routes).map((weights) => JSON.stringify(weights))).size).toBe(1);
    expect((await lab.end(id)).status).toBe('SUCCEEDED');
  });

  test('is what the next deployment starts from', async () => {
    const lab = await openLab();
    await lab.end(await lab.deploy({ version: 'v2' }));
    const third = await lab.deploy({ version: 'v3' });
    expect((await lab.end(third)).status).toBe('SUCCEEDED');
    await lab.pass(60);
    lab.traffic.sinceLast();
    await lab.pass(60);
    expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v3']);
    expect(lab.traffic.count().lost).toBe(0);
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe('a broken version', () => {
  test('is caught by the alarm, and blue has everything again and is as it was', async () => {
    const lab = await openLab();
    const before = await lab.act(() => lab.belongings());
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    expect(await lab.end(id)).toEqual({
      status: 'FAILED',
      error: 'RolledBack',
      cause: expect.stringContaining('Alarm web-5xx went into ALARM') as string,
    });
    expect(lab.traffic.sinceLast().lost).toBe(0);
    await lab.pass(60);
    const { sent, byVersion } = lab.traffic.sinceLast();
    expect(byVersion).toEqual({ v1: { answered: sent, errors: 0 } });

    expect(await leftovers(lab)).toEqual([]);
    const after = await lab.act(() => lab.belongings());
    expect(after.groups).toEqual(before.groups);
    expect(after.targetGroups).toEqual(before.targetGroups);
    expect(after.launchTemplate).toEqual(before.launchTemplate);
    expect(after.groups['web-blue']?.launchTemplateVersion).toBe('$Latest');
  });

  test('never reaches an instance that blue launches meanwhile', async () => {
    const lab = await openLab({ estate: { launchTemplateVersion: '$Latest' } });
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    await lab.untilState(id, 'Hold');
    const { launchTemplate, groups } = await lab.act(() => lab.belongings());
    expect(launchTemplate.versions).toEqual([1, 2]);
    expect(groups['web-blue']?.launchTemplateVersion).toBe('1');
    await lab.end(id);
  });

  test('does not keep the next good version from coming', async () => {
    const lab = await openLab();
    await lab.end(await lab.deploy({ version: 'v2', program: PROGRAMS.broken }));
    await lab.until(async () => (await lab.alarmState()) === 'OK');
    const third = await lab.deploy({ version: 'v3' });
    expect((await lab.end(third)).status).toBe('SUCCEEDED');
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe('what a deployment costs', () => {
  test('grows with its steps, not with its minutes', async () => {
    const transitions: number[] = [];
    for (const minutes of [20, 200]) {
      const lab = await openLab({
        requestsPerSecond: 0,
        service: { strategy: fiveSteps(minutes) },
      });
      const id = await lab.deploy({ version: 'v2' });
      expect((await lab.end(id)).status).toBe('SUCCEEDED');
      transitions.push(lab.region.stepFunctions.billedTransitions(lab.executionArn(id)));
    }
    expect(transitions[0]).toBe(transitions[1]);
    expect(transitions[0]).toBeLessThanOrEqual(60);
  });
});

describe('the same seed', () => {
  test('gives the same run, to the last call and event', async () => {
    const runs = [];
    for (const version of ['v2', 'v2']) {
      const lab = await openLab({ seed: 7 });
      const id = await lab.deploy({ version, program: PROGRAMS.broken });
      await lab.end(id);
      const history = await lab.act(() => lab.history(id));
      runs.push({ calls: lab.calls(), history, traffic: lab.traffic.count() });
      await lab.stop();
    }
    expect(runs[0]).toEqual(runs[1]);
  });
});
