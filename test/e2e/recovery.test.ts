/**
 * Executions that end where no Catch sees it, and clean-up that fails: what is in the region once
 * somebody has found out. `bench/stop.ts` stops every state; here is one of each kind.
 */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { hasEnded } from '../../shared/core/progress.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, greenOf } from '../lab/moments.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { judgeStopped, playStopped, playWhole, type Stop, type Whole } from '../lab/stop.ts';
import { useLabs } from '../lab/use-labs.ts';

/** Real milliseconds: a test plays one or two whole deployments. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const openLab = useLabs();

const stopExecution = (lab: Lab, id: string) => {
  const command = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
  return lab.act(() => lab.aws.stepFunctions().send(command));
};

/** Region seconds between two looks, and for how long there are any: a few sweeps. */
const LOOK_SECONDS = 15;
const PATIENCE_SECONDS = 3600;

/** Lets time pass until a deployment has an outcome and nothing of it is frozen. */
async function untilRecovered(lab: Lab, id: string): Promise<string | undefined> {
  for (let passed = 0; passed < PATIENCE_SECONDS; passed += LOOK_SECONDS) {
    await lab.pass(LOOK_SECONDS);
    const progress = await lab.act(() => lab.progress(id));
    const open = await lab.act(() => lab.leases());
    if (progress && hasEnded(progress) && open.length === 0) return progress.phase;
  }
  return undefined;
}

describe('an execution that is stopped in the console', () => {
  const wholes: Whole[] = [];
  beforeAll(async () => {
    wholes.push(await playWhole('success'), await playWhole('rollback'));
  });

  test.each<[string, Stop, string]>([
    [
      'during the bake, and nobody is told',
      { story: 'success', state: 'Hold', number: 2, when: 'entered', isEventLost: true },
      'rolledBack',
    ],
    [
      'while blue is being taken down',
      { story: 'success', state: 'RetireBlue', number: 2, when: 'answered', isEventLost: false },
      'succeeded',
    ],
    [
      'while green is being cleaned up, and nobody is told',
      { story: 'rollback', state: 'CleanUpGreen', number: 1, when: 'entered', isEventLost: true },
      'rolledBack',
    ],
  ])(
    '%s leaves nothing frozen, loses no request, and is not resumed by a redrive',
    async (_when, stop, outcome) => {
      const stopped = await playStopped(stop);
      expect(judgeStopped(stopped, wholes)).toEqual([]);
      expect(stopped.outcome).toBe(outcome);
      // The sweeper comes every five minutes; what follows are clients that finish.
      expect(stopped.seconds).toBeLessThan(stop.isEventLost ? 600 : 300);
    },
  );

  test('is recovered twice to no further effect, whoever asks', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    const request = { directive: { type: 'recover' }, deploymentId: id };
    // Too early: the deployment is at work.
    await lab.start('by-hand-1', request);
    expect(await lab.end('by-hand-1')).toEqual({ status: 'SUCCEEDED' });
    expect(lab.isRunning(id)).toBe(true);
    await stopExecution(lab, id);
    expect(await untilRecovered(lab, id)).toBe('rolledBack');
    expect(await leftovers(lab)).toEqual([]);
    const before = await lab.act(() => lab.belongings());
    await lab.start('by-hand-2', request);
    expect(await lab.end('by-hand-2')).toEqual({ status: 'SUCCEEDED' });
    expect(await lab.act(() => lab.states('by-hand-2'))).toContain('NothingToRecover');
    expect(await lab.act(() => lab.belongings())).toEqual(before);
  });

  test('keeps its service from the next deployment until it is recovered, however late', async () => {
    const lab = await openLab({
      service: BRIEF,
      deliveryFaults: () => 'drop',
      requestsPerSecond: 0,
    });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    await stopExecution(lab, id);
    // Without events and schedules nobody finds out, and the lock runs out.
    await lab.pass(2 * 3600);
    const next = await lab.deploy({ version: 'v3' });
    const { error, cause } = await lab.end(next);
    expect(error).toBe('ServiceBusy');
    expect(cause).toMatch(/Deployment web-v2 of web did not end .* is being recovered/);
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    expect(await lab.end('by-hand')).toMatchObject({ error: 'RolledBack' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('while blue is half gone gives blue everything back, should green fall ill by then', async () => {
    let isIll = false;
    const healthStatus = () => (isIll ? 500 : 200);
    const lab = await openLab({ service: BRIEF, deliveryFaults: () => 'drop' });
    const id = await lab.deploy({ version: 'v2', program: { ...PROGRAMS.sound, healthStatus } });
    // Blue is out of the routes, out of its target group, and is about to end its instances.
    await lab.until(async () => (await lab.group('web-blue'))?.desiredCapacity === 0);
    await stopExecution(lab, id);
    isIll = true;
    const green = (await lab.act(() => lab.targetGroupArns()))[greenOf(lab, id)] ?? '';
    await lab.until(async () => (await lab.healthy(green)) === 0);
    await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
    expect(await lab.end('by-hand')).toMatchObject({ error: 'RolledBack' });
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.weights())).toEqual({
      'web-blue': expect.any(Number) as number,
    });
    expect(await lab.act(() => lab.healthy(lab.estate.blueTargetGroupArn))).toBe(2);
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ minSize: 1, maxSize: 4 });
  });
});

describe('clean-up that fails for good', () => {
  test('leaves a good deployment good, is listed, and is done by itself when it can be', async () => {
    const lab = await openLab({ service: BRIEF });
    const id = await lab.deploy({ version: 'v2' });
    lab.spoil(({ operation }) =>
      operation === 'DeleteAutoScalingGroup'
        ? { type: 'refuse', code: 'AccessDenied', message: 'A policy denied it.', httpStatus: 403 }
        : undefined,
    );
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect((await lab.act(() => lab.progress(id)))?.reason).toContain('A policy denied it');
    const listed = await lab.api.send('GET', '/leftovers');
    expect(listed.body).toMatchObject({
      leftovers: [{ service: 'web', deploymentId: id, kind: 'leftover', resource: 'web-blue' }],
    });
    expect(JSON.stringify(listed.body)).toContain('A policy denied it');
    lab.spoil(undefined);
    expect(await untilRecovered(lab, id)).toBe('succeeded');
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.group('web-blue'))).toBeUndefined();
    expect((await lab.api.send('GET', '/leftovers')).body).toEqual({ leftovers: [] });
  });
});
