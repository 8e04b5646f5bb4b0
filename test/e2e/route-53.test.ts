/**
 * Deployments whose traffic is split by the weights of a name: two load balancers, clients behind
 * resolvers that remember, and Route 53 as it answers. Half of the clients ask for AAAA.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ModifyListenerCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test, vi } from 'vitest';
import { readFleets } from '../lab/fleet-sight.ts';
import type { Around } from '../lab/in-process.ts';
import { leftovers } from '../lab/leftovers.ts';
import { greenOf } from '../lab/moments.ts';
import { NAME, type NamedLab, type NamedOptions, openNamedLab } from '../lab/named-estate.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { nameOf } from '../lab/sight.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Real milliseconds: two deployments of a quarter of an hour each, with traffic. */
vi.setConfig({ testTimeout: 180_000 });

const open = (options?: NamedOptions): Promise<NamedLab> => openNamedLab(openLab, options);

/** Runs a function again right after it succeeded, with the same event. */
const twice: Around = async (_call, run) => {
  await run();
  return run();
};

/** Half, and then all. */
const HALF = { type: 'canary', greenWeightPercent: 50, holdSeconds: 240 } as const;

/** The same weights for both types of record. */
const both = (weights: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    ['A', 'AAAA'].flatMap((type) =>
      Object.entries(weights).map(([side, weight]) => [`${type} ${side}`, weight]),
    ),
  );

/** Names of the target groups that actions forward to. */
const forwarded = (actions: readonly Action[]) =>
  actions.flatMap(({ TargetGroupArn }) => (TargetGroupArn ? [nameOf(TargetGroupArn)] : []));

async function routingOf({ lab }: NamedLab): Promise<unknown> {
  return (await lab.api.send('GET', '/services/web')).body['routing'];
}

/** Nobody asked in vain, and nobody was answered by a load balancer alone. */
function expectNothingLost(named: NamedLab): void {
  const { lab } = named;
  const { sent, lost } = lab.traffic.count();
  expect(sent).toBeGreaterThan(500);
  expect({ lost, unresolved: named.unresolved() }).toEqual({ lost: 0, unresolved: 0 });
}

describe('a good version behind a second load balancer', () => {
  test('takes over by name once it is healthy, A and AAAA at once, and no request is lost', async () => {
    const named = await open({ service: { strategy: HALF } });
    const { lab, standbyLoadBalancerArn } = named;
    const seen: unknown[] = [];
    lab.region.endpoint.onCall(({ operation }) => {
      if (operation !== 'ChangeResourceRecordSets') return;
      seen.push(readFleets(lab.region, standbyLoadBalancerArn));
    });
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toEqual({ status: 'SUCCEEDED' });
    expect(seen[0]).toEqual([{ name: greenOf(lab, id), percent: 100, healthy: 2 }]);
    expect(named.changes()).toEqual([
      both({ first: 50, second: 50 }),
      both({ first: 0, second: 100 }),
      both({ second: 255 }),
    ]);
    expectNothingLost(named);
    lab.traffic.sinceLast();
    await lab.pass(60);
    expect(Object.keys(lab.traffic.sinceLast().byVersion)).toEqual(['v2']);
  });

  test('changes places with blue, and the next one goes the other way', async () => {
    const named = await open({ service: { strategy: { type: 'allAtOnce' } } });
    const { lab, standbyListenerArn } = named;
    const { listenerArn } = lab.estate;
    const before = await routingOf(named);
    const standingBy = await named.defaultActions(standbyListenerArn);
    const second = await lab.deploy({ version: 'v2' });
    await lab.end(second);

    expect(forwarded(await named.defaultActions(standbyListenerArn))).toEqual([
      greenOf(lab, second),
    ]);
    expect(await named.defaultActions(listenerArn)).toEqual(standingBy);
    expect(await routingOf(named)).toMatchObject({
      blueSetIdentifier: 'second',
      greenSetIdentifier: 'first',
      greenListenerArn: listenerArn,
    });

    const third = await lab.deploy({ version: 'v3' });
    expect(await lab.end(third)).toEqual({ status: 'SUCCEEDED' });
    expect(await routingOf(named)).toEqual(before);
    expect(await named.defaultActions(standbyListenerArn)).toEqual(standingBy);
    await lab.pass(60);
    const { groups, targetGroups } = await lab.act(() => lab.belongings());
    expect([Object.keys(groups), targetGroups]).toEqual([
      [greenOf(lab, third)],
      [greenOf(lab, third)],
    ]);
    expectNothingLost(named);
  });

  test('is followed by clients for as long as their resolvers keep the name, and blue stays so long', async () => {
    const TTL = 300;
    const named = await open({
      service: { strategy: { type: 'allAtOnce' }, bakeTimeSeconds: 0, alarms: [] },
      records: ({ DNSName }) => [
        {
          Name: NAME,
          Type: 'CNAME',
          SetIdentifier: 'first',
          Weight: 100,
          TTL,
          ResourceRecords: [{ Value: DNSName }],
        },
      ],
    });
    const { lab } = named;
    let changedAt = 0;
    lab.region.endpoint.onCall(({ operation, at }) => {
      if (operation === 'ChangeResourceRecordSets' && changedAt === 0) changedAt = at;
    });
    expect(await lab.end(await lab.deploy({ version: 'v2' }))).toEqual({ status: 'SUCCEEDED' });
    const followed = (named.lastRequestAt(lab.estate.loadBalancerArn) - changedAt) / 1000;
    expect(followed).toBeGreaterThan(TTL / 2);
    expectNothingLost(named);
  });
});

describe('a broken version behind a second load balancer', () => {
  test('is caught by the alarm there, and everything is as it was', async () => {
    const named = await open({ service: { strategy: HALF } });
    const { lab, standbyListenerArn } = named;
    const records = named.records();
    const actions = await named.defaultActions(standbyListenerArn);
    const routing = await routingOf(named);
    const belongings = await lab.act(() => lab.belongings());
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.broken });
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('Alarm standby-5xx went into ALARM') as string,
    });

    expect(named.changes()).toEqual([
      both({ first: 50, second: 50 }),
      both({ first: 100, second: 0 }),
      both({ first: 255 }),
    ]);
    expect(named.records()).toEqual(records);
    expect(await named.defaultActions(standbyListenerArn)).toEqual(actions);
    expect(await routingOf(named)).toEqual(routing);
    expectNothingLost(named);
    expect(await leftovers(lab)).toEqual([]);
    const after = await lab.act(() => lab.belongings());
    expect(after).toEqual(belongings);
  });

  test('that never becomes healthy gets no record at all', async () => {
    const named = await open({ service: { greenHealthyDeadlineSeconds: 120 } });
    const { lab, standbyListenerArn } = named;
    const actions = await named.defaultActions(standbyListenerArn);
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS.sick });
    expect(await lab.end(id)).toMatchObject({ error: 'RolledBack' });
    expect(named.changes()).toEqual([]);
    expect(await named.defaultActions(standbyListenerArn)).toEqual(actions);
    expect(await leftovers(lab)).toEqual([]);
  });
});

describe.each([
  {
    story: 'a good version by name',
    program: PROGRAMS.sound,
    side: 'second',
    ending: { status: 'SUCCEEDED' },
  },
  {
    story: 'a broken one by name',
    program: PROGRAMS.broken,
    side: 'first',
    ending: { error: 'RolledBack' },
  },
])('$story', ({ program, side, ending }) => {
  test('ends the same when every function runs twice and answers of Route 53 get lost', async () => {
    const named = await open({ service: { strategy: HALF }, around: twice });
    const { lab } = named;
    const lost = new Set<string>();
    lab.spoil(({ operation, callerLabel }) => {
      const isFirst = operation === 'ChangeResourceRecordSets' && !lost.has(callerLabel);
      if (!isFirst) return undefined;
      lost.add(callerLabel);
      return { type: 'loseResponse' };
    });
    expect(await lab.end(await lab.deploy({ version: 'v2', program }))).toMatchObject(ending);
    expect(lost.size).toBeGreaterThan(1);
    const sides = new Set(named.records().map(({ SetIdentifier }) => SetIdentifier));
    expect([...sides]).toEqual([side]);
    expectNothingLost(named);
  });
});

describe('a listener that stands by', () => {
  test('and that somebody else changes before green needs it is left alone', async () => {
    const named = await openNamedLab(openLab, {
      around: async ({ task }, run) => {
        const answer = await run();
        if (task === 'acquire-lock') await change();
        return answer;
      },
    });
    const { lab, standbyListenerArn } = named;
    const theirs: Action = {
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '410', ContentType: 'text/plain', MessageBody: 'ours' },
    };
    const change = () =>
      lab.aws
        .loadBalancing()
        .send(
          new ModifyListenerCommand({ ListenerArn: standbyListenerArn, DefaultActions: [theirs] }),
        );
    const id = await lab.deploy({ version: 'v2' });
    expect(await lab.end(id)).toMatchObject({
      error: 'RolledBack',
      cause: expect.stringContaining('ListenerChanged') as string,
    });
    expect(await named.defaultActions(standbyListenerArn)).toMatchObject([theirs]);
    expect(named.changes()).toEqual([]);
    expect(await leftovers(lab)).toEqual([]);
  });
});

test('a deployment by name is refused, and nothing written, where the other side has no IPv6', async () => {
  const named = await open({ isStandbyIpv4: true });
  const { lab } = named;
  const id = await lab.deploy({ version: 'v2' });
  expect(await lab.end(id)).toMatchObject({
    error: 'SpecRefused',
    cause: expect.stringContaining('make it dual-stack') as string,
  });
  expect(lab.calls().filter(({ operation }) => operation.startsWith('Modify'))).toEqual([]);
});
