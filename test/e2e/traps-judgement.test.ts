/**
 * Traps of metrics, of functions that run late, and of request rates: what an operator sees when
 * one is stepped on. The list of all of them is docs/traps.md.
 */
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { buildEstate, USUAL_ESTATE } from '../lab/estate.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, greenWeight, raiseAlarm, untilGreenHas, watchEndings } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

describe('a step in which nobody asked green anything', () => {
  const service = { ...BRIEF, healthGate: { consecutiveReadings: 2, minimumRequests: 30 } };

  test('proves nothing, and is not followed by another', async () => {
    const lab = await openLab({ service, requestsPerSecond: 0 });
    const id = await lab.deploy({ version: 'v2' });
    const { cause, error } = await lab.end(id);
    expect(error).toBe('RolledBack');
    expect(cause).toContain('Green had 0 of the 30 requests that a step takes to prove anything');
    const weights = (await lab.api.send('GET', `/deployments/${id}/timeline`)).body;
    expect(JSON.stringify(weights)).not.toContain('100 % was next');
  });

  test('is told from one that had enough', async () => {
    const lab = await openLab({ service });
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });
});

describe('a function that wakes up late', () => {
  const SLOW_BAKE = { ...BRIEF, bakeTimeSeconds: 600 };

  test.each([
    ['before it noted what it was going to write', 0, 'RecordChanged'],
    ['right before it writes', 1, 'LeaseLost'],
  ])('after a rollback writes nothing: frozen %s', async (_when, callsBefore, ending) => {
    const { endings, around } = watchEndings('shift-traffic');
    const lab = await openLab({
      around,
      estate: { deregistrationDelaySeconds: 600 },
      service: SLOW_BAKE,
    });
    const id = await lab.deploy({ version: 'v2' });
    await untilGreenHas(lab, id, 10);
    freezeShift(lab, { callsBefore, seconds: 400 });
    await untilGreenHas(lab, id, 100);
    await lab.pass(100);
    await raiseAlarm(lab);
    await lab.until(async () => (await greenWeight(lab, id)) === undefined, 60);
    expect(endings).toEqual(['answered', 'answered']);
    await lab.until(() => endings.length === 3);
    expect(endings.at(-1)).toBe(ending);
    await lab.pass(30);
    expect(await lab.act(() => lab.weights())).toEqual({ 'web-blue': expect.any(Number) });
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    expect(lab.traffic.count().lost).toBe(0);
    expect(await leftovers(lab)).toEqual([]);
  });
});

test('a deployment that was rolled back is not resumed by starting its execution again', async () => {
  const lab = await openLab();
  const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
  await lab.end(id);
  expect(await leftovers(lab)).toEqual([]);
  const before = await lab.act(() => lab.belongings());
  const redrive = new RedriveExecutionCommand({ executionArn: lab.executionArn(id) });
  await lab.act(() => lab.aws.stepFunctions().send(redrive));
  expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
  expect(await lab.act(() => lab.belongings())).toEqual(before);
  expect(await leftovers(lab)).toEqual([]);
});

test("a deployment takes at most half of what the load balancer's API answers an account", async () => {
  const lab = await openLab({ service: { ...BRIEF, greenHealthyDeadlineSeconds: 60 } });
  // Nothing is asked as often as whether a green that runs has passed its health checks by now.
  const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sick });
  expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
  const calls = lab.calls().filter(({ service }) => service === 'elastic-load-balancing-v2');
  const reads = calls.filter(({ operation }) => operation.startsWith('Describe'));
  expect(calls.filter(({ errorCode }) => errorCode === 'Throttling')).toEqual([]);
  // Ten reads a second for the whole account, over any ten seconds.
  expect(mostWithin(reads, 10)).toBeLessThanOrEqual(50);
});

test('two deployments at once take no more of it together than one', async () => {
  const lab = await openLab({ service: { ...BRIEF, greenHealthyDeadlineSeconds: 60 } });
  const shop = await lab.act(() => buildEstate(lab.aws, 'shop', lab.addImage('v1'), USUAL_ESTATE));
  await lab.pass(120);
  const { autoScalingGroupName } = shop;
  const definition = { ...BRIEF, autoScalingGroupName, greenHealthyDeadlineSeconds: 60 };
  await lab.api.send('PUT', '/services/shop', { body: definition });
  const ids = [
    await lab.deploy({ version: 'v2', program: PROGRAMS.sick }),
    await lab.start('shop-v2', {
      service: 'shop',
      imageId: lab.addImage('v2', { program: PROGRAMS.sick }),
    }),
  ];
  for (const id of ids) expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
  // Building green is a burst for a moment; only looking at it goes on and on.
  const looks = lab
    .calls()
    .filter(({ service }) => service === 'elastic-load-balancing-v2')
    .filter(({ callerLabel }) => callerLabel.includes('await-green'));
  expect(looks.length).toBeGreaterThan(20);
  expect(looks.filter(({ errorCode }) => errorCode === 'Throttling')).toEqual([]);
  // Alone, each takes up to 20; side by side and each for itself, they took 34.
  expect(mostWithin(looks, 10)).toBeLessThanOrEqual(25);
});

/** The most calls that came within any so many seconds. */
function mostWithin(calls: readonly { readonly at: number }[], seconds: number): number {
  const counts = calls.map(
    ({ at }) => calls.filter((other) => other.at >= at && other.at < at + seconds * 1000).length,
  );
  return Math.max(0, ...counts);
}

/** Stops ShiftTraffic once for so many seconds, at a later one of its looks at the listener. */
function freezeShift(
  lab: Lab,
  { callsBefore, seconds }: { readonly callsBefore: number; readonly seconds: number },
): void {
  let calls = 0;
  lab.spoil(({ operation, callerLabel }) => {
    if (operation !== 'DescribeListeners' || !callerLabel.includes('shift-traffic')) {
      return undefined;
    }
    calls += 1;
    return calls === callsBefore + 1 ? { type: 'delay', milliseconds: seconds * 1000 } : undefined;
  });
}
