import { describe, expect, it } from 'vitest';
import { answers, createRig, forwardTo, refusal, split } from './elastic-load-balancing-rig.ts';
import type { FakeMachine } from './elastic-load-balancing-rig.ts';

async function attached(machine: Partial<FakeMachine> = {}, extra: object = {}) {
  const rig = createRig();
  const balancer = await rig.balance();
  const group = await rig.group('green', extra);
  const id = rig.launch('1', machine);
  const listener = await rig.listen(balancer, [forwardTo(group)]);
  await rig.register(group, id);
  return { ...rig, balancer, group, id, listener, machine: rig.fleet.get(id)! };
}

const drainFor = (
  rig: { call: ReturnType<typeof createRig>['call'] },
  group: string,
  seconds: number,
) =>
  rig.call('ModifyTargetGroupAttributes', {
    TargetGroupArn: group,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) }],
  });

describe('a target becoming healthy', () => {
  it('stays unused for ever while no rule names its target group', async () => {
    const rig = createRig();
    const group = await rig.group('green');
    await rig.register(group, rig.launch('1'));
    await rig.pass(3600);
    expect(await rig.health(group)).toEqual(['unused/Target.NotInUse']);
  });

  it('is checked as soon as a rule names its target group with weight 0', async () => {
    const rig = createRig();
    const [blue, green] = [await rig.group('blue'), await rig.group('green')];
    await rig.register(green, rig.launch('1'));
    await rig.listen(await rig.balance(), [split({ [blue]: 100, [green]: 0 })]);
    expect(await rig.health(green)).toEqual(['initial/Elb.RegistrationInProgress']);
    await rig.pass(15);
    expect(await rig.health(green)).toEqual(['healthy']);
  });

  it('needs one pass only when it is new', async () => {
    const requests: string[] = [];
    const rig = await attached({
      answer: ({ path }) => answers(requests.push(path) === 2 ? 200 : 500),
    });
    await rig.pass(3);
    expect(await rig.health(rig.group)).toEqual(['initial/Elb.InitialHealthChecking']);
    while (requests.length < 1) await rig.pass(1);
    expect(await rig.health(rig.group)).toEqual(['initial/Elb.InitialHealthChecking']);
    while (requests.length < 2) await rig.pass(1);
    expect(await rig.health(rig.group)).toEqual(['healthy']);
  });

  it('is asked at the interval, at its address, as AWS asks', async () => {
    const requests: string[] = [];
    const rig = await attached(
      {
        answer: (request) => {
          requests.push(`${request.host}${request.path} ${request.userAgent}`);
          return answers(204);
        },
      },
      { HealthCheckPath: '/ping?deep=1', Matcher: { HttpCode: '200,204-206' } },
    );
    await rig.pass(13);
    const before = requests.length;
    await rig.pass(100);
    expect(requests.length - before).toBe(10);
    expect(requests[0]).toBe('10.0.0.4:80/ping?deep=1 ELB-HealthChecker/2.0');
    expect(await rig.health(rig.group)).toEqual(['healthy']);
  });

  it('stays out of use in a zone that the load balancer does not have', async () => {
    const rig = await attached({ zone: 'us-east-1c' });
    await rig.pass(60);
    expect(await rig.health(rig.group)).toEqual(['unused/Target.NotInUse']);
  });
});

describe('a target failing', () => {
  it.each([
    [
      'answers 500',
      answers(500),
      'Target.ResponseCodeMismatch',
      'Health checks failed with these codes: [500]',
    ],
    ['does not answer', { type: 'timeout' } as const, 'Target.Timeout', 'Request timed out'],
    [
      'refuses connections',
      { type: 'refused' } as const,
      'Target.FailedHealthChecks',
      'Health checks failed',
    ],
  ])('says why when it %s', async (_what, answer, reason, description) => {
    const rig = await attached({ answer: () => answer });
    await rig.pass(30);
    const found = await rig.call<{ TargetHealthDescriptions: { TargetHealth: object }[] }>(
      'DescribeTargetHealth',
      { TargetGroupArn: rig.group },
    );
    expect(found.TargetHealthDescriptions[0]!.TargetHealth).toEqual({
      State: 'unhealthy',
      Reason: reason,
      Description: description,
    });
  });

  it('fails after as many failures, and comes back after as many passes, as configured', async () => {
    const rig = await attached({}, { UnhealthyThresholdCount: 3, HealthyThresholdCount: 4 });
    await rig.pass(13);
    expect(await rig.health(rig.group)).toEqual(['healthy']);
    rig.machine.answer = () => answers(503);
    await rig.pass(20);
    expect(await rig.health(rig.group)).toEqual(['healthy']);
    await rig.pass(10);
    expect(await rig.health(rig.group)).toEqual(['unhealthy/Target.ResponseCodeMismatch']);
    rig.machine.answer = () => answers(200);
    await rig.pass(30);
    expect(await rig.health(rig.group)).toEqual(['unhealthy/Target.ResponseCodeMismatch']);
    await rig.pass(10);
    expect(await rig.health(rig.group)).toEqual(['healthy']);
  });

  it('is out of use while its instance is stopped, unhealthy when it is terminated', async () => {
    const rig = await attached();
    await rig.pass(13);
    rig.machine.state = 'stopped';
    await rig.pass(10);
    expect(await rig.health(rig.group)).toEqual(['unused/Target.InvalidState']);
    rig.machine.state = 'running';
    await rig.pass(10);
    expect(await rig.health(rig.group)).toEqual(['healthy']);
    rig.machine.state = 'terminated';
    rig.machine.answer = () => ({ type: 'refused' });
    await rig.pass(20);
    expect(await rig.health(rig.group)).toEqual(['unhealthy/Target.FailedHealthChecks']);
  });
});

describe('a target leaving', () => {
  it('drains for the whole delay, even when it has nothing left to do', async () => {
    const rig = await attached();
    await rig.pass(13);
    await rig.call('DeregisterTargets', { TargetGroupArn: rig.group, Targets: [{ Id: rig.id }] });
    await rig.pass(299);
    expect(await rig.health(rig.group)).toEqual(['draining/Target.DeregistrationInProgress']);
    await rig.pass(1);
    expect(await rig.health(rig.group)).toEqual([]);
    const asked = await rig.call<{ TargetHealthDescriptions: { TargetHealth: object }[] }>(
      'DescribeTargetHealth',
      { TargetGroupArn: rig.group, Targets: [{ Id: rig.id }] },
    );
    expect(asked.TargetHealthDescriptions[0]!.TargetHealth).toMatchObject({
      State: 'unused',
      Reason: 'Target.NotRegistered',
    });
  });

  it('starts anew when it is registered again while it drains', async () => {
    const rig = await attached();
    await drainFor(rig, rig.group, 20);
    await rig.pass(13);
    rig.elb.registry.deregister(rig.group, [rig.id]);
    rig.elb.registry.register(rig.group, [rig.id]);
    expect(await rig.health(rig.group)).toEqual(['initial/Elb.RegistrationInProgress']);
    await rig.pass(60);
    expect(await rig.health(rig.group)).toEqual(['healthy']);
  });

  it('is gone at once when no rule ever led to it', async () => {
    const rig = createRig();
    const group = await rig.group('green');
    const id = rig.launch('1');
    await rig.register(group, id);
    rig.elb.registry.deregister(group, [id]);
    expect([...rig.elb.registry.targetHealth(group)]).toEqual([]);
  });

  it('is not checked any more when the last rule is gone', async () => {
    const rig = await attached();
    await rig.pass(13);
    await rig.call('DeleteListener', { ListenerArn: rig.listener });
    expect(await rig.health(rig.group)).toEqual(['unused/Target.NotInUse']);
  });
});

describe('registration', () => {
  it.each([
    ['a malformed id', 'i-1', /^ValidationError: Instance ID 'i-1' is not valid/],
    ['an instance that is not there', `i-${'9'.repeat(17)}`, /^InvalidTarget/],
  ])('refuses %s', async (_what, id, wanted) => {
    const rig = createRig();
    expect(await refusal(rig.register(await rig.group('green'), id))).toMatch(wanted);
  });

  it('refuses an instance that is not running', async () => {
    const rig = createRig();
    const id = rig.launch('1', { state: 'stopped' });
    expect(await refusal(rig.register(await rig.group('green'), id))).toMatch(
      /^InvalidTarget: The following targets are not in a running state/,
    );
  });

  it('tells Auto Scaling of a target group that is not there', async () => {
    const rig = createRig();
    const arn = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/x/1';
    expect(rig.elb.registry.targetGroup(arn)).toBeUndefined();
    expect(() => rig.elb.registry.register(arn, ['i-1'])).toThrow(/not found/);
  });
});

it('counts healthy and unhealthy targets every minute, and only while there are targets', async () => {
  const rig = await attached();
  await rig.register(rig.group, rig.launch('2', { answer: () => answers(500) }));
  await rig.pass(121);
  const of = (name: string) =>
    rig.measurements.filter(({ metricName }) => metricName === name).map(({ value }) => value);
  expect(of('HealthyHostCount')).toEqual([1, 1]);
  expect(of('UnHealthyHostCount')).toEqual([1, 1]);
  rig.elb.registry.deregister(rig.group, [...rig.elb.registry.targetHealth(rig.group).keys()]);
  await rig.pass(600);
  expect(of('HealthyHostCount')).toHaveLength(2);
});

async function history(): Promise<string[]> {
  const rig = await attached();
  const seen: string[] = [];
  for (let step = 0; step < 200; step += 1) {
    await rig.pass(0.1);
    seen.push(...(await rig.health(rig.group)));
  }
  return seen;
}

it('runs the same from the same seed, to the millisecond', async () => {
  expect(await history()).toEqual(await history());
});
