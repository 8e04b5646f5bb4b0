/**
 * What rests while traffic moves, and is not forgotten: schedules that come due meanwhile, and the
 * replacement of Spot Instances.
 */
import {
  PutScheduledUpdateGroupActionCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { describe, expect, test } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { describeGroup, greenOf, untilGreenHas } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

const strategy = { type: 'canary', greenWeightPercent: 10, holdSeconds: 1200 } as const;

/** Has blue grow once, some minutes from now: AWS forgets such a schedule when its time is over. */
async function scheduleGrowth({ aws, act, clock }: Lab): Promise<void> {
  const schedule = new PutScheduledUpdateGroupActionCommand({
    AutoScalingGroupName: 'web-blue',
    ScheduledActionName: 'sale',
    StartTime: new Date(clock.now() + 600_000),
    MinSize: 3,
    MaxSize: 5,
    DesiredCapacity: 3,
  });
  await act(() => aws.autoScaling().send(schedule));
}

const GROWN = { minSize: 3, maxSize: 5, desiredCapacity: 3 };

describe('a schedule that came due during a deployment', () => {
  test('is made up for by the version that won', async () => {
    const lab = await openLab({ service: { strategy, bakeTimeSeconds: 240 } });
    await scheduleGrowth(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(900);
    const { groups } = await lab.act(() => lab.belongings());
    expect(Object.values(groups).map(({ desiredCapacity }) => desiredCapacity)).toEqual([2, 2]);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await lab.act(() => lab.group(greenOf(lab, id)))).toMatchObject(GROWN);
    expect(lab.traffic.count().lost).toBe(0);
  });

  test('is made up for by blue after a rollback, once', async () => {
    const lab = await openLab({ service: { strategy, bakeTimeSeconds: 240 } });
    await scheduleGrowth(lab);
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    await lab.pass(900);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ desiredCapacity: 2 });
    await lab.api.send('POST', `/deployments/${id}/abort`, { body: {} });
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject(GROWN);
  });
});

const rebalances = async (lab: Lab, name: string) =>
  (await describeGroup(lab, name)).CapacityRebalance;

/** Blue as its owner has it: with instances replaced before AWS takes them back. */
async function openRebalancingLab(): Promise<Lab> {
  const lab = await openLab({ service: { strategy, bakeTimeSeconds: 240 } });
  const change = { AutoScalingGroupName: 'web-blue', CapacityRebalance: true };
  await lab.act(() => lab.aws.autoScaling().send(new UpdateAutoScalingGroupCommand(change)));
  return lab;
}

describe('the replacement of Spot Instances', () => {
  test('rests on both fleets while traffic moves, and goes on where the traffic is', async () => {
    const lab = await openRebalancingLab();
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    expect(await rebalances(lab, 'web-blue')).toBe(false);
    expect(await rebalances(lab, greenOf(lab, id))).not.toBe(true);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await rebalances(lab, greenOf(lab, id))).toBe(true);
  });

  test('goes on as before after a rollback', async () => {
    const lab = await openRebalancingLab();
    await lab.end(await lab.deploy({ version: 'v2', program: PROGRAMS.broken }));
    expect(await rebalances(lab, 'web-blue')).toBe(true);
  });
});
