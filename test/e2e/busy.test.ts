/**
 * A hundred deployments of one service at the same instant: one runs, and each other one is told
 * the truth.
 */
import { describe, expect, test } from 'vitest';
import { QUEUE_LENGTH_MAX } from '../../shared/core/decide-turn.ts';
import { readStarted, startAtOnce, untilTold } from '../lab/busy.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const COUNT = 100;

const openLab = useLabs();

const START = { service: 'web', version: 'v3', onBusy: 'refuse' };

/** Messages to people that a start was refused. */
function refusals(lab: Lab): number {
  const told = lab.region.sns.messages(lab.stack.topicArn);
  return told.filter(({ subject }) => subject === 'web: refused').length;
}

/** Starts one over the API while another runs, and waits for its end. */
async function startOverApi(lab: Lab): Promise<void> {
  const body = { ...START, imageId: lab.addImage('v3') };
  const answer = await lab.api.send('POST', '/deployments', { body });
  const id = String(answer.body['deploymentId']);
  expect(await lab.end(id)).toMatchObject({ error: 'ServiceBusy' });
  const { body: record } = await lab.api.send('GET', `/deployments/${id}`);
  expect(record).toMatchObject({ status: 'refused' });
}

describe('a deployment that is refused because another one runs', () => {
  test('over the API is told to whoever asked, and to nobody else', async () => {
    const lab = await openLab();
    await lab.untilState(await lab.deploy({ version: 'v2' }), 'AwaitGreen');
    for (let count = 0; count < 3; count += 1) await startOverApi(lab);
    expect(refusals(lab)).toBe(0);
  });

  test('in the console or by an event is told to people, because nobody else listens', async () => {
    const lab = await openLab();
    await lab.untilState(await lab.deploy({ version: 'v2' }), 'AwaitGreen');
    const input = { ...START, imageId: lab.addImage('v3') };
    await lab.end(await lab.start('by-hand', input));
    await lab.end(await lab.start('by-event', { ...input, requestedBy: 'EventBridge' }));
    expect(refusals(lab)).toBe(2);
  });

  test('is told to people in any case where the service wants to hear of refusals by name', async () => {
    const lab = await openLab({ service: { notifications: { on: ['refused'] } } });
    await lab.untilState(await lab.deploy({ version: 'v2' }), 'AwaitGreen');
    await startOverApi(lab);
    expect(refusals(lab)).toBe(1);
  });
});

describe('a hundred deployments that are started at once', () => {
  test('run one, and refuse the others with its name', async () => {
    const lab = await openLab();
    const names = await startAtOnce(lab, { count: COUNT, onBusy: 'refuse' });
    await untilTold(lab, names, 1);
    const all = await readStarted(lab, names);
    const running = all.filter(({ isRunning }) => isRunning);
    expect(running).toHaveLength(1);
    const refused = all.filter(({ error }) => error === 'ServiceBusy');
    expect(refused).toHaveLength(COUNT - 1);
    const deploymentId = running[0]?.deploymentId ?? '';
    const told = refused.filter(({ cause }) =>
      cause?.startsWith(`Deployment ${deploymentId} of web`),
    );
    expect(told).toHaveLength(COUNT - 1);
    expect(await lab.end(deploymentId)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('run one, and queue as many as may wait', async () => {
    const lab = await openLab();
    const names = await startAtOnce(lab, { count: COUNT, onBusy: 'queue' });
    await untilTold(lab, names, QUEUE_LENGTH_MAX + 1);
    const all = await readStarted(lab, names);
    const waiting = all.filter(({ phase }) => phase === 'queued');
    expect(waiting).toHaveLength(QUEUE_LENGTH_MAX);
    const full = all.filter(({ error, cause }) =>
      error === 'ServiceBusy' ? cause?.startsWith('20 deployments of web wait already') : false,
    );
    expect(full).toHaveLength(COUNT - QUEUE_LENGTH_MAX - 1);
    const running = all.find(({ isRunning, phase }) => isRunning && phase !== 'queued');
    for (const { deploymentId } of waiting) {
      const body = { reason: 'enough' };
      await lab.api.send('POST', `/deployments/${deploymentId}/abort`, { body });
    }
    for (const { deploymentId } of waiting) {
      expect(await lab.end(deploymentId)).toMatchObject({ error: 'Aborted' });
    }
    expect(await lab.end(running?.deploymentId ?? '')).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('end with the newest, where each supersedes the others', async () => {
    const lab = await openLab();
    const names = await startAtOnce(lab, { count: COUNT, onBusy: 'supersede' });
    await untilTold(lab, names, 2);
    for (const name of names) await lab.end(name);
    const all = await readStarted(lab, names);
    const succeeded = all.filter(({ phase }) => phase === 'succeeded');
    expect(succeeded).toHaveLength(1);
    const superseded = all.filter(({ error }) => error === 'Superseded');
    const takenBack = all.filter(({ error }) => error === 'RolledBack');
    expect(takenBack.length).toBeLessThanOrEqual(1);
    expect(superseded).toHaveLength(COUNT - 1 - takenBack.length);
    // The first that superseded it, which may have been superseded itself since.
    for (const { cause } of takenBack) {
      expect(cause).toMatch(/^Deployment d\d+ asked to abort: it is newer and supersedes this one/);
    }
    const started = (await lab.act(() => lab.items('RECORD'))).toSorted((one, other) =>
      `${String(one['startedAt'])} ${String(one['deploymentId'])}`.localeCompare(
        `${String(other['startedAt'])} ${String(other['deploymentId'])}`,
      ),
    );
    expect(started.at(-1)?.['deploymentId']).toBe(succeeded[0]?.deploymentId);
    expect(await leftovers(lab)).toEqual([]);
  });
});
