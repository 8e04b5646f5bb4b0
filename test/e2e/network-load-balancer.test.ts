/**
 * Deployments behind a network load balancer, whose weights decide about connections and not about
 * requests: its clients keep a connection for 45 seconds and open another one where one was ended.
 */
import { describe, expect, test } from 'vitest';
import { leftovers } from '../lab/leftovers.ts';
import { raiseAlarm, untilGreenHas } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

const NETWORK = { loadBalancerType: 'network', alarmMetric: 'UnHealthyHostCount' } as const;
const HALF = { type: 'canary', greenWeightPercent: 50, holdSeconds: 240 } as const;

describe('behind a network load balancer', () => {
  test('a good version takes over connection by connection, and no request is lost', async () => {
    const lab = await openLab({ estate: NETWORK, service: { strategy: HALF } });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 50);
    await lab.pass(60);
    lab.traffic.sinceLast();
    await lab.pass(120);
    const { byVersion, sent } = lab.traffic.sinceLast();
    expect((byVersion['v2']?.answered ?? 0) / sent).toBeGreaterThan(0.35);
    expect((byVersion['v1']?.answered ?? 0) / sent).toBeGreaterThan(0.35);

    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    await lab.pass(60);
    expect(lab.traffic.count().lost).toBe(0);
    lab.traffic.sinceLast();
    await lab.pass(60);
    expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v2']);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('a version that an alarm speaks against gives every connection back to blue', async () => {
    const lab = await openLab({ estate: NETWORK, service: { strategy: HALF } });
    const { groups } = await lab.act(() => lab.belongings());
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    await untilGreenHas(lab, id, 50);
    await raiseAlarm(lab);
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    await lab.pass(60);
    lab.traffic.sinceLast();
    await lab.pass(60);
    expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v1']);
    expect(lab.traffic.count().lost).toBe(0);
    expect(await leftovers(lab)).toEqual([]);
    const after = await lab.act(() => lab.belongings());
    expect(after).toMatchObject({ groups, targetGroups: ['web-blue'] });
  });

  test('requests cannot be asked for, because nobody counts those of one fleet', async () => {
    const healthGate = { consecutiveReadings: 2, minimumRequests: 10 };
    const lab = await openLab({ estate: NETWORK, service: { healthGate } });
    expect(await lab.end(await lab.deploy({ version: 'v2' }))).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringContaining('set healthGate.minimumRequests to 0') as string,
    });
  });
});
