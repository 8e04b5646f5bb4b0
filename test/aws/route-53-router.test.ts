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
async function start(
  live: readonly ResourceRecordSet[],
  pendingLooks = 0,
  more: Script = {},
  named = routing,
) {
  const records = [...live];
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
  const router = createRoute53Router({ client, sleep, routing: named });
  const routes = await router.find(pair.blueTargetGroupArn);
  asked.length = 0;
  return { router, routes, asked, records, slept: () => slept };
}

/** Leaves blue alone over a Route 53 that refuses the batch, and may have done it before. */
async function settleRefused(isDone: boolean): Promise<void> {
  let isWritten = false;
  const { router, routes } = await start([record('blue', 1), record('green', 0)], 0, {
    ListResourceRecordSets: () => ({
      ResourceRecordSets: [record('blue', 1), ...(isWritten ? [] : [record('green', 0)])],
      IsTruncated: false,
    }),
    ChangeResourceRecordSets: () => {
      isWritten = isDone;
      throw awsError('InvalidChangeBatch', 'it was not found', 400);
    },
  });
  const { blueTargetGroupArn, greenTargetGroupArn } = pair;
  const fleets = {
    keepTargetGroupArn: blueTargetGroupArn,
    removeTargetGroupArn: greenTargetGroupArn,
  };
  await router.settle(routes, fleets, open);
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

  it('is left to the next attempt when Route 53 takes more than 80 seconds', async () => {
    const { router, routes, slept } = await start([record('blue', 1), record('green', 0)], 1000);
    await expect(router.shift(routes, pair, 10, open)).rejects.toThrow(
      'Waited 80 s for change /change/C1; Route 53 still answered PENDING',
    );
    expect(slept()).toBe(80);
  });

  it('writes nothing where green has no record and nobody said what it leads to', async () => {
    const { router, routes, asked } = await start([record('blue', 100)]);
    await router.shift(routes, pair, 10, open);
    expect(operations(asked)).toEqual(['ListResourceRecordSets']);
    await expect(router.read(routes, pair)).resolves.toMatchObject([
      { weights: { blue: 100, green: undefined } },
    ]);
  });

  it('is done all the same when its answer got lost and it was asked for again', async () => {
    await expect(settleRefused(true)).resolves.toBeUndefined();
  });

  it('fails when AWS does not take it', async () => {
    await expect(settleRefused(false)).rejects.toThrow('InvalidChangeBatch');
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

describe("green's record, where there is none yet", () => {
  const greenAlias = { hostedZoneId: 'Z3', dnsName: 'two.elb', healthCheckId: 'check-2' };
  const AliasTarget = {
    HostedZoneId: 'Z2',
    DNSName: 'dualstack.one.elb.',
    EvaluateTargetHealth: true,
  };

  async function shiftTo10(blue: ResourceRecordSet) {
    const { router, routes, asked } = await start([blue], 0, {}, { ...routing, greenAlias });
    await router.shift(routes, pair, 10, open);
    const [batch] = inputsOf(asked, 'ChangeResourceRecordSets') as {
      ChangeBatch: { Changes: { ResourceRecordSet: ResourceRecordSet }[] };
    }[];
    return batch?.ChangeBatch.Changes[1]?.ResourceRecordSet;
  }

  it("is like blue's, leads to its own load balancer, and has its own health check", async () => {
    const { TTL: _ttl, ResourceRecords: _values, ...alias } = record('blue', 100);
    expect(await shiftTo10({ ...alias, AliasTarget, HealthCheckId: 'check-1' })).toEqual({
      Name: NAME,
      Type: 'A',
      SetIdentifier: 'green',
      Weight: 10,
      HealthCheckId: 'check-2',
      AliasTarget: { HostedZoneId: 'Z3', DNSName: 'dualstack.two.elb', EvaluateTargetHealth: true },
    });
  });

  it("is a CNAME of the same time to live where blue's is one", async () => {
    const ResourceRecords = [{ Value: 'one.elb' }];
    expect(await shiftTo10(record('blue', 100, { Type: 'CNAME', ResourceRecords }))).toEqual({
      ...record('green', 10, { Type: 'CNAME', ResourceRecords: [{ Value: 'two.elb' }] }),
      HealthCheckId: 'check-2',
    });
  });

  it("goes again, and blue's has the weight that it had before", async () => {
    const { router, routes, asked, records } = await start(
      [record('blue', 7), record('green', 0)],
      0,
      {},
    );
    records.splice(0, 1, record('blue', 100));
    const fleets = {
      keepTargetGroupArn: pair.blueTargetGroupArn,
      removeTargetGroupArn: pair.greenTargetGroupArn,
    };
    await router.settle(routes, fleets, open);
    expect(inputsOf(asked, 'ChangeResourceRecordSets')).toMatchObject([
      {
        ChangeBatch: {
          Changes: [
            { Action: 'UPSERT', ResourceRecordSet: { SetIdentifier: 'blue', Weight: 7 } },
            { Action: 'DELETE', ResourceRecordSet: { SetIdentifier: 'green' } },
          ],
        },
      },
    ]);
  });

  it('is where a blue comes back to that had left the records: at weight 0, with its own check', async () => {
    const blue = record('blue', 7, { HealthCheckId: 'check-1' });
    const { router, routes, asked, records } = await start([blue, record('green', 0)]);
    records.splice(0, 2, record('green', 7));
    await router.shift(routes, pair, 100, open);
    expect(inputsOf(asked, 'ChangeResourceRecordSets')).toMatchObject([
      {
        ChangeBatch: {
          Changes: [
            { ResourceRecordSet: { SetIdentifier: 'blue', Weight: 0, HealthCheckId: 'check-1' } },
            { ResourceRecordSet: { SetIdentifier: 'green', Weight: 100 } },
          ],
        },
      },
    ]);
  });
});

describe('routes of weighted records', () => {
  it('tell what a plan has to know: where blue leads, and what it would leave behind', async () => {
    const blue = record('blue', 3, { HealthCheckId: 'check-1' });
    const { routes } = await start([blue, record('other', 1, { Type: 'AAAA' })]);
    expect(routes.map(({ records, record: found }) => [records?.recordType, found])).toEqual([
      [
        'A',
        {
          blue: { leadsTo: '192.0.2.1', weight: 3, healthCheckId: 'check-1' },
          hasGreen: false,
        },
      ],
      ['AAAA', { hasGreen: false }],
    ]);
  });

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
