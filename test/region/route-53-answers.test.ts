/** What clients get to hear: by weight, by health, and from resolvers that remember. */
import { describe, expect, it } from 'vitest';
import { forwardTo } from './elastic-load-balancing-rig.ts';
import { address, createDnsRig, type DnsRig, NAME, weighted } from './route-53-rig.ts';

/** Set identifiers that 1,000 questions are answered with, and how often. */
function answersOf({ route53 }: DnsRig): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < 1000; index += 1) {
    const identifier = route53.resolve('www.shop.example', 'A')?.setIdentifier ?? 'none';
    counts[identifier] = (counts[identifier] ?? 0) + 1;
  }
  return counts;
}

const at = (blue: number, green: number) => [
  address(NAME, '192.0.2.1', { SetIdentifier: 'blue', Weight: blue }),
  address(NAME, '192.0.2.2', { SetIdentifier: 'green', Weight: green }),
];

const immediate = { propagationMilliseconds: 0 };

describe('weighted answers', () => {
  it('come in the proportion of the weights', async () => {
    const rig = await createDnsRig(immediate);
    await rig.create(...at(90, 10));
    const { blue = 0, green = 0 } = answersOf(rig);
    expect(blue + green).toBe(1000);
    expect(green).toBeGreaterThan(60);
    expect(green).toBeLessThan(140);
  });

  it('never come from a record of weight 0 beside others', async () => {
    const rig = await createDnsRig(immediate);
    await rig.create(...at(100, 0));
    expect(answersOf(rig)).toEqual({ blue: 1000 });
  });

  it('come from all alike when every weight is 0', async () => {
    const rig = await createDnsRig(immediate);
    await rig.create(...at(0, 0));
    const { green = 0 } = answersOf(rig);
    expect(green).toBeGreaterThan(400);
    expect(green).toBeLessThan(600);
  });

  it('come from the record of weight 0 when the other one is unhealthy, and from all when none is healthy', async () => {
    const rig = await createDnsRig(immediate);
    const check = async (reference: string) => {
      const made = await rig.ask<{ HealthCheck: { Id: string } }>('CreateHealthCheck', {
        CallerReference: reference,
        HealthCheckConfig: { Type: 'HTTP', FullyQualifiedDomainName: 'www.shop.example' },
      });
      return made.HealthCheck.Id;
    };
    const [blue, green] = [await check('blue'), await check('green')];
    const [first, second] = at(100, 0);
    await rig.create({ ...first!, HealthCheckId: blue }, { ...second!, HealthCheckId: green });
    rig.route53.setHealth(blue, false);
    expect(answersOf(rig)).toEqual({ green: 1000 });
    rig.route53.setHealth(green, false);
    expect(answersOf(rig)).toEqual({ blue: 1000 });
  });

  it('are the old ones and the new ones until a change is in sync', async () => {
    const rig = await createDnsRig();
    await rig.create(...at(100, 0));
    await rig.pass(61);
    const [blue, green] = at(0, 100);
    await rig.change(
      { Action: 'UPSERT', ResourceRecordSet: blue! },
      { Action: 'UPSERT', ResourceRecordSet: green! },
    );
    expect(Object.keys(answersOf(rig)).toSorted()).toEqual(['blue', 'green']);
    await rig.pass(60);
    expect(answersOf(rig)).toEqual({ green: 1000 });
  });
});

describe('aliases to load balancers', () => {
  it('leave a load balancer out as soon as one of its target groups has no healthy target', async () => {
    const rig = await createDnsRig(immediate);
    const [web, other] = [await rig.serve('web'), await rig.serve('other')];
    await rig.create(weighted('blue', 50, web), weighted('green', 50, other));
    expect(Object.keys(answersOf(rig))).toHaveLength(2);
    // A group that has just been attached has no healthy target yet, whatever its weight is.
    const empty = await rig.group('empty');
    await rig.listen(web.arn, [forwardTo(empty)], { Port: 8080 });
    expect(answersOf(rig)).toEqual({ green: 1000 });
  });

  it('are kept for 60 seconds, and have an IPv6 address only where the load balancer has', async () => {
    const rig = await createDnsRig(immediate);
    const web = await rig.serve('web');
    await rig.create(weighted('blue', 1, web), weighted('blue', 1, web, { Type: 'AAAA' }));
    expect(rig.route53.resolve(NAME, 'A')).toEqual({
      values: [web.dnsName],
      ttlSeconds: 60,
      setIdentifier: 'blue',
    });
    expect(rig.route53.resolve(NAME, 'AAAA')).toBeUndefined();
  });
});

it('a name that stands for another is kept for its own time to live, whatever that one has', async () => {
  const rig = await createDnsRig(immediate);
  const web = await rig.serve('web');
  await rig.create({
    Name: NAME,
    Type: 'CNAME',
    TTL: 300,
    ResourceRecords: [{ Value: web.dnsName }],
  });
  expect(rig.route53.resolve(NAME, 'A')).toEqual({ values: [web.dnsName], ttlSeconds: 300 });
});

describe('clients that ask for a name', () => {
  it('go to the old load balancer for up to the time to live after a change is in sync', async () => {
    const rig = await createDnsRig(immediate);
    const [web, other] = [await rig.serve('web'), await rig.serve('other')];
    const seen: { at: number; arn: string }[] = [];
    rig.elb.onAccess(({ at: time, loadBalancerArn }) =>
      seen.push({ at: time, arn: loadBalancerArn }),
    );
    await rig.create(weighted('blue', 100, web), weighted('green', 0, other));
    const traffic = rig.route53.modelTraffic({ name: NAME, port: 80, requestsPerSecond: 20 });
    await rig.pass(120);
    const changedAt = rig.clock.now();
    await rig.change(
      { Action: 'UPSERT', ResourceRecordSet: weighted('blue', 0, web) },
      { Action: 'UPSERT', ResourceRecordSet: weighted('green', 100, other) },
    );
    await rig.pass(120);
    traffic.stop();
    const late = seen.filter((one) => one.arn === web.arn && one.at > changedAt);
    const last = Math.max(...late.map((one) => one.at)) - changedAt;
    expect(last).toBeGreaterThan(30_000);
    expect(last).toBeLessThanOrEqual(60_000);
    expect(seen.some((one) => one.arn === other.arn && one.at < changedAt)).toBe(false);
    expect(traffic.unresolved()).toBe(0);
  });

  it('are split between A and AAAA, and those without an address are counted', async () => {
    const rig = await createDnsRig(immediate);
    const web = await rig.serve('web');
    await rig.create(weighted('blue', 1, web));
    const traffic = rig.route53.modelTraffic({
      name: NAME,
      port: 80,
      requestsPerSecond: 20,
      ipv6Share: 0.5,
    });
    await rig.pass(10.5);
    traffic.stop();
    expect(traffic.unresolved()).toBe(100);
  });
});
