/** The ports over the table, against a DynamoDB engine on this machine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeployments } from '../../shared/aws/dynamodb-deployments.ts';
import { createHolds } from '../../shared/aws/dynamodb-holds.ts';
import { createLeases } from '../../shared/aws/dynamodb-leases.ts';
import { createLocks } from '../../shared/aws/dynamodb-locks.ts';
import { createRequests } from '../../shared/aws/dynamodb-requests.ts';
import { createServices } from '../../shared/aws/dynamodb-services.ts';
import { createTable, type Table } from '../../shared/aws/dynamodb-table.ts';
import { createTimeline } from '../../shared/aws/dynamodb-timeline.ts';
import { createWatches } from '../../shared/aws/dynamodb-watches.ts';
import { initialProgress } from '../../shared/core/progress.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { FORMAT_VERSION } from '../../shared/core/record-format.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';
import { plan } from '../core/situations.ts';
import { type LocalTable, openLocalTable } from './local-table.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const LATER = '2026-03-01T13:00:00.000Z';
const MUCH_LATER = '2026-03-01T14:00:00.000Z';

let local: LocalTable;
let table: Table;

beforeAll(async () => {
  local = await openLocalTable();
  ({ table } = local);
});

afterAll(() => local.close());

/** A table whose next write takes effect although its answer is lost; the SDK sends it again. */
function tableThatRepeatsWrites(): Table {
  return {
    ...table,
    update: async (...write) => {
      await table.update(...write);
      return table.update(...write);
    },
    replace: async (...write) => {
      await table.replace(...write);
      return table.replace(...write);
    },
  };
}

const definition = (service: string) =>
  parseServiceDefinition({ service, autoScalingGroupName: 'web-blue' });

const arn = (name: string) => `arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/${name}/1`;

describe('services', () => {
  it('are kept as they were defined', async () => {
    const services = createServices(table);
    await services.save(definition('web'));
    await expect(services.load('web')).resolves.toEqual(definition('web'));
  });

  it('that nobody defined are not there, and do not appear by following a group', async () => {
    const services = createServices(table);
    await services.follow('ghost', { autoScalingGroupName: 'ghost-green' });
    await expect(services.load('ghost')).resolves.toBeUndefined();
  });

  it('that are defined again the same way go on with the group that serves', async () => {
    const services = createServices(tableThatRepeatsWrites());
    await services.save(definition('deli'));
    await services.follow('deli', { autoScalingGroupName: 'deli-green' });
    const again = { ...definition('deli'), bakeTimeSeconds: 5 };
    const kept = { ...again, autoScalingGroupName: 'deli-green' };
    await expect(services.save(again)).resolves.toEqual(kept);
    await expect(services.load('deli')).resolves.toEqual(kept);
    await expect(services.loadGiven('deli')).resolves.toEqual(again);
    const elsewhere = { ...again, autoScalingGroupName: 'deli-new' };
    await expect(services.save(elsewhere)).resolves.toEqual(elsewhere);
    await expect(services.load('deli')).resolves.toEqual(elsewhere);
  });

  it('that are saved just when another group begins to serve are not set back', async () => {
    let isOver = false;
    const racing: Table = {
      ...table,
      replace: async (key, attributes, condition) => {
        if (!isOver && key.sk === 'DEFINITION') {
          isOver = true;
          await createServices(table).follow('race', { autoScalingGroupName: 'race-green' });
        }
        return table.replace(key, attributes, condition);
      },
    };
    await createServices(table).save(definition('race'));
    const again = { ...definition('race'), bakeTimeSeconds: 5 };
    const kept = { ...again, autoScalingGroupName: 'race-green' };
    await expect(createServices(racing).save(again)).resolves.toEqual(kept);
    await expect(createServices(table).load('race')).resolves.toEqual(kept);
  });

  it('follow the target group where one is named, and only there', async () => {
    const services = createServices(table);
    const serving = { autoScalingGroupName: 'g', targetGroupArn: arn('green') };
    await services.save({ ...definition('named'), targetGroupArn: arn('blue') });
    await services.follow('named', serving);
    await expect(services.load('named')).resolves.toMatchObject(serving);
    await services.save(definition('plain'));
    await services.follow('plain', serving);
    expect(await services.load('plain')).not.toHaveProperty('targetGroupArn');
  });

  it('follow the group that serves now', async () => {
    const services = createServices(table);
    await services.save(definition('shop'));
    await services.follow('shop', { autoScalingGroupName: 'shop-green' });
    await expect(services.load('shop')).resolves.toEqual({
      ...definition('shop'),
      autoScalingGroupName: 'shop-green',
    });
  });
});

describe('the list of services', () => {
  it('has those that were saved, by name, and not those that were removed', async () => {
    const services = createServices(table);
    for (const name of ['list-c', 'list-a', 'list-b']) await services.save(definition(name));
    await services.release('list-b', 'd-1');
    await services.remove('list-b');
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await services.list({ limit: 1, ...(after !== undefined && { after }) });
      expect(page.items.length).toBeLessThanOrEqual(1);
      listed.push(...page.items.map(({ service }) => service));
      after = page.next;
    } while (after !== undefined);
    expect(listed.filter((name) => name.startsWith('list-'))).toEqual(['list-a', 'list-c']);
    await expect(services.lastRelease('list-b')).resolves.toBeUndefined();
  });
});

const record = (deploymentId: string): DeploymentRecord => ({
  deploymentId,
  service: 'web',
  startedAt: NOW,
  executionArn: 'arn:execution',
  request: { service: 'web', imageId: 'ami-1', odd: { deep: [1, null, ''] } },
  progress: initialProgress('Planned.'),
  revision: 0,
});

describe('deployments', () => {
  const progress = { ...initialProgress('On its way.'), stepIndex: 2 };

  it('appear in the list, newest first, and only those that are asked for', async () => {
    const deployments = createDeployments(table);
    const startedAts = ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:01.000Z'];
    for (const [index, startedAt] of [...startedAts, ...startedAts].entries()) {
      const service = index < 2 ? 'list' : 'other';
      await deployments.create({ ...record(`l-${index}`), service, startedAt });
    }
    const idsOf = async (wanted: Parameters<typeof deployments.list>[0]) => {
      const { items, next } = await deployments.list(wanted);
      return { ids: items.map(({ deploymentId }) => deploymentId), next };
    };
    expect((await idsOf({ limit: 9, service: 'list' })).ids).toEqual(['l-1', 'l-0']);
    const first = await idsOf({ limit: 1, service: 'list' });
    expect(first.ids).toEqual(['l-1']);
    const rest = await idsOf({ limit: 1, service: 'list', after: first.next ?? '' });
    expect(rest.ids).toEqual(['l-0']);
    expect((await idsOf({ limit: 9, service: 'list', phase: 'failed' })).ids).toEqual([]);
    const over = { progress: { ...progress, phase: 'refused' } } as const;
    await deployments.save((await deployments.load('l-1'))!, over);
    expect((await idsOf({ limit: 9, service: 'list', phase: 'running' })).ids).toEqual(['l-0']);
    const { ids } = await idsOf({ limit: 100 });
    expect(ids.filter((id) => id.startsWith('l-'))).toEqual(['l-3', 'l-1', 'l-2', 'l-0']);
  });

  it('appear once, although a task that ran twice left rows behind, or died before its record', async () => {
    const deployments = createDeployments(table);
    const twice = { ...record('t-1'), service: 'twice' };
    await deployments.create(twice);
    await deployments.create({ ...twice, startedAt: LATER });
    const dying = {
      ...table,
      replace: async (...write: Parameters<Table['replace']>) => {
        if (write[0].sk === 'RECORD') throw new Error('The function died.');
        return table.replace(...write);
      },
    };
    const dead = createDeployments(dying).create({ ...record('t-2'), service: 'twice' });
    await expect(dead).rejects.toThrow('died');
    const { items } = await deployments.list({ limit: 9, service: 'twice' });
    expect(items.map(({ deploymentId }) => deploymentId)).toEqual(['t-1']);
  });

  it('may be of a service whose name is too long for any', async () => {
    const deployments = createDeployments(table);
    const odd = { ...record('odd-1'), service: 'x'.repeat(5000) };
    await expect(deployments.create(odd)).resolves.toEqual(odd);
  });

  it('are kept with whatever was asked for', async () => {
    const deployments = createDeployments(table);
    await deployments.create(record('d-1'));
    await expect(deployments.load('d-1')).resolves.toEqual(record('d-1'));
    await expect(deployments.load('d-none')).resolves.toBeUndefined();
  });

  it('are created once: the second creation answers the first record', async () => {
    const deployments = createDeployments(table);
    await deployments.create(record('d-2'));
    const second = { ...record('d-2'), startedAt: LATER };
    await expect(deployments.create(second)).resolves.toEqual(record('d-2'));
  });

  it('are saved with a plan and a fence, and count their saves', async () => {
    const deployments = createDeployments(table);
    const created = await deployments.create(record('d-3'));
    const saved = await deployments.save(created, { progress, plan, fence: 4 });
    expect(saved).toEqual({ ...record('d-3'), progress, plan, fence: 4, revision: 1 });
    await expect(deployments.load('d-3')).resolves.toEqual(saved);
  });

  it('refuse the save of a task that read an older revision', async () => {
    const deployments = createDeployments(table);
    const created = await deployments.create(record('d-4'));
    await deployments.save(created, { progress });
    const late = deployments.save(created, { progress: initialProgress('Late.') });
    await expect(late).rejects.toMatchObject({ name: 'RecordChanged' });
  });

  it('take a save that the SDK sent twice for what it is: done', async () => {
    const created = await createDeployments(table).create(record('d-5'));
    const saved = await createDeployments(tableThatRepeatsWrites()).save(created, {
      progress,
      plan,
    });
    expect(saved).toMatchObject({ progress, revision: 1 });
  });

  it('cannot be saved when their record is gone', async () => {
    const saving = createDeployments(table).save(record('d-gone'), { progress });
    await expect(saving).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('keep the first wish to abort, beside whatever is saved meanwhile', async () => {
    const deployments = createDeployments(table);
    const created = await deployments.create(record('d-6'));
    const first = { by: 'ann', reason: 'wrong image', at: NOW };
    await expect(deployments.requestAbort(created, first)).resolves.toBe(true);
    const second = { by: 'bob', reason: 'me too', at: LATER };
    await expect(deployments.requestAbort(created, second)).resolves.toBe(false);
    await expect(deployments.save(created, { progress })).resolves.toMatchObject({ abort: first });
  });

  it('keep no wish to abort by whoever has not read the latest of them', async () => {
    const deployments = createDeployments(table);
    const created = await deployments.create(record('d-9'));
    await deployments.save(created, { progress });
    const abort = { by: 'ann', reason: 'wrong image', at: NOW };
    await expect(deployments.requestAbort(created, abort)).resolves.toBe(false);
    expect((await deployments.load('d-9'))?.abort).toBeUndefined();
  });

  it('say in which format they were written', async () => {
    await createDeployments(table).create(record('d-7'));
    const item = await table.load({ pk: 'DEPLOYMENT#d-7', sk: 'RECORD' });
    expect(item).toMatchObject({ formatVersion: FORMAT_VERSION });
  });

  it('of a later version of Teal are refused by name, and are not changed', async () => {
    const deployments = createDeployments(table);
    const key = { pk: 'DEPLOYMENT#d-8', sk: 'RECORD' };
    const created = await deployments.create(record('d-8'));
    await table.update(key, { set: { formatVersion: FORMAT_VERSION + 1 } });
    const before = await table.load(key);
    const tooNew = { name: 'RecordTooNew', message: expect.stringMatching(/deploy the version/) };
    await expect(deployments.load('d-8')).rejects.toMatchObject(tooNew);
    await expect(deployments.create(created)).rejects.toMatchObject(tooNew);
    expect(await table.load(key)).toEqual(before);
  });

  it('that do not exist cannot be aborted', async () => {
    const abort = { by: 'ann', reason: 'wrong', at: NOW };
    const deployments = createDeployments(table);
    await expect(deployments.requestAbort(record('d-none'), abort)).resolves.toBe(false);
    await expect(deployments.load('d-none')).resolves.toBeUndefined();
  });
});

describe('a timeline', () => {
  it('is read oldest first, and knows a line that was added twice', async () => {
    const timeline = createTimeline(table);
    const line = { at: NOW, state: 'Hold', event: 'hold', reason: 'One.', greenWeightPercent: 5 };
    const first = { ...line, order: 4 };
    const second = { ...line, order: 5, event: 'begun' };
    const late = { at: LATER, order: 1, state: 'Hold', event: 'hold', reason: 'Two.' };
    for (const entry of [late, second, first, late]) await timeline.add('d-t', entry);
    await expect(timeline.read('d-t')).resolves.toEqual([first, second, late]);
    await expect(timeline.read('d-none')).resolves.toEqual([]);
  });

  it('is read to its end when it is longer than a page', async () => {
    const timeline = createTimeline(table);
    const reason = 'x'.repeat(100_000);
    for (let second = 10; second < 30; second += 1) {
      const at = `2026-03-01T12:00:${second}.000Z`;
      await timeline.add('d-long', { at, order: second, state: 'Hold', event: 'hold', reason });
    }
    await expect(timeline.read('d-long')).resolves.toHaveLength(20);
  });
});

const ask = (service: string, deploymentId: string, expiresAt = LATER, abandonedBy?: string) => ({
  service,
  deploymentId,
  expiresAt,
  ...(abandonedBy && { abandonedBy }),
});

describe('a lock', () => {
  it('goes to one deployment, and says to the other who has it and until when', async () => {
    const locks = createLocks(table);
    const lease = { service: 's-1', deploymentId: 'a', fence: 1 };
    await expect(locks.acquire(ask('s-1', 'a'))).resolves.toEqual({ type: 'acquired', lease });
    await expect(locks.acquire(ask('s-1', 'b'))).resolves.toEqual({
      type: 'busy',
      owner: 'a',
      expiresAt: LATER,
    });
  });

  it('says who has it until it is given back', async () => {
    const locks = createLocks(table);
    await expect(locks.holder('s-holder')).resolves.toBeUndefined();
    await locks.acquire(ask('s-holder', 'a'));
    await expect(locks.holder('s-holder')).resolves.toEqual({ owner: 'a', expiresAt: LATER });
    await locks.release({ service: 's-holder', deploymentId: 'a' });
    await expect(locks.holder('s-holder')).resolves.toBeUndefined();
  });

  it('may be taken again by its owner, who keeps the fence', async () => {
    const locks = createLocks(table);
    await locks.acquire(ask('s-2', 'a'));
    await expect(locks.acquire(ask('s-2', 'a', MUCH_LATER))).resolves.toMatchObject({
      lease: { fence: 1 },
    });
    await expect(locks.acquire(ask('s-2', 'b'))).resolves.toMatchObject({
      type: 'busy',
      expiresAt: MUCH_LATER,
    });
  });

  it('goes to a deployment that knows its owner to be gone, with a higher fence', async () => {
    const locks = createLocks(table);
    await locks.acquire(ask('s-3', 'a'));
    const wrong = await locks.acquire(ask('s-3', 'b', MUCH_LATER, 'somebody else'));
    expect(wrong).toMatchObject({ type: 'busy', owner: 'a' });
    const taken = await locks.acquire(ask('s-3', 'b', MUCH_LATER, 'a'));
    expect(taken).toMatchObject({ type: 'acquired', lease: { deploymentId: 'b', fence: 2 } });
    const late = { service: 's-3', deploymentId: 'a', fence: 1 };
    await expect(locks.renew(late, MUCH_LATER)).resolves.toBe(false);
    await locks.release(late);
    await expect(locks.acquire(ask('s-3', 'c'))).resolves.toMatchObject({ owner: 'b' });
  });

  it('that was given back is free, and its fence only ever rises', async () => {
    const locks = createLocks(table);
    const lease = { service: 's-4', deploymentId: 'a', fence: 1 };
    await locks.acquire(ask('s-4', 'a'));
    await expect(locks.renew(lease, MUCH_LATER)).resolves.toBe(true);
    await locks.release(lease);
    await locks.release(lease);
    await expect(locks.renew(lease, MUCH_LATER)).resolves.toBe(false);
    await expect(locks.acquire(ask('s-4', 'a'))).resolves.toMatchObject({ lease: { fence: 2 } });
  });

  it('is acquired once although the answer was lost', async () => {
    const locks = createLocks(tableThatRepeatsWrites());
    await expect(locks.acquire(ask('s-5', 'a'))).resolves.toMatchObject({
      type: 'acquired',
      lease: { fence: 1 },
    });
  });

  it('goes to one of ten that ask at once', async () => {
    const locks = createLocks(table);
    const ids = Array.from({ length: 10 }, (_, index) => `d-${index}`);
    const answers = await Promise.all(ids.map((id) => locks.acquire(ask('s-6', id))));
    expect(answers.filter(({ type }) => type === 'acquired')).toHaveLength(1);
  });
});

describe('a hold', () => {
  it('waits by its token until it is closed', async () => {
    const holds = createHolds(table);
    await expect(holds.waiting('d-h')).resolves.toBeUndefined();
    await holds.open('d-h', 'one');
    await expect(holds.waiting('d-h')).resolves.toBe('one');
    await holds.close('d-h', 'one');
    await expect(holds.waiting('d-h')).resolves.toBeUndefined();
  });

  it('stays open when it is the hold before that is closed', async () => {
    const holds = createHolds(table);
    await holds.open('d-i', 'one');
    await holds.open('d-i', 'two');
    await holds.close('d-i', 'one');
    await expect(holds.waiting('d-i')).resolves.toBe('two');
  });
});

describe('watches', () => {
  it('lead from an alarm to the deployments that watch it', async () => {
    const watches = createWatches(table);
    await watches.watch('d-1', ['5xx', 'latency']);
    await watches.watch('d-2', ['5xx']);
    await watches.watch('d-2', ['5xx']);
    await expect(watches.watchers('5xx')).resolves.toEqual(['d-1', 'd-2']);
    await watches.unwatch('d-1', ['5xx', 'latency']);
    await expect(watches.watchers('5xx')).resolves.toEqual(['d-2']);
    await expect(watches.watchers('latency')).resolves.toEqual([]);
  });
});

describe('the table', () => {
  it('names itself and the item when AWS refuses', async () => {
    const loading = createTable(local.client, 'absent').load({ pk: 'SERVICE#web', sk: 'LOCK' });
    await expect(loading).rejects.toMatchObject({
      name: 'AwsRefused',
      message: expect.stringContaining('Tried GetItem on SERVICE#web LOCK of table absent'),
    });
  });
});

describe('leases', () => {
  const lease = {
    deploymentId: 'web-1',
    service: 'web',
    kind: 'bluePin',
    owner: 'arn:execution',
    expiresAt: LATER,
    fence: 1,
    undo: 'Set the minimum of web-blue to 1.',
  } as const;

  it('are found all at once, or those of one deployment', async () => {
    const leases = createLeases(table);
    const other = { ...lease, deploymentId: 'web-10' };
    await leases.open(lease);
    await leases.open(other);
    await expect(leases.list()).resolves.toEqual([lease, other]);
    await expect(leases.list('web-1')).resolves.toEqual([lease]);
    await expect(leases.list('web')).resolves.toEqual([]);
  });

  it('are one row each however often they are opened, and are closed once and for all', async () => {
    const leases = createLeases(table);
    const leftover = { ...lease, deploymentId: 'web-2', kind: 'leftover', resource: 'g' } as const;
    await leases.open(leftover);
    await leases.open({ ...leftover, attempts: 2 });
    await expect(leases.list('web-2')).resolves.toEqual([{ ...leftover, attempts: 2 }]);
    await leases.close({ deploymentId: 'web-2', kind: 'leftover' });
    await expect(leases.list('web-2')).resolves.toHaveLength(1);
    await leases.close(leftover);
    await leases.close(leftover);
    await expect(leases.list('web-2')).resolves.toEqual([]);
  });
});

describe('requests', () => {
  it('are kept by the first who asks, and answered to everybody', async () => {
    const requests = createRequests(table);
    await expect(requests.load('r-1')).resolves.toBeUndefined();
    const claims = await Promise.all(
      ['one', 'two', 'three'].map((text) => requests.claim('r-1', text)),
    );
    expect(new Set(claims).size).toBe(1);
    await expect(requests.load('r-1')).resolves.toBe(claims[0]);
  });
});
