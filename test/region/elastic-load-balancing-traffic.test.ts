import { describe, expect, it } from 'vitest';
import type { AccessLogEntry } from '../../region/kernel/contracts.ts';
import { createRig, forwardTo, split } from './elastic-load-balancing-rig.ts';

async function createFleets(options: { propagationMilliseconds?: number; seed?: number } = {}) {
  const rig = createRig(options);
  const balancer = await rig.balance();
  const blue = await rig.group('blue');
  const green = await rig.group('green');
  await rig.register(blue, rig.launch('1', { model: { status: 200, milliseconds: 20 } }));
  await rig.register(green, rig.launch('2', { model: { status: 500, milliseconds: 40 } }));
  const listener = await rig.listen(balancer, [split({ [blue]: 1, [green]: 0 })]);
  await rig.pass(15);
  const log: AccessLogEntry[] = [];
  rig.elb.onAccess((entry) => log.push(entry));
  const shift = (blueWeight: number, greenWeight: number) =>
    rig.call('ModifyListener', {
      ListenerArn: listener,
      DefaultActions: [split({ [blue]: blueWeight, [green]: greenWeight })],
    });
  const sum = (name: string, group?: string): number =>
    rig.measurements
      .filter(({ metricName }) => metricName === name)
      .filter(({ dimensions }) => 'LoadBalancer' in dimensions)
      .filter(({ dimensions: { TargetGroup } }) =>
        group ? TargetGroup?.startsWith(`targetgroup/${group}/`) : TargetGroup === undefined,
      )
      .reduce((total, { value }) => total + value, 0);
  return { ...rig, balancer, blue, green, listener, log, shift, sum };
}

async function runOf(seed: number): Promise<string> {
  const rig = await createFleets({ seed });
  await rig.shift(1, 1);
  rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 50 });
  await rig.pass(20);
  return JSON.stringify(rig.log.map(({ at, instanceId }) => [at, instanceId]));
}

describe('modelled traffic', () => {
  it('gives each target group its share by weight', async () => {
    const rig = await createFleets();
    await rig.shift(95, 5);
    rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 200 });
    await rig.pass(102);
    const total = rig.sum('RequestCount');
    const green = rig.sum('RequestCount', 'green');
    expect(total).toBeGreaterThanOrEqual(20_000);
    // Five standard deviations of a binomial share around 5 % of 20,000 requests.
    expect(Math.abs(green / total - 0.05)).toBeLessThan(5 * Math.sqrt((0.05 * 0.95) / total));
    expect(rig.sum('HTTPCode_Target_5XX_Count', 'green')).toBe(green);
    expect(rig.sum('HTTPCode_Target_5XX_Count')).toBe(green);
    expect(rig.sum('HTTPCode_Target_2XX_Count', 'blue')).toBe(total - green);
    expect(rig.sum('HTTPCode_ELB_5XX_Count')).toBe(0);
  });

  it('sends nothing to a target group of weight 0', async () => {
    const rig = await createFleets();
    rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 100 });
    await rig.pass(61);
    expect(rig.sum('RequestCount', 'green')).toBe(0);
    expect(rig.log.every((entry) => entry.targetGroupArn === rig.blue)).toBe(true);
  });

  it('reports nothing where nothing happened', async () => {
    const rig = await createFleets();
    await rig.pass(120);
    const names = new Set(rig.measurements.map(({ metricName }) => metricName));
    expect([...names].sort()).toEqual([
      'HealthyHostCount',
      'RequestCountPerTarget',
      'UnHealthyHostCount',
    ]);
  });

  it('measures one sum a second for each set of dimensions, and response times in seconds', async () => {
    const rig = await createFleets();
    const stop = rig.elb.modelTraffic({
      loadBalancerArn: rig.balancer,
      port: 80,
      requestsPerSecond: 500,
    });
    await rig.pass(10.5);
    stop();
    await rig.pass(5);
    const counts = rig.measurements.filter(
      ({ metricName, dimensions }) => metricName === 'RequestCount' && !dimensions['TargetGroup'],
    );
    expect(counts.map(({ value }) => value)).toEqual(Array.from({ length: 10 }, () => 500));
    expect(counts[0]!.dimensions['LoadBalancer']).toMatch(/^app\/web\/[0-9a-f]{16}$/);
    const times = rig.measurements.filter(({ metricName }) => metricName === 'TargetResponseTime');
    expect(new Set(times.map(({ value, unit }) => `${value} ${unit}`))).toEqual(
      new Set(['0.02 Seconds']),
    );
  });

  it('answers 503 for an empty target group and 502 for an instance that is gone', async () => {
    const rig = await createFleets();
    const empty = await rig.group('empty');
    await rig.call('ModifyListener', {
      ListenerArn: rig.listener,
      DefaultActions: [split({ [rig.blue]: 1, [empty]: 1 })],
    });
    rig.fleet.get(rig.launch('1'))!.answer = () => ({ type: 'refused' });
    rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 10 });
    await rig.pass(21);
    const [lost, refused] = [rig.sum('HTTPCode_ELB_503_Count'), rig.sum('HTTPCode_ELB_502_Count')];
    expect(lost).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
    expect(rig.sum('HTTPCode_ELB_5XX_Count')).toBe(lost + refused);
    expect(rig.sum('TargetConnectionErrorCount', 'blue')).toBe(refused);
    expect(rig.sum('RequestCount')).toBe(refused);
  });

  it('lets requests share a draw when many of them are wanted', async () => {
    const rig = await createFleets();
    rig.elb.modelTraffic({
      loadBalancerArn: rig.balancer,
      port: 80,
      requestsPerSecond: 1000,
      batchSeconds: 10,
      requestsPerDraw: 100,
    });
    await rig.pass(12);
    expect(rig.log).toHaveLength(100);
    expect(rig.sum('RequestCount')).toBe(10_000);
  });

  it('is the same for the same seed, and another for another', async () => {
    expect(await runOf(1)).toBe(await runOf(1));
    expect(await runOf(1)).not.toBe(await runOf(2));
  });
});

describe('a change of weights', () => {
  it('is described at once and followed a moment later', async () => {
    const rig = await createFleets({ propagationMilliseconds: 2000 });
    await rig.pass(5);
    rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 10 });
    await rig.pass(1.5);
    const changedAt = rig.clock.now();
    await rig.shift(0, 1);
    const { Listeners } = await rig.call<{
      Listeners: { DefaultActions: { ForwardConfig: { TargetGroups: { Weight: number }[] } }[] }[];
    }>('DescribeListeners', { ListenerArns: [rig.listener] });
    const tuples = Listeners[0]!.DefaultActions[0]!.ForwardConfig.TargetGroups;
    expect(tuples.map(({ Weight }) => Weight)).toEqual([0, 1]);
    await rig.pass(10);
    const first = rig.log.find((entry) => entry.targetGroupArn === rig.green)!;
    expect(first.at - changedAt).toBeGreaterThanOrEqual(1000);
    expect(first.at - changedAt).toBeLessThanOrEqual(4000);
  });

  it('loses no request when the target group of the old rule is let go', async () => {
    const rig = await createFleets({ propagationMilliseconds: 2000 });
    await rig.pass(5);
    rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 50 });
    await rig.pass(5);
    rig.fleet.get([...rig.elb.registry.targetHealth(rig.green).keys()][0]!)!.model!.status = 200;
    await rig.call('ModifyListener', {
      ListenerArn: rig.listener,
      DefaultActions: [forwardTo(rig.green)],
    });
    await rig.call('DeleteTargetGroup', { TargetGroupArn: rig.blue });
    await rig.pass(10);
    expect(new Set(rig.log.map(({ elbStatusCode }) => elbStatusCode))).toEqual(new Set([200]));
  });

  it('never lets an earlier change overtake a later one', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const rig = await createFleets({ propagationMilliseconds: 2000, seed });
      await rig.shift(0, 1);
      await rig.shift(1, 0);
      await rig.pass(5);
      rig.elb.modelTraffic({ loadBalancerArn: rig.balancer, port: 80, requestsPerSecond: 5 });
      await rig.pass(3);
      expect(rig.log.every((entry) => entry.targetGroupArn === rig.blue)).toBe(true);
    }
  });
});
