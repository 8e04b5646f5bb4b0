/**
 * Deployments that wait for somebody's yes: before the first traffic, after a step, and before blue
 * goes; seen from the region.
 */
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { ServiceDefinition } from '../../shared/core/spec.ts';
import type { Lab } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { greenWeight, raiseAlarm } from '../lab/moments.ts';
import { ask, give, once, orderLines, possible, stateOf } from '../lab/orders.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

const HOUR = 3600;

/** One step that asks, and a bake of ten minutes. */
const ASKING: Partial<ServiceDefinition> = {
  strategy: {
    type: 'steps',
    steps: [{ greenWeightPercent: 10, holdSeconds: 60, approval: true }],
  },
  bakeTimeSeconds: 600,
  approval: { before: [], timeoutSeconds: 2 * HOUR, onTimeout: 'reject' },
};

const askBefore = (...before: readonly ('traffic' | 'retirement')[]) => ({
  ...ASKING,
  approval: { before: [...before], timeoutSeconds: 2 * HOUR, onTimeout: 'reject' as const },
});

/** A deployment that waits for an answer. */
async function asking(lab: Lab): Promise<string> {
  const id = await lab.deploy({ version: 'v2' });
  await lab.untilState(id, 'RequestApproval');
  return id;
}

async function weightSoon(lab: Lab, id: string): Promise<number> {
  await lab.pass(1);
  return (await lab.act(() => greenWeight(lab, id))) ?? 0;
}

/** Subjects of what people were told. */
function told(lab: Lab): readonly (string | undefined)[] {
  return lab.region.sns.messages(lab.stack.topicArn).map(({ subject }) => subject);
}

describe('an approval', () => {
  test('is asked for once at every place where the service wants it, and leads on', async () => {
    const lab = await openLab({
      service: askBefore('traffic', 'retirement'),
      requestsPerSecond: 1,
    });
    const id = await asking(lab);
    expect(await weightSoon(lab, id)).toBe(0);
    expect(await possible(lab, id)).toEqual([
      'approve',
      'reject',
      'promoteAll',
      'pause',
      'abort',
      'rollback',
    ]);
    await lab.pass(HOUR);
    await give(lab, id, 'approve', { reason: 'green looks fine' });
    expect(await weightSoon(lab, id)).toBe(10);
    await lab.pass(61);
    expect(await stateOf(lab, id)).toBe('RequestApproval');

    // A pause comes in between, and people are not asked again after it.
    await give(lab, id, 'pause');
    await lab.pass(1);
    expect(await stateOf(lab, id)).toBe('Paused');
    await give(lab, id, 'resume');
    await lab.pass(1);
    expect(await stateOf(lab, id)).toBe('RequestApproval');
    await give(lab, id, 'approve');
    expect(await weightSoon(lab, id)).toBe(100);
    await lab.pass(601);
    expect(await stateOf(lab, id)).toBe('RequestApproval');
    expect(await lab.act(() => lab.group('web-blue'))).toMatchObject({ instances: 2 });
    await give(lab, id, 'approve');
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(told(lab)).toEqual([
      'web: approval wanted before the first traffic',
      'web: approval wanted after 10 %',
      'web: approval wanted before blue is retired',
      'web: succeeded',
    ]);
    const events = (await orderLines(lab, id)).map(({ event }) => event);
    expect(events).toEqual(['approve', 'pause', 'resume', 'approve', 'approve']);
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);
  });

  test('that is refused rolls back, with who said no and why', async () => {
    const lab = await openLab({ service: ASKING, requestsPerSecond: 1 });
    const id = await asking(lab);
    await give(lab, id, 'reject', { reason: 'the menu is empty' });
    expect(await weightSoon(lab, id)).toBe(0);
    const { error, cause } = await lab.end(id);
    expect(error).toBe('RolledBack');
    expect(cause).toMatch(/^arn:aws:\S+ rejected it after 10 %: the menu is empty$/);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('that nobody gives in time counts as a no, paused or not', async () => {
    const lab = await openLab({ service: ASKING, requestsPerSecond: 1 });
    const id = await asking(lab);
    await lab.pass(HOUR);
    await give(lab, id, 'pause');
    await lab.pass(HOUR - 30);
    expect(await stateOf(lab, id)).toBe('Paused');
    const { cause } = await lab.end(id);
    expect(cause).toMatch(/^Nobody answered until \S+ after 10 %, so it counted as rejected\.$/);
    expect(await leftovers(lab)).toEqual([]);
  });

  test('that nobody gives in time counts as a yes where the service says so', async () => {
    const approval = { before: [], timeoutSeconds: 300, onTimeout: 'approve' as const };
    const lab = await openLab({ service: { ...ASKING, approval }, requestsPerSecond: 1 });
    const id = await asking(lab);
    await lab.pass(295);
    expect(await weightSoon(lab, id)).toBe(10);
    await lab.pass(6);
    expect(await weightSoon(lab, id)).toBe(100);
  });

  test('is not taken from anybody whom the service does not name', async () => {
    const approvers = ['arn:aws:sts::*:assumed-role/Deployers/*'];
    const approval = { before: [], timeoutSeconds: 300, onTimeout: 'reject' as const, approvers };
    const lab = await openLab({ service: { ...ASKING, approval }, requestsPerSecond: 1 });
    const id = await asking(lab);
    const { status, body } = await ask(lab, id, 'approve');
    expect(status).toBe(409);
    expect(body['detail']).toMatch(/was not among those who may answer: arn:aws:sts::\*/);
    expect(body['possible']).toEqual(['promoteAll', 'pause', 'abort', 'rollback']);
    expect(await weightSoon(lab, id)).toBe(10);
  });

  test('that is waited for does not keep an alarm from taking everything back', async () => {
    const lab = await openLab({ service: ASKING, requestsPerSecond: 1 });
    const id = await asking(lab);
    await lab.pass(60);
    await raiseAlarm(lab);
    expect(await weightSoon(lab, id)).toBe(0);
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    expect(await leftovers(lab)).toEqual([]);
  });

  test('is heard when it comes before anybody could be woken, and asked for once all the same', async () => {
    const around = once('request-approval', 'before', () => ask(lab, 'web-v2', 'approve'));
    const lab: Lab = await openLab({ service: ASKING, requestsPerSecond: 1, around });
    const id = await asking(lab);
    await lab.pass(2);
    expect(await weightSoon(lab, id)).toBe(100);
    expect(told(lab)).toEqual(['web: approval wanted after 10 %']);
  });

  test('is asked for once, although the function that asks is run twice', async () => {
    const lab = await openLab({
      service: ASKING,
      requestsPerSecond: 1,
      around: async ({ task }, run) => {
        if (task === 'request-approval') await run();
        return run();
      },
    });
    const id = await asking(lab);
    await lab.pass(2);
    await raiseAlarm(lab);
    await lab.end(id);
    expect(told(lab)).toEqual(['web: approval wanted after 10 %', 'web: rolledBack']);
  });

  test('that nobody can be told of waits all the same, and is told of later', async () => {
    const lab = await openLab({ service: ASKING, requestsPerSecond: 0.1 });
    lab.spoil(({ operation }) =>
      operation === 'Publish'
        ? { type: 'refuse', code: 'AuthorizationError', message: 'no', httpStatus: 403 }
        : undefined,
    );
    const id = await asking(lab);
    await lab.pass(60);
    expect(await stateOf(lab, id)).toBe('RequestApproval');
    lab.spoil(undefined);
    await lab.pass(HOUR);
    expect(told(lab)).toEqual(['web: approval wanted after 10 %']);
    const states = await lab.act(() => lab.states(id));
    expect(states.filter((state) => state === 'RequestApproval')).toHaveLength(2);
    const { body } = await lab.api.send('GET', `/deployments/${id}/timeline`);
    expect(JSON.stringify(body)).toContain('Nobody could be told that they were waited for');
    await give(lab, id, 'approve');
    expect(await weightSoon(lab, id)).toBe(100);
  });

  test('dies with its execution: what waited for it is rolled back', async () => {
    const lab = await openLab({ service: askBefore('retirement'), requestsPerSecond: 1 });
    const id = await asking(lab);
    await give(lab, id, 'approve');
    await lab.until(async () => (await lab.states(id)).at(-1) === 'RequestApproval', 2 * HOUR);
    const stop = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
    await lab.act(() => lab.aws.stepFunctions().send(stop));
    await lab.until(async () => (await lab.progress(id))?.phase === 'rolledBack');
    expect(await leftovers(lab)).toEqual([]);
    expect(lab.traffic.count().lost).toBe(0);
  });
});
