/** How orders and tasks share one record: none is lost, none counts twice, none is in the other's way. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveOrder, type VerbPorts } from '../../functions/_verbs.ts';
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
  return { deploymentId, give, load, lines, signals };
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

  it('is refused before anything is looked up where its body makes no sense', async () => {
    const { give, lines } = await holding();
    await expect(give('pause', 'not an object')).rejects.toThrow(/order to pause was refused/);
    expect(await lines()).toEqual([]);
  });
});
