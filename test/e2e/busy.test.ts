/**
 * A hundred deployments of one service at the same instant: one runs, and each other one is told
 * the truth.
 */
import { describe, expect, test } from 'vitest';
import { QUEUE_LENGTH_MAX } from '../../shared/core/decide-turn.ts';
import { readStarted, startAtOnce, untilTold } from '../lab/busy.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const COUNT = 100;

const openLab = useLabs();

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
