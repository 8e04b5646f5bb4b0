/**
 * What operators ask of a deployment while it runs, in every state in which it makes sense and in
 * those in which it does not, seen from the region.
 */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { Lab } from '../lab/lab.ts';
import { interruptAt } from '../lab/interrupt.ts';
import { leftovers } from '../lab/leftovers.ts';
import { BRIEF, greenWeight, raiseAlarm, untilGreenHas } from '../lab/moments.ts';
import { ask, give, once, orderLines, possible, stateOf } from '../lab/orders.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

const HOUR = 3600;

/** Two steps before 100 %, each held for ten minutes. */
const STEPS = {
  strategy: {
    type: 'steps' as const,
    steps: [
      { greenWeightPercent: 10, holdSeconds: 600 },
      { greenWeightPercent: 50, holdSeconds: 600 },
    ],
  },
  bakeTimeSeconds: 600,
};

/** A deployment that holds its first weight. */
async function holding(lab: Lab): Promise<string> {
  const id = await lab.deploy({ version: 'v2' });
  await lab.untilState(id, 'Hold');
  return id;
}

/** Green's weight a moment from now: an effect takes a second at the most. Absent is none. */
async function weightSoon(lab: Lab, id: string): Promise<number> {
  await lab.pass(1);
  return (await lab.act(() => greenWeight(lab, id))) ?? 0;
}

describe('a pause', () => {
  test('keeps the weight until somebody resumes, and says who paused and why', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    const reason = await give(lab, id, 'pause', { reason: 'p99 is odd' });
    await lab.pass(1);
    expect(await stateOf(lab, id)).toBe('Paused');
    expect(await possible(lab, id)).toContain('resume');
    await lab.pass(HOUR);
    expect(await stateOf(lab, id)).toBe('Paused');
    expect(await weightSoon(lab, id)).toBe(10);

    await give(lab, id, 'resume', { reason: 'it was the cache' });
    expect(await weightSoon(lab, id)).toBe(50);
    const lines = await orderLines(lab, id);
    expect(lines.map(({ event }) => event)).toEqual(['pause', 'resume']);
    expect(lines[0]).toMatchObject({ reason, by: expect.stringContaining('arn:aws:') as string });
    expect(reason).toBe(`${lines[0]?.by} paused it: p99 is odd`);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);
  });

  test('lets the hold run on, so that a resumed deployment waits for what is left of it', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await give(lab, id, 'pause');
    await lab.pass(300);
    await give(lab, id, 'resume');
    await lab.pass(1);
    expect(await stateOf(lab, id)).toBe('Hold');
    await lab.pass(310);
    expect(await weightSoon(lab, id)).toBe(50);
  });

  test.each(['prepare-green', 'await-green'])(
    'that comes during %s keeps the first weight from being written',
    async (task) => {
      const around = once(task, 'before', () => lab.api.send('POST', '/deployments/web-v2/pause'));
      const lab: Lab = await openLab({ service: STEPS, requestsPerSecond: 1, around });
      const id = await lab.deploy({ version: 'v2' });
      await lab.untilState(id, 'Paused');
      await lab.pass(HOUR);
      expect(await weightSoon(lab, id)).toBe(0);
      expect((await lab.act(() => lab.states(id))).includes('ShiftTraffic')).toBe(false);
      await give(lab, id, 'promote');
      expect(await weightSoon(lab, id)).toBe(10);
    },
  );

  test.each<[string, 'before' | 'after', number]>([
    ['decide-next-step', 'before', 0],
    ['decide-next-step', 'after', 0],
    ['shift-traffic', 'before', 0],
    ['shift-traffic', 'after', 10],
    ['confirm-traffic', 'before', 10],
    ['confirm-traffic', 'after', 10],
  ])('%s is at work on is heard right %s it', async (task, when, weight) => {
    const around = once(task, when, () => lab.api.send('POST', '/deployments/web-v2/pause'));
    const lab: Lab = await openLab({ service: STEPS, requestsPerSecond: 1, around });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Paused');
    expect(await weightSoon(lab, id)).toBe(weight);
    await lab.pass(HOUR);
    expect(await weightSoon(lab, id)).toBe(weight);
    expect(await stateOf(lab, id)).toBe('Paused');
  });

  test('ends by itself in the way that was asked for', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await lab.pass(590);
    await give(lab, id, 'pause', { timeoutSeconds: 120 });
    await lab.pass(115);
    expect(await stateOf(lab, id)).toBe('Paused');
    await lab.pass(6);
    expect(await weightSoon(lab, id)).toBe(50);

    await give(lab, id, 'pause', { timeoutSeconds: 60, onTimeout: 'rollBack', reason: 'unsure' });
    const { error, cause } = await lab.end(id);
    expect(error).toBe('RolledBack');
    expect(cause).toMatch(/^Nobody ended the pause that arn:aws:\S+ asked for until \S+: unsure$/);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('lets an alarm take everything back at once', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await give(lab, id, 'pause');
    await lab.pass(60);
    await raiseAlarm(lab);
    expect(await weightSoon(lab, id)).toBe(0);
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('may last for longer than any plan: nothing runs out, and people are told of no leftovers', async () => {
    const lab = await openLab({
      service: { ...STEPS, notifications: { on: ['paused'] } },
      requestsPerSecond: 0.01,
    });
    const id = await holding(lab);
    await give(lab, id, 'pause');
    await lab.pass(24 * HOUR + 60);
    const { body } = await lab.api.send('GET', '/leftovers');
    expect(body['leftovers']).toEqual([]);
    const states = await lab.act(() => lab.states(id));
    expect(states.filter((state) => state === 'Paused')).toHaveLength(2);
    const told = lab.region.sns.messages(lab.stack.topicArn).map(({ subject }) => subject);
    expect(told).toEqual(['web: paused']);
    await give(lab, id, 'promoteAll');
    expect(await weightSoon(lab, id)).toBe(100);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe('a hold', () => {
  test('is ended by whoever has seen enough, once for each key', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    const first = await ask(lab, id, 'skipHold', { reason: 'seen enough' }, 'key-1');
    expect(await weightSoon(lab, id)).toBe(50);
    const again = await ask(lab, id, 'skipHold', { reason: 'seen enough' }, 'key-1');
    expect([again.status, again.body]).toEqual([202, first.body]);
    await lab.pass(30);
    expect(await weightSoon(lab, id)).toBe(50);
    expect(await orderLines(lab, id)).toHaveLength(1);

    await ask(lab, id, 'promote', {}, 'key-2');
    expect(await weightSoon(lab, id)).toBe(100);
    expect(await possible(lab, id)).toEqual([
      'promote',
      'pause',
      'skipHold',
      'extendHold',
      'abort',
      'rollback',
    ]);
    await give(lab, id, 'skipHold', { reason: 'no need to bake' });
    await lab.pass(1);
    expect(await stateOf(lab, id)).toMatch(/RetireBlue|AwaitBlueGone/);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(lab.traffic.count().lost).toBe(0);
  });

  test('is made longer by so much, however often the same order comes', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    for (let times = 0; times < 3; times += 1) {
      await ask(lab, id, 'extendHold', { seconds: 2 * HOUR }, 'the same');
    }
    await lab.pass(600 + 2 * HOUR - 10);
    expect(await weightSoon(lab, id)).toBe(10);
    await lab.pass(10);
    expect(await weightSoon(lab, id)).toBe(50);
    const { body } = await lab.api.send('GET', '/leftovers');
    expect(body['leftovers']).toEqual([]);
  });

  test('does not count any more before 100 % when somebody promotes all, but the bake does', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await give(lab, id, 'promoteAll', { reason: 'hot fix' });
    expect(await weightSoon(lab, id)).toBe(100);
    await lab.pass(1);
    expect(await stateOf(lab, id)).toBe('Hold');
    await lab.pass(590);
    expect(await stateOf(lab, id)).toBe('Hold');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
  });

  test('is not ended into a gate that is closed', async () => {
    const healthGate = { consecutiveReadings: 2, minimumRequests: 1_000_000 };
    const lab = await openLab({ service: { ...STEPS, healthGate }, requestsPerSecond: 1 });
    const id = await holding(lab);
    await give(lab, id, 'promote');
    expect(await weightSoon(lab, id)).toBe(10);
    const { status, body } = await ask(lab, id, 'promote');
    expect(status).toBe(409);
    expect(body['detail']).toMatch(/waited for more than its hold.*to prove anything/);
    expect(body['possible']).toEqual(['promoteAll', 'pause', 'abort', 'rollback']);
  });
});

describe('an abort', () => {
  test.each(['abort', 'rollback'])('by %s takes everything back out of a pause', async (verb) => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await give(lab, id, 'pause');
    await lab.pass(10);
    await give(lab, id, verb, { reason: 'broken after all' });
    expect(await weightSoon(lab, id)).toBe(0);
    const { cause } = await lab.end(id);
    expect(cause).toMatch(/^arn:aws:\S+ asked to abort: broken after all$/);
    expect(await leftovers(lab)).toEqual([]);
  });

  test.each([
    ['before it noted what it was going to write', { at: 'DescribeListeners', isKilled: true }],
    ['with one route of two written', { at: 'ModifyRule', isKilled: true }],
    ['and alive, before it notes what it is going to write', { at: 'DescribeListeners' }],
    ['and alive, with one route of two written', { at: 'ModifyRule' }],
  ])('keeps a ShiftTraffic that comes late from every further weight: %s', async (_how, how) => {
    const moment = { task: 'shift-traffic', when: 'after', isKilled: false, ...how } as const;
    const { around, wire, arm, hasHappened } = interruptAt(moment);
    const estate = { hasRule: true };
    const lab = await openLab({ service: STEPS, estate, requestsPerSecond: 1, around, wire });
    const id = await holding(lab);
    let before = 0;
    arm(async () => {
      await give(lab, id, 'abort', { reason: 'broken after all' });
      before = lab.calls().length;
    });
    const { error, cause } = await lab.end(id);
    expect([error, hasHappened()]).toEqual(['RolledBack', true]);
    expect(cause).toMatch(/^arn:aws:\S+ asked to abort: broken after all$/);
    const writes = lab
      .calls()
      .filter(({ operation }) => /^Modify(?:Listener|Rule)$/.test(operation));
    const after = writes.filter((call) => lab.calls().indexOf(call) >= before);
    expect(after.length).toBeGreaterThan(0);
    expect(after.map(({ callerLabel }) => callerLabel)).not.toContain('teal-dev-shift-traffic');
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);
  });
});

describe('what makes no sense', () => {
  test('is refused on the way back, with nothing that could be asked instead', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await give(lab, id, 'abort');
    await lab.untilState(id, 'CleanUpGreen');
    for (const verb of ['pause', 'resume', 'promote', 'skipHold', 'approve']) {
      const { status, body } = await ask(lab, id, verb);
      expect([status, body['detail'], body['possible']]).toEqual([
        409,
        `Deployment ${id} was being rolled back.`,
        [],
      ]);
    }
    await lab.end(id);
    const { status, body } = await ask(lab, id, 'pause');
    expect([status, body['detail']]).toEqual([409, `Deployment ${id} had ended as rolledBack.`]);
  });

  test('is refused once blue goes, and answered with the rollback that is possible then', async () => {
    const retain = { blue: 'full', seconds: HOUR } as const;
    const lab = await openLab({
      service: { ...BRIEF, retain },
      estate: { deregistrationDelaySeconds: 90 },
      requestsPerSecond: 1,
    });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'RetireBlue');
    expect((await ask(lab, id, 'pause')).status).toBe(409);
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    const { status, body } = await ask(lab, id, 'pause');
    expect([status, body['possible']]).toEqual([409, ['rollback']]);
  });

  test('is refused while nothing of the kind is under way', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    for (const [verb, detail] of [
      ['resume', 'It was not paused.'],
      ['approve', 'No approval was asked for.'],
      ['reject', 'No approval was asked for.'],
    ] as const) {
      const { status, body } = await ask(lab, id, verb);
      expect([status, body['detail']]).toEqual([409, detail]);
      expect(body['possible']).toContain('pause');
    }
    expect((await ask(lab, 'nobody', 'pause')).status).toBe(404);
    expect((await ask(lab, id, 'pause', { for: 'ever' })).status).toBe(422);
    expect(await orderLines(lab, id)).toEqual([]);
  });
});

describe('a paused deployment whose execution somebody stops', () => {
  test('is rolled back, and leaves nothing frozen', async () => {
    const lab = await openLab({ service: STEPS, requestsPerSecond: 1 });
    const id = await holding(lab);
    await untilGreenHas(lab, id, 10);
    await give(lab, id, 'pause');
    await lab.untilState(id, 'Paused');
    const stop = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
    await lab.act(() => lab.aws.stepFunctions().send(stop));
    await lab.until(async () => (await lab.progress(id))?.phase === 'rolledBack');
    expect(await weightSoon(lab, id)).toBe(0);
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);
  });
});
