/** Weighted records: what is sent besides the weights, and how long a change is waited for. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { describe, expect, it } from 'vitest';
import { createRoute53Router, type RecordRouting } from '../../shared/aws/route-53-router.ts';
import { combineRouters } from '../../shared/aws/routers.ts';
import type { TrafficRouter } from '../../shared/ports/traffic-router.ts';
import { awsError, inputsOf, operations, type Script, scriptedClient } from './scripted-client.ts';

const NAME = 'www.shop.example.';
const pair = { blueTargetGroupArn: 'arn:blue', greenTargetGroupArn: 'arn:green' };
const open = () => Promise.resolve();

const routing: RecordRouting = {
  hostedZoneId: 'Z1',
  recordName: 'www.shop.example',
  blueSetIdentifier: 'blue',
  greenSetIdentifier: 'green',
};

const record = (SetIdentifier: string, Weight: number, extra: object = {}): ResourceRecordSet => ({
  Name: NAME,
  Type: 'A',
  SetIdentifier,
  Weight,
  TTL: 30,
  ResourceRecords: [{ Value: '192.0.2.1' }],
  ...extra,
});

/** A router over records, whose change is pending for some looks; the looks are counted. */
async function start(records: readonly ResourceRecordSet[], pendingLooks = 0, more: Script = {}) {
  let looks = 0;
  let slept = 0;
  const { client, asked } = scriptedClient({
    ListResourceRecordSets: () => ({ ResourceRecordSets: records, IsTruncated: false }),
    ChangeResourceRecordSets: () => ({ ChangeInfo: { Id: '/change/C1', Status: 'PENDING' } }),
    GetChange: () => {
      looks += 1;
      return {
        ChangeInfo: { Id: '/change/C1', Status: looks > pendingLooks ? 'INSYNC' : 'PENDING' },
      };
    },
    ...more,
  });
  const sleep = (seconds: number) => {
    slept += seconds;
    return Promise.resolve();
  };
  const router = createRoute53Router({ client, sleep, routing });
  const routes = await router.find(pair.blueTargetGroupArn);
  asked.length = 0;
  return { router, routes, asked, slept: () => slept };
}

describe('a shift of weighted records', () => {
  it('sends everything else about the records again', async () => {
    const blue = record('blue', 100, { HealthCheckId: 'check-1' });
    const green = record('green', 0, { HealthCheckId: 'check-2' });
    const { router, routes, asked } = await start([blue, green]);
    await router.shift(routes, pair, 25, open);
    expect(inputsOf(asked, 'ChangeResourceRecordSets')).toEqual([
      {
        HostedZoneId: 'Z1',
        ChangeBatch: {
          Changes: [
            { Action: 'UPSERT', ResourceRecordSet: { ...blue, Weight: 75 } },
            { Action: 'UPSERT', ResourceRecordSet: { ...green, Weight: 25 } },
          ],
        },
      },
    ]);
  });

  it('changes A and AAAA in one batch', async () => {
    const types = [{ Type: 'A' }, { Type: 'AAAA' }] as const;
    const records = types.flatMap((type) => [record('blue', 1, type), record('green', 0, type)]);
    const { router, routes, asked } = await start(records);
    await router.shift(routes, pair, 10, open);
    const [batch] = inputsOf(asked, 'ChangeResourceRecordSets') as {
      ChangeBatch: { Changes: { ResourceRecordSet: ResourceRecordSet }[] };
    }[];
    const shown = batch?.ChangeBatch.Changes.map(
      ({ ResourceRecordSet: { Type, Weight } }) => `${Type} ${Weight}`,
    );
    expect(shown).toEqual(['A 90', 'A 10', 'AAAA 90', 'AAAA 10']);
    expect(operations(asked).filter((name) => name.startsWith('Change'))).toHaveLength(1);
  });

  it('is over only when every name server has it', async () => {
    const { router, routes, asked, slept } = await start(
      [record('blue', 1), record('green', 0)],
      4,
    );
    await router.shift(routes, pair, 10, open);
    expect(operations(asked).filter((name) => name === 'GetChange')).toHaveLength(5);
    expect(slept()).toBe(20);
  });

  it('is left to the next attempt when Route 53 takes more than five minutes', async () => {
    const { router, routes, slept } = await start([record('blue', 1), record('green', 0)], 1000);
    await expect(router.shift(routes, pair, 10, open)).rejects.toThrow(
      'Waited 300 s for change /change/C1; Route 53 still answered PENDING',
    );
    expect(slept()).toBe(300);
  });

  it('writes nothing where green has no record and nobody said what it leads to', async () => {
    const { router, routes, asked } = await start([record('blue', 100)]);
    await router.shift(routes, pair, 10, open);
    expect(operations(asked)).toEqual(['ListResourceRecordSets']);
    await expect(router.read(routes, pair)).resolves.toMatchObject([
      { weights: { blue: 100, green: undefined } },
    ]);
  });

  it('reads a zone that was deleted as a route that is gone', async () => {
    const zoneIsGone = { isSet: false };
    const { router, routes } = await start([record('blue', 100)], 0, {
      ListResourceRecordSets: () => {
        if (zoneIsGone.isSet) throw awsError('NoSuchHostedZone', 'gone', 404);
        return { ResourceRecordSets: [record('blue', 100)], IsTruncated: false };
      },
    });
    zoneIsGone.isSet = true;
    await expect(router.read(routes, pair)).resolves.toMatchObject([{ weights: undefined }]);
  });
});

describe('routes of weighted records', () => {
  it('say for how long clients may keep the answer before', async () => {
    const { routes } = await start([record('blue', 100)]);
    const { TTL: _ttl, ResourceRecords: _values, ...rest } = record('blue', 100);
    const AliasTarget = { HostedZoneId: 'Z2', DNSName: 'x.', EvaluateTargetHealth: true };
    const aliases = await start([{ ...rest, AliasTarget }]);
    expect([routes[0]?.tailSeconds, aliases.routes[0]?.tailSeconds]).toEqual([90, 120]);
  });

  it('name who else has a weight, and pass over records that have none', async () => {
    const { Weight: _weight, ...weightless } = record('green', 0);
    const { routes } = await start([record('blue', 1), weightless, record('other', 5)]);
    expect(routes[0]?.otherTargetGroupArns).toEqual(['other']);
    expect(routes[0]?.id).toBe('Z1/www.shop.example./A/blue/green');
  });
});

it('lets each kind of route be handled by its own router, and answers in the order asked', async () => {
  const asked: string[] = [];
  const router = (name: string): TrafficRouter => ({
    find: () => Promise.resolve([]),
    read: (routes) =>
      Promise.resolve(routes.map(({ id }) => ({ routeId: id, weights: { blue: 100, green: 0 } }))),
    shift: (routes) => {
      asked.push(`${name}: ${routes.map(({ id }) => id).join(' ')}`);
      return Promise.resolve();
    },
    settle: () => Promise.resolve(),
  });
  const balancing = router('balancing');
  const records = router('records');
  const both = combineRouters({
    rule: balancing,
    listenerDefault: balancing,
    weightedRecord: records,
  });
  const routes = [
    { id: 'one', type: 'rule' as const, loadBalancerArn: 'lb' },
    { id: 'two', type: 'weightedRecord' as const, loadBalancerArn: '' },
    { id: 'three', type: 'listenerDefault' as const, loadBalancerArn: 'lb' },
  ];
  await both.shift(routes, pair, 10, open);
  expect(asked).toEqual(['balancing: one three', 'records: two']);
  expect((await both.read(routes, pair)).map(({ routeId }) => routeId)).toEqual([
    'one',
    'two',
    'three',
  ]);
});
