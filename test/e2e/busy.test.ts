/**
 * A hundred deployments of one service at the same instant: one runs, and each other one is told
 * the truth.
 */
import { describe, expect, test } from 'vitest';
import { QUEUE_LENGTH_MAX } from '../../shared/core/decide-turn.ts';
import { askOverApi, readStarted, startAtOnce, untilTold } from '../lab/busy.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const COUNT = 100;

const openLab = useLabs();

/** Messages to people that a start was refused. */
function refusals(lab: Lab): number {
  const told = lab.region.sns.messages(lab.stack.topicArn);
  return told.filter(({ subject }) => subject === 'web: refused').length;
}

/** Asks for a deployment over the API; absent key means one of its own. */
async function ask(
  lab: Lab,
  version: string,
  wish: { readonly imageId?: string; readonly key?: string } = {},
) {
  const { imageId = lab.addImage(version), key = version } = wish;
  const body = { service: 'web', version, imageId, onBusy: 'refuse' };
  return lab.api.send('POST', '/deployments', { body, headers: { 'idempotency-key': key } });
}

/** Asks for two at once, before either has the lock, and waits until the loser is refused. */
async function race(lab: Lab): Promise<void> {
  const answers = await lab.act(() => Promise.all([ask(lab, 'v2'), ask(lab, 'v3')]));
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  const ids = answers.map(({ body }) => String(body['deploymentId']));
  await lab.until(() => ids.some((id) => !lab.isRunning(id)));
  const loser = ids.find((id) => !lab.isRunning(id)) ?? '';
  expect(await lab.end(loser)).toMatchObject({ error: 'ServiceBusy' });
  const { body: record } = await lab.api.send('GET', `/deployments/${loser}`);
  expect(record).toMatchObject({ status: 'refused' });
}

describe('a deployment that is refused because another one runs', () => {
  test('over the API is answered so at once, and nothing is left of it', async () => {
    const lab = await openLab();
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'AwaitGreen');
    const before = await lab.act(() => lab.items());
    for (let count = 0; count < 3; count += 1) {
      expect(await ask(lab, 'v3')).toMatchObject({
        status: 409,
        body: {
          title: 'ServiceBusy',
          heldBy: id,
          detail: expect.stringMatching(
            /^Deployment web-v2 of web is under way .* Nothing was changed\.$/,
          ),
        },
      });
    }
    expect(await lab.act(() => lab.items())).toHaveLength(before.length);
    expect(refusals(lab)).toBe(0);
    await lab.end(id);
    // The same request by the same key was begun by nobody, and can be now.
    expect(await ask(lab, 'v3')).toMatchObject({ status: 202 });
  });

  test('over the API is what its key began before, whoever runs by now', async () => {
    const lab = await openLab();
    const wish = { imageId: lab.addImage('v2'), key: 'mine' };
    const first = await ask(lab, 'v2', wish);
    await lab.end(String(first.body['deploymentId']));
    await lab.untilState(await lab.deploy({ version: 'v3' }), 'AwaitGreen');
    expect(await ask(lab, 'v2', wish)).toMatchObject({ status: 202, body: first.body });
    expect(await ask(lab, 'v4', wish)).toMatchObject({ body: { title: 'IdempotencyKeyReused' } });
  });

  test('over the API is answered so at once where it is to take another one back, too', async () => {
    const lab = await openLab({ service: { retain: { blue: 'full', seconds: 86_400 } } });
    const first = await lab.deploy({ version: 'v2' });
    await lab.end(first);
    const second = await lab.deploy({ version: 'v3' });
    await lab.untilState(second, 'AwaitGreen');
    const back = (body: object) => lab.api.send('POST', `/deployments/${first}/rollback`, { body });
    expect(await back({})).toMatchObject({ status: 409, body: { heldBy: second } });
    expect(await back({ onBusy: 'queue' })).toMatchObject({
      status: 202,
      body: { queuedBehind: second },
    });
  });

  test('over the API is told to whoever asked and nobody else, where it came too late to be seen', async () => {
    const lab = await openLab();
    await race(lab);
    expect(refusals(lab)).toBe(0);
  });

  test('in the console or by an event is told to people, because nobody else listens', async () => {
    const lab = await openLab();
    await lab.untilState(await lab.deploy({ version: 'v2' }), 'AwaitGreen');
    const input = { service: 'web', version: 'v3', imageId: lab.addImage('v3') };
    await lab.end(await lab.start('by-hand', input));
    await lab.end(await lab.start('by-event', { ...input, requestedBy: 'EventBridge' }));
    expect(refusals(lab)).toBe(2);
  });

  test('is told to people in any case where the service wants to hear of refusals by name', async () => {
    const lab = await openLab({ service: { notifications: { on: ['refused'] } } });
    await race(lab);
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

  test('over the API run one, and each other one is told so by its answer or by its record', async () => {
    const lab = await openLab();
    const { accepted, turnedAway } = await askOverApi(lab, COUNT);
    expect(accepted.length + turnedAway.length).toBe(COUNT);
    await untilTold(lab, accepted, 1);
    const all = await readStarted(lab, accepted);
    const [running, ...others] = all.filter(({ isRunning }) => isRunning);
    const deploymentId = running?.deploymentId ?? '';
    expect([deploymentId, others]).toEqual([expect.stringMatching(/^web-/), []]);
    const refused = all.filter(({ error }) => error === 'ServiceBusy');
    expect(refused).toHaveLength(accepted.length - 1);
    // Both kinds, or this would not show what it says.
    expect(refused.length).toBeGreaterThan(0);
    expect(turnedAway.length).toBeGreaterThan(0);
    expect(new Set(turnedAway.map(({ heldBy }) => heldBy))).toEqual(new Set([deploymentId]));
    const told = [...refused.map(({ cause }) => cause), ...turnedAway.map(({ detail }) => detail)];
    const isTruthful = (sentence = '') => sentence.startsWith(`Deployment ${deploymentId} of web`);
    expect(told.filter((sentence) => !isTruthful(sentence))).toEqual([]);
    expect(await lab.act(() => lab.items('RECORD'))).toHaveLength(accepted.length);
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
