/**
 * Several deployments of one service: who runs, who waits, who is turned away, and what each is told.
 */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../shared/core/plan.ts';
import type { Lab, Wish } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

type OnBusy = NonNullable<Wish['onBusy']>;

/** What makes a deployment short: a minute of bake, and no alarm that could not see it. */
const SHORT = { bakeTimeSeconds: 60, alarms: [] as string[] };

async function start(lab: Lab, version: string, onBusy?: OnBusy): Promise<string> {
  const strategy = { type: 'allAtOnce' } as const;
  return lab.deploy({ version, name: version, ...SHORT, strategy, ...(onBusy && { onBusy }) });
}

async function phase(lab: Lab, id: string): Promise<string | undefined> {
  return (await lab.act(() => lab.progress(id)))?.phase;
}

async function untilPhase(lab: Lab, id: string, wanted: string): Promise<void> {
  await lab.until(async () => (await lab.progress(id))?.phase === wanted, 600);
}

/** The names of the groups in the plans of all deployments. */
async function fleets(lab: Lab) {
  const records = await lab.act(() => lab.items('RECORD'));
  return (id: string) => {
    const plan = records.find(({ deploymentId }) => deploymentId === id)?.['plan'] as Plan;
    const { blue, green } = plan;
    return { blue: blue.autoScalingGroupName, green: green.autoScalingGroupName };
  };
}

/** How several deployments ended, as their executions say. */
async function waitFor(lab: Lab, ids: readonly string[]): Promise<string[]> {
  const ends: string[] = [];
  for (const id of ids) ends.push((await lab.end(id)).status);
  return ends;
}

async function stopExecution(lab: Lab, id: string): Promise<void> {
  const executionArn = lab.executionArn(id);
  await lab.act(() => lab.aws.stepFunctions().send(new StopExecutionCommand({ executionArn })));
}

describe('a deployment that is told to queue', () => {
  test('waits for the one that runs, and then deploys onto what that one left', async () => {
    const lab = await openLab({ service: { onBusy: 'queue' } });
    const first = await start(lab, 'v2');
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3');
    await untilPhase(lab, second, 'queued');
    const { body } = await lab.api.send('GET', `/deployments/${second}`);
    expect(body).toMatchObject({
      status: 'queued',
      place: 1,
      reason: `It had to wait for its turn, as number 1 in the queue of web, until deployment ${first} was over.`,
    });
    expect(await waitFor(lab, [first, second])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const fleetsOf = await fleets(lab);
    expect(fleetsOf(second).blue).toBe(fleetsOf(first).green);
    // One among all deployments and one among those of the service, however often it is planned.
    const rows = await lab.act(() => lab.items('DEPLOYMENT#'));
    expect(rows.filter(({ sk }) => String(sk).endsWith(`#${second}`))).toHaveLength(2);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('is answered over the API with the name of the one that it waits for', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2');
    await lab.untilState(first, 'Hold');
    const body = { service: 'web', imageId: lab.addImage('v3'), onBusy: 'queue' };
    const answer = await lab.api.send('POST', '/deployments', { body });
    expect(answer).toMatchObject({ status: 202, body: { queuedBehind: first } });
    await untilPhase(lab, String(answer.body['deploymentId']), 'queued');
  });

  test('lets those go first that came first', async () => {
    const lab = await openLab();
    const ids = [await start(lab, 'v2', 'queue')];
    await lab.untilState('v2', 'Hold');
    for (const version of ['v3', 'v4', 'v5']) {
      ids.push(await start(lab, version, 'queue'));
      await lab.pass(2);
    }
    expect(await waitFor(lab, ids)).toEqual(ids.map(() => 'SUCCEEDED'));
    const locked = (await lab.act(() => lab.items('TIMELINE#')))
      .filter(({ event }) => event === 'locked')
      .toSorted((one, other) => String(one['at']).localeCompare(String(other['at'])))
      .map(({ pk }) => String(pk).slice('DEPLOYMENT#'.length));
    expect(locked).toEqual(ids);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('is started although the one before it ended without a word', async () => {
    const lab = await openLab({
      deliveryFaults: ({ source }) => (source === 'aws.states' ? 'drop' : 'deliver'),
    });
    const first = await start(lab, 'v2', 'queue');
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3', 'queue');
    await untilPhase(lab, second, 'queued');
    await stopExecution(lab, first);
    expect(await lab.end(second)).toEqual({ status: 'SUCCEEDED' });
    expect(await phase(lab, first)).toBe('rolledBack');
  });

  test('can be aborted while it waits, with nothing changed', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2', 'queue');
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3', 'queue');
    const third = await start(lab, 'v4', 'queue');
    await untilPhase(lab, third, 'queued');
    const answer = await lab.api.send('POST', `/deployments/${second}/abort`, {
      body: { reason: 'wrong image.' },
    });
    expect(answer.status).toBe(202);
    expect(await lab.end(second)).toMatchObject({
      status: 'FAILED',
      error: 'Aborted',
      cause: expect.stringMatching(
        /administrator asked to abort before anything was changed: wrong/,
      ),
    });
    expect(await phase(lab, second)).toBe('refused');
    expect(await waitFor(lab, [first, third])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('leaves nothing behind when it is stopped in the console, and the next one goes on', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2', 'queue');
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3', 'queue');
    await lab.pass(2);
    const third = await start(lab, 'v4', 'queue');
    await untilPhase(lab, third, 'queued');
    await stopExecution(lab, second);
    await untilPhase(lab, second, 'refused');
    expect(await waitFor(lab, [first, third])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await leftovers(lab)).toEqual([]);
    expect(await lab.act(() => lab.leases())).toEqual([]);
  });

  test('plans anew when its turn has come, and is refused for what is wrong by then', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2', 'queue');
    await lab.untilState(first, 'Hold');
    const imageId = lab.addImage('v3');
    const second = await lab.start('v3', {
      service: 'web',
      imageId,
      ...SHORT,
      onBusy: 'queue' as const,
    });
    const third = await start(lab, 'v4', 'queue');
    await untilPhase(lab, third, 'queued');
    lab.region.ec2.setImageState(imageId, 'deregistered');
    expect(await waitFor(lab, [first, second, third])).toEqual([
      'SUCCEEDED',
      'FAILED',
      'SUCCEEDED',
    ]);
    expect((await lab.end(second)).cause).toMatch(/EC2 knows no image/);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('looks for itself once a day, and waits on', async () => {
    const lab = await openLab({ requestsPerSecond: 0.001 });
    const first = await lab.deploy({
      version: 'v2',
      strategy: { type: 'canary', greenWeightPercent: 10, holdSeconds: 90_000 },
    });
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3', 'queue');
    await lab.pass(87_000);
    expect((await lab.states(second)).filter((state) => state === 'AwaitTurn')).toHaveLength(2);
    const { body } = await lab.api.send('GET', '/leftovers');
    expect(body).toEqual({ leftovers: [] });
    expect(await waitFor(lab, [first, second])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  });
});

describe('a deployment that supersedes', () => {
  test('has the one that runs taken back, and goes on by itself', async () => {
    const lab = await openLab({ service: { onBusy: 'supersede' } });
    const first = await start(lab, 'v2');
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3');
    expect(await lab.end(first)).toMatchObject({
      error: 'RolledBack',
      cause: `Deployment ${second} asked to abort: it is newer and supersedes this one.`,
    });
    expect(await lab.end(second)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('takes the place of those that wait, and each of them is told by whom', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2', 'queue');
    await lab.untilState(first, 'Hold');
    const waiting = [await start(lab, 'v3', 'queue'), await start(lab, 'v4', 'queue')];
    await lab.pass(2);
    const newest = await start(lab, 'v5', 'supersede');
    for (const id of waiting) {
      expect(await lab.end(id)).toMatchObject({
        error: 'Superseded',
        cause: `Deployment ${newest}, which is newer, superseded it before anything was changed.`,
      });
      expect(await phase(lab, id)).toBe('refused');
    }
    expect(await lab.end(first)).toMatchObject({ error: 'RolledBack' });
    expect(await lab.end(newest)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('is refused for an image that is gone before it sends a good one back', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2');
    await lab.untilState(first, 'Hold');
    const imageId = lab.addImage('v3');
    lab.region.ec2.setImageState(imageId, 'deregistered');
    const wish = { service: 'web', imageId, ...SHORT, onBusy: 'supersede' as const };
    const second = await lab.start('v3', wish);
    expect(await lab.end(second)).toMatchObject({
      error: 'SpecRefused',
      cause: expect.stringMatching(/web cannot be deployed: EC2 knows no image/),
    });
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('waits for one that green has won already', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2');
    await lab.untilState(first, 'RetireBlue');
    const second = await start(lab, 'v3', 'supersede');
    expect(await waitFor(lab, [first, second])).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe('a deployment that is refused when its service is busy', () => {
  test('reads who is in the way, and that nothing was changed', async () => {
    const lab = await openLab();
    const first = await start(lab, 'v2');
    await lab.untilState(first, 'Hold');
    const second = await start(lab, 'v3');
    expect(await lab.end(second)).toEqual({
      status: 'FAILED',
      error: 'ServiceBusy',
      cause: expect.stringMatching(
        /^Deployment v2 of web is under way and holds its lock until .*; wait for its end, or abort it, and start again\. Nothing was changed\.$/,
      ),
    });
    expect(await lab.end(first)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });
});
