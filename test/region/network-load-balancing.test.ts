/** Network load balancers: connections that stay where they are, and what ends them. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createRealClock } from '../../region/kernel/real-clock.ts';
import type { AccessLogEntry } from '../../region/kernel/contracts.ts';
import {
  answers,
  createRig,
  forwardTo,
  refusal,
  type Rig,
  split,
} from './elastic-load-balancing-rig.ts';

const TCP = { Protocol: 'TCP', HealthCheckTimeoutSeconds: 5 };
const LISTENER = { Protocol: 'TCP', Port: 80 };

const network = (rig: Rig, name = 'net') => rig.balance(name, { Type: 'network' });

/** Two fleets of one instance each behind a listener, blue with all the weight. */
async function createPair(rig: Rig) {
  const [blue, green] = [await rig.group('blue', TCP), await rig.group('green', TCP)];
  const balancer = await network(rig);
  const listener = await rig.listen(balancer, [split({ [blue]: 100, [green]: 0 })], LISTENER);
  const model = { status: 200, milliseconds: 5 };
  const [one, two] = [rig.launch('1', { model }), rig.launch('2', { model })];
  await rig.register(blue, one);
  await rig.register(green, two);
  await rig.pass(60);
  const weigh = (weights: Record<string, number>) =>
    rig.call('ModifyListener', { ListenerArn: listener, DefaultActions: [split(weights)] });
  const seen: AccessLogEntry[] = [];
  rig.elb.onAccess((entry) => seen.push(entry));
  /** Target groups that requests of the seconds since went to. */
  const during = async (seconds: number) => {
    seen.length = 0;
    await rig.pass(seconds);
    return new Set(seen.map(({ targetGroupArn }) => targetGroupArn));
  };
  return { blue, green, balancer, listener, weigh, during, one };
}

describe('what a network load balancer is', () => {
  it('has its own kind of ARN, name and hosted zone, needs one subnet and no security group', async () => {
    const rig = createRig();
    const arn = await network(rig, 'net');
    const described = await rig.call<{ LoadBalancers: Record<string, unknown>[] }>(
      'DescribeLoadBalancers',
      { LoadBalancerArns: [arn] },
    );
    const [found] = described.LoadBalancers;
    expect(arn).toMatch(/:loadbalancer\/net\/net\/[0-9a-f]{16}$/);
    expect(found).toMatchObject({ Type: 'network', CanonicalHostedZoneId: 'Z26RNL4JYFTOTI' });
    expect(found?.['DNSName']).toMatch(/^net-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com$/);
    expect(found).not.toHaveProperty('SecurityGroups');
    await rig.balance('small', { Type: 'network', Subnets: ['subnet-a'] });
  });

  it('checks the health of its targets by connection unless told otherwise', async () => {
    const rig = createRig();
    const made = await rig.call<{ TargetGroups: Record<string, unknown>[] }>('CreateTargetGroup', {
      Name: 'tcp',
      Protocol: 'TCP',
      Port: 80,
      VpcId: 'vpc-0a',
    });
    expect(made.TargetGroups[0]).toMatchObject({
      HealthCheckProtocol: 'TCP',
      HealthCheckTimeoutSeconds: 10,
    });
    expect(made.TargetGroups[0]).not.toHaveProperty('Matcher');
    expect(made.TargetGroups[0]).not.toHaveProperty('ProtocolVersion');
    const http = await rig.call<{ TargetGroups: Record<string, unknown>[] }>('CreateTargetGroup', {
      Name: 'http',
      Protocol: 'TCP',
      Port: 80,
      VpcId: 'vpc-0a',
      HealthCheckProtocol: 'HTTP',
    });
    expect(http.TargetGroups[0]).toMatchObject({
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200-399' },
    });
    expect(await refusal(rig.group('bad', { ...TCP, HealthCheckPath: '/health' }))).toMatch(
      /^ValidationError: Health check path and matcher cannot be specified/,
    );
  });

  it('refuses what belongs to the other type of load balancer', async () => {
    const rig = createRig();
    const balancer = await network(rig);
    const tcp = await rig.group('tcp', TCP);
    const http = await rig.group('http');
    const listen = (action: object, extra: object = LISTENER) =>
      refusal(rig.listen(balancer, [action as never], extra));
    expect(await listen(forwardTo(tcp), { Protocol: 'HTTP' })).toBe(
      "ValidationError: Listener protocol 'HTTP' must be one of 'UDP, TCP, TCP_UDP, TLS'",
    );
    expect(await listen(forwardTo(http))).toMatch(
      /^IncompatibleProtocols: The listener and its associated target group/,
    );
    const RedirectConfig = { StatusCode: 'HTTP_301', Host: 'x.example' };
    expect(await listen({ Type: 'redirect', RedirectConfig })).toMatch(/must be one of 'forward'/);
    expect(await listen(forwardTo(tcp), { ...LISTENER, Protocol: 'UDP' })).toMatch(
      /^NotImplemented/,
    );
    const web = await rig.balance('web');
    expect(await refusal(rig.listen(web, [forwardTo(tcp)]))).toMatch(/^IncompatibleProtocols/);
    const listener = await rig.listen(balancer, [forwardTo(tcp)], LISTENER);
    expect(await refusal(rig.rule(listener, 1, [forwardTo(tcp)]))).toMatch(/^NotImplemented/);
    const cookie = [{ Key: 'stickiness.type', Value: 'lb_cookie' }];
    expect(
      await refusal(
        rig.call('ModifyTargetGroupAttributes', { TargetGroupArn: tcp, Attributes: cookie }),
      ),
    ).toMatch(/^ValidationError/);
  });
});

describe('connections', () => {
  it('stay with their fleet while weights change, and new ones follow the weights', async () => {
    const rig = createRig();
    const { blue, green, balancer, weigh, during } = await createPair(rig);
    const stop = rig.elb.modelConnections({
      loadBalancerArn: balancer,
      port: 80,
      connections: 20,
      requestsPerSecond: 20,
    });
    await rig.pass(5);
    await weigh({ [blue]: 1, [green]: 99 });
    expect(await during(300)).toEqual(new Set([blue]));
    rig.elb.modelConnections({
      loadBalancerArn: balancer,
      port: 80,
      connections: 5,
      requestsPerSecond: 5,
    });
    expect(await during(5)).toEqual(new Set([blue, green]));
    stop();
  });

  it('are closed a short while after the weight of their fleet became 0', async () => {
    const rig = createRig();
    const { blue, green, balancer, weigh, during } = await createPair(rig);
    rig.elb.modelConnections({
      loadBalancerArn: balancer,
      port: 80,
      connections: 20,
      requestsPerSecond: 20,
    });
    await rig.pass(5);
    await weigh({ [blue]: 0, [green]: 100 });
    expect(await during(5)).toEqual(new Set([blue]));
    await rig.pass(10);
    expect(await during(60)).toEqual(new Set([green]));
  });

  it('are closed when their target is unhealthy, unless it may drain first', async () => {
    const rig = createRig();
    const { blue, balancer, one } = await createPair(rig);
    await rig.call('ModifyTargetGroupAttributes', {
      TargetGroupArn: blue,
      Attributes: [
        { Key: 'target_health_state.unhealthy.connection_termination.enabled', Value: 'false' },
        { Key: 'target_health_state.unhealthy.draining_interval_seconds', Value: '30' },
      ],
    });
    rig.elb.modelConnections({
      loadBalancerArn: balancer,
      port: 80,
      connections: 4,
      requestsPerSecond: 4,
    });
    await rig.pass(5);
    rig.fleet.get(one)!.answer = () => ({ type: 'refused' });
    await rig.pass(30);
    expect(await rig.health(blue)).toEqual(['unhealthy.draining/Target.FailedHealthChecks']);
    await rig.pass(60);
    expect(await rig.health(blue)).toEqual(['unhealthy/Target.FailedHealthChecks']);
  });

  it('go to unhealthy targets when there are no others, and are counted as connections', async () => {
    const rig = createRig();
    const { blue, balancer, one, during } = await createPair(rig);
    rig.fleet.get(one)!.answer = () => ({ type: 'refused' });
    await rig.pass(60);
    rig.measurements.length = 0;
    rig.elb.modelConnections({
      loadBalancerArn: balancer,
      port: 80,
      connections: 3,
      requestsPerSecond: 3,
    });
    expect(await during(60)).toEqual(new Set([blue]));
    const metric = (name: string) => rig.measurements.find(({ metricName }) => metricName === name);
    expect(metric('ActiveFlowCount')).toMatchObject({ namespace: 'AWS/NetworkELB', value: 3 });
    expect(metric('NewFlowCount')?.value).toBe(3);
    expect(metric('RequestCount')).toBeUndefined();
  });

  it('pass any answer of a target over a TCP check, and no silence', async () => {
    const rig = createRig();
    const { blue, one } = await createPair(rig);
    rig.fleet.get(one)!.answer = () => answers(500);
    await rig.pass(60);
    expect(await rig.health(blue)).toEqual(['healthy']);
    rig.fleet.get(one)!.answer = () => ({ type: 'timeout' });
    await rig.pass(60);
    expect(await rig.health(blue)).toEqual(['unhealthy/Target.Timeout']);
  });
});

it('carries the bytes of a real connection there and back, and ends it when it is closed', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const clock = createRealClock({
    speed: 1000,
    onFailure: (error) => {
      throw error;
    },
  });
  const rig = createRig({ clock });
  const tcp = await rig.group('tcp', TCP);
  const listener = await rig.listen(await network(rig), [forwardTo(tcp)], LISTENER);
  const origin = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port };
  await rig.register(tcp, rig.launch('1', { origin }));
  await clock.sleep(60_000);
  await rig.elb.startDataPlane();
  const client = connect(rig.elb.listenerAddress(listener)!);
  client.write('hello');
  const [answer] = (await once(client, 'data')) as [Buffer];
  expect(answer.toString()).toBe('hello');
  client.on('error', () => undefined);
  const closed = new Promise((resolve) => void client.once('close', resolve));
  await rig.elb.close();
  await closed;
  clock.stop();
  echo.close();
});
