/** How orders and tasks share one record: none is lost, none counts twice, none is in the other's way. */
import '../lab/environment.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerWith, type HttpEvent } from '../../functions/_http.ts';
import { giveOrder, type VerbPorts } from '../../functions/_verbs.ts';
import { paused, type PausedPorts } from '../../functions/paused.ts';
import { requestApproval } from '../../functions/request-approval.ts';
import { shiftTraffic } from '../../functions/shift-traffic.ts';
import { createDeployments } from '../../shared/aws/dynamodb-deployments.ts';
import { createHolds } from '../../shared/aws/dynamodb-holds.ts';
import type { Table } from '../../shared/aws/dynamodb-table.ts';
import { createTimeline } from '../../shared/aws/dynamodb-timeline.ts';
import type { Verb } from '../../shared/core/orders.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { instantAfter } from '../../shared/core/units.ts';
import type { Signal } from '../../shared/ports/signals.ts';
import { NOW, plan, situation } from '../core/situations.ts';
import { type LocalTable, openLocalTable } from './local-table.ts';

const ADA = 'arn:aws:iam::111122223333:user/ada';

let local: LocalTable;

beforeAll(async () => {
  local = await openLocalTable();
});

afterAll(() => local.close());

let number = 0;

/** A deployment that holds its first step, waited for by somebody, over a table. */
async function holding(over: Table = local.table) {
  number += 1;
  const deploymentId = `web-${number}`;
  const { progress } = situation({
    progress: { stepIndex: 0, holdUntil: instantAfter(NOW, 300) },
  });
  const record: DeploymentRecord = {
    deploymentId,
    service: 'web',
    startedAt: NOW,
    executionArn: 'arn:first',
    request: {},
    plan: { ...plan, deploymentId },
    progress,
    revision: 0,
    fence: 1,
  };
  await createDeployments(local.table).create(record);
  await createHolds(local.table).open(deploymentId, 'the-token');
  const signals: Signal[] = [];
  const ports: VerbPorts = {
    deployments: createDeployments(over),
    timeline: createTimeline(over),
    holds: createHolds(over),
    executions: {
      signal: async (_token, signal) => {
        signals.push(signal);
        return 'delivered';
      },
    },
  };
  const give = (verb: Verb, body: unknown = {}, key = 'key', now = NOW) =>
    giveOrder(ports, { deploymentId, verb, by: ADA, body, key, now });
  const load = async () => (await createDeployments(local.table).load(deploymentId))!;
  const lines = () => createTimeline(local.table).read(deploymentId);
  const input = { deploymentId, executionArn: record.executionArn, now: NOW };
  return { deploymentId, input, give, load, lines, signals };
}

/** A table that does something else right before the first update that sets an attribute. */
function disturbed(attribute: string, disturb: () => Promise<unknown>): Table {
  let isOver = false;
  return {
    ...local.table,
    update: async (key, change, condition) => {
      const isMeant = change.set !== undefined && attribute in change.set;
      if (isMeant && !isOver) {
        isOver = true;
        await disturb();
      }
      return local.table.update(key, change, condition);
    },
  };
}

describe('an order', () => {
  it('is kept, told once, and wakes whoever waits, however often it comes', async () => {
    const { give, load, lines, signals } = await holding();
    const first = await give('pause', { reason: 'odd' });
    expect(first).toEqual({ type: 'granted', reason: `${ADA} paused it: odd` });
    expect(await give('pause', { reason: 'odd' }, 'key', instantAfter(NOW, 9))).toEqual(first);
    expect((await load()).orders?.paused).toMatchObject({ by: ADA, at: NOW, reason: 'odd' });
    expect(await lines()).toEqual([
      {
        at: NOW,
        order: 0,
        state: 'Operator',
        event: 'pause',
        reason: `${ADA} paused it: odd`,
        by: ADA,
      },
    ]);
    expect(signals).toEqual([1, 2].map(() => ({ type: 'order', reason: `${ADA} paused it: odd` })));
  });

  it('whose giver died before it was told is told when it comes again', async () => {
    const { give, lines } = await holding({
      ...disturbed('event', () => Promise.reject(new Error('the lights went out'))),
    });
    await expect(give('pause')).rejects.toThrow('the lights went out');
    expect(await lines()).toEqual([]);
    await give('pause', {}, 'key', instantAfter(NOW, 9));
    expect((await lines()).map(({ at, event }) => [at, event])).toEqual([[NOW, 'pause']]);
  });

  it('does not keep a task from saving that has read the record before it', async () => {
    const { give, load } = await holding();
    const before = await load();
    await give('extendHold', { seconds: 60 });
    const progress = { ...before.progress, reason: 'It went on.' };
    await createDeployments(local.table).save(before, { progress });
    const { orders, progress: saved } = await load();
    expect([orders?.extended?.stepIndex, saved.reason]).toEqual([0, 'It went on.']);
  });

  it('is heard before a save that it could have prevented', async () => {
    const { give, load } = await holding();
    const before = await load();
    const deployments = createDeployments(local.table);
    const { progress } = before;
    const save = (record: DeploymentRecord) =>
      deployments.save(record, { progress }, { isUnlessOrdered: true });
    await give('pause');
    await expect(save(before)).rejects.toThrow(expect.objectContaining({ name: 'RecordChanged' }));
    await give('abort');
    await expect(save({ ...(await load()), abort: undefined })).rejects.toThrow(
      expect.objectContaining({ name: 'RecordChanged' }),
    );
    await expect(save(await load())).resolves.toMatchObject({ revision: 1 });
  });

  it('is decided anew when a task saves meanwhile', async () => {
    const deployments = createDeployments(local.table);
    const moveOn = async () => {
      const record = (await deployments.load(`web-${number}`))!;
      const progress = { ...record.progress, retirementStartedAt: NOW };
      await deployments.save(record, { progress });
    };
    const { give, load, deploymentId } = await holding(disturbed('orders', moveOn));
    expect(await give('pause')).toEqual({
      type: 'refused',
      reason: `Green had won, and blue of ${deploymentId} was being retired.`,
      possible: [],
    });
    expect((await load()).orders).toBeUndefined();
  });

  it('adds to another one that came at the same moment', async () => {
    const extend = { deployments: createDeployments(local.table) };
    const alsoGive = async () => {
      const record = (await extend.deployments.load(`web-${number}`))!;
      const promotedAll = { by: 'arn:grace', reason: 'hot fix', at: NOW };
      await extend.deployments.saveOrders(record, { promotedAll });
    };
    const { give, load } = await holding(disturbed('orders', alsoGive));
    await give('pause');
    const { orders, orderCount } = await load();
    expect(Object.keys(orders ?? {}).toSorted()).toEqual(['given', 'paused', 'promotedAll']);
    expect(orderCount).toBe(2);
  });

  it('to abort is kept where it always was', async () => {
    const { give, load, signals } = await holding();
    await give('abort', { reason: 'broken' });
    await give('rollback', { reason: 'broken too' }, 'another key');
    const { abort, orders } = await load();
    expect([abort, orders]).toEqual([{ by: ADA, reason: 'broken', at: NOW }, undefined]);
    expect(signals.map(({ type }) => type)).toEqual(['abort', 'abort']);
  });

  it('to abort is decided anew when a task saves meanwhile', async () => {
    const deployments = createDeployments(local.table);
    const moveOn = async () => {
      const record = (await deployments.load(`web-${number}`))!;
      const progress = { ...record.progress, phase: 'retiringBlue' as const };
      await deployments.save(record, { progress });
    };
    const { give, load, lines, deploymentId } = await holding(disturbed('abort', moveOn));
    expect(await give('abort')).toEqual({
      type: 'refused',
      reason: `Green had won, and blue of ${deploymentId} was being retired.`,
      possible: [],
    });
    expect((await load()).abort).toBeUndefined();
    expect(await lines()).toEqual([]);
  });

  it('to abort that comes with another one at the same moment is answered with that', async () => {
    const first = { by: 'arn:grace', reason: 'broken', at: NOW };
    const deployments = createDeployments(local.table);
    const alsoAbort = async () =>
      deployments.requestAbort((await deployments.load(`web-${number}`))!, first);
    const { give, load } = await holding(disturbed('abort', alsoAbort));
    expect(await give('abort')).toEqual({
      type: 'granted',
      reason: 'arn:grace asked to abort: broken',
    });
    expect((await load()).abort).toEqual(first);
  });

  it('is refused before anything is looked up where its body makes no sense', async () => {
    const { give, lines } = await holding();
    await expect(give('pause', 'not an object')).rejects.toThrow(/order to pause was refused/);
    expect(await lines()).toEqual([]);
  });
});

/** All that the functions look at besides the table; the lock is theirs. */
const around = {
  locks: {
    acquire: () => Promise.reject(new Error('It has the lock already.')),
    renew: () => Promise.resolve(true),
    release: () => Promise.resolve(),
    holder: () => Promise.resolve(undefined),
  },
  observer: { observe: () => Promise.resolve(situation().observation) },
};

const notAsked = () => Promise.reject(new Error('Only its weight was to be shifted.'));

const noTraffic = { find: notAsked, read: notAsked, settle: notAsked };

describe('a pause', () => {
  it('that is granted while a weight is about to be written is heard before the write', async () => {
    const { input, give, load } = await holding();
    const shifts: number[] = [];
    let isPaused = false;
    const shift = shiftTraffic({
      ...around,
      deployments: createDeployments(local.table),
      timeline: createTimeline(local.table),
      observer: {
        observe: async () => {
          if (!isPaused) await give('pause', { reason: 'wait' });
          isPaused = true;
          return situation().observation;
        },
      },
      greenGuard: { set: () => Promise.resolve() },
      trafficRouter: {
        ...noTraffic,
        shift: async (_routes, _pair, weight) => {
          shifts.push(weight);
        },
      },
    });
    const directive = { type: 'shift', stepIndex: 1 } as const;
    const changed = expect.objectContaining({ name: 'RecordChanged' }) as Error;
    await expect(shift({ ...input, directive })).rejects.toThrow(changed);
    await expect(shift({ ...input, directive })).resolves.toMatchObject({
      directive: { reason: `50 % were not written, because ${ADA} paused it: wait` },
    });
    expect(shifts).toEqual([]);
    expect((await load()).progress.isShiftLeft).toBe(true);
  });
});

/** A topic that refuses the first message, and what it took. */
function telling() {
  const events: string[] = [];
  let isOpen = false;
  const ports: PausedPorts = {
    ...around,
    deployments: createDeployments(local.table),
    timeline: createTimeline(local.table),
    holds: createHolds(local.table),
    leases: { list: () => Promise.resolve([]), open: () => Promise.resolve() },
    executions: { signal: () => Promise.reject(new Error('There is nothing to signal.')) },
    notifier: {
      publish: async ({ event }) => {
        if (!isOpen) throw new Error('the topic was gone');
        events.push(event);
      },
    },
  };
  return { ports, events, mend: () => (isOpen = true) };
}

describe('people who cannot be told', () => {
  const REMARK = 'Nobody could be told that they were waited for: the topic was gone';

  it('of a pause are told the next time, and the pause goes on', async () => {
    const { input, give, load, lines } = await holding();
    await give('pause');
    const record = await load();
    const notifications = { on: ['paused' as const] };
    const thePlan = { ...record.plan!, notifications };
    // As DecideNextStep leaves it.
    const progress = { ...record.progress, phase: 'paused' as const };
    await createDeployments(local.table).save(record, { progress, plan: thePlan });
    const { ports, events, mend } = telling();
    const waiting = { ...input, taskToken: 'token' };
    expect(await paused(ports)(waiting)).toEqual({});
    expect((await lines()).map(({ event, reason }) => [event, reason])).toContainEqual([
      'warned',
      REMARK,
    ]);
    mend();
    await paused(ports)(waiting);
    await paused(ports)(waiting);
    expect(events).toEqual(['paused']);
  });

  it('that they are asked are asked the next time, and the request goes on', async () => {
    const { input, load, lines } = await holding();
    const record = await load();
    const request = { stepIndex: 0, requestedAt: NOW, until: instantAfter(NOW, 600) };
    const terms = { afterSteps: [0], timeoutSeconds: 600, onTimeout: 'reject' } as const;
    await createDeployments(local.table).save(record, {
      progress: { ...record.progress, approval: request },
      plan: { ...record.plan!, approval: terms },
    });
    const { ports, events, mend } = telling();
    const waiting = { ...input, taskToken: 'token' };
    expect(await requestApproval(ports)(waiting)).toEqual({});
    expect((await load()).progress.approval).toEqual(request);
    expect((await lines()).map(({ reason }) => reason)).toEqual([REMARK]);
    mend();
    await requestApproval(ports)(waiting);
    await requestApproval(ports)(waiting);
    expect((await load()).progress.approval?.notifiedAt).toBe(NOW);
    expect(events).toEqual(['approvalRequested']);
  });
});

describe('a caller', () => {
  it('is kept by the beginning of a long name, and compared by the whole of it', async () => {
    const userArn = `arn:aws:sts::111122223333:assumed-role/${'x'.repeat(400)}`;
    const event: HttpEvent = {
      routeKey: '$default',
      headers: {},
      requestContext: {
        requestId: 'r-1',
        http: { method: 'GET', path: '/' },
        authorizer: { iam: { userArn } },
      },
    };
    const show = answerWith('showPlan', ({ by, callerArn }) =>
      Promise.resolve(Response.json([by, callerArn])),
    );
    const { body } = await show(event);
    expect(JSON.parse(body)).toEqual([userArn.slice(0, 255), userArn]);
  });
});
