/** Small regions in virtual time, each with one kind of traffic that a router can shift. */
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import { createVirtualClock } from '../../region/kernel/virtual-clock.ts';
import { createMachines } from '../../region/machines/machines.ts';
import { createEc2 } from '../../region/services/ec2/ec2.ts';
import { createElasticLoadBalancing } from '../../region/services/elastic-load-balancing-v2/elastic-load-balancing.ts';
import { createRoute53 } from '../../region/services/route-53/route-53.ts';
import { type ClientOptions, type Clients, createClients } from '../../shared/aws/clients.ts';
import { createElasticLoadBalancingRouter } from '../../shared/aws/elastic-load-balancing-router.ts';
import { createRoute53Router } from '../../shared/aws/route-53-router.ts';
import type { Route } from '../../shared/core/estate.ts';
import type { Pair } from '../../shared/ports/traffic-router.ts';
import type { RouterWorld } from './traffic-router.contract.ts';
import { createTestKernel } from '../region/test-kernel.ts';

type Written = ReturnType<RouterWorld['writes']>[number];

function startRegion() {
  const clock = createVirtualClock({ start: Date.UTC(2026, 0, 5, 9, 0, 0) });
  const kernel = createTestKernel(clock, { seed: 3 });
  const machines = createMachines({ kernel });
  const ec2 = createEc2({ kernel, machines });
  const balancing = createElasticLoadBalancing({ kernel, machines, network: ec2.fleet.network });
  const { names: loadBalancers, traffic } = balancing;
  const route53 = createRoute53({ kernel, loadBalancers, traffic });
  const identities = createIdentities();
  const services = [ec2.service, balancing.service, route53.service];
  const endpoint = createEndpoint({ kernel, services, identities });
  const options: ClientOptions = {
    region: 'us-east-1',
    endpoint: 'http://region.invalid',
    credentials: identities.administrator,
    requestHandler: endpoint.requestHandler as ClientOptions['requestHandler'] & object,
    maxAttempts: 1,
  };
  const run = <T>(done: Promise<T>): Promise<T> => clock.runUntil(clock.work(() => done));
  const pass = (seconds: number): Promise<void> => clock.runUntil(clock.sleep(seconds * 1000));
  const sleep = (seconds: number): Promise<void> => clock.idle(() => clock.sleep(seconds * 1000));
  return { clients: createClients(options), run, pass, sleep, route53 };
}

/** Remembers what a client writes, read from what it is asked to send. */
function record(client: Clients['loadBalancing'] | Clients['route53'], writes: Written[]): void {
  const stack = client.middlewareStack as Clients['route53']['middlewareStack'];
  stack.add(
    (next) => (args) => {
      const written = readWrite(args.input as Parameters<typeof readWrite>[0]);
      if (written) writes.push(written);
      return next(args);
    },
    { step: 'initialize', name: 'recordWrites' },
  );
}

function readWrite(input: {
  RuleArn?: string;
  ListenerArn?: string;
  Actions?: Action[];
  DefaultActions?: Action[];
  ChangeBatch?: { Changes: Change[] };
}): Written | undefined {
  const actions = input.Actions ?? input.DefaultActions;
  if (actions) {
    const weights = actions.flatMap(({ ForwardConfig }) =>
      ForwardConfig ? [(ForwardConfig.TargetGroups ?? []).map(({ Weight = 1 }) => Weight)] : [],
    );
    return { on: input.RuleArn ?? input.ListenerArn ?? '', weights };
  }
  const changes = input.ChangeBatch?.Changes;
  if (!changes) return undefined;
  const keys = [...new Set(changes.map((change) => change.ResourceRecordSet?.Type ?? ''))];
  const weights = keys.map((type) =>
    changes
      .filter((change) => change.Action !== 'DELETE' && change.ResourceRecordSet?.Type === type)
      .map((change) => change.ResourceRecordSet?.Weight ?? 0),
  );
  return { on: keys.join(), weights: weights.filter(({ length }) => length > 0) };
}

type Region = ReturnType<typeof startRegion>;

async function balance(
  { clients: { ec2, loadBalancing }, run }: Region,
  name: string,
  settings: object = {},
) {
  const { Subnets = [] } = await run(ec2.send(new DescribeSubnetsCommand({})));
  const made = await run(
    loadBalancing.send(
      new CreateLoadBalancerCommand({
        Name: name,
        Subnets: Subnets.map(({ SubnetId = '' }) => SubnetId),
        ...settings,
      }),
    ),
  );
  const { LoadBalancerArn, DNSName, CanonicalHostedZoneId } = made.LoadBalancers![0]!;
  return {
    arn: LoadBalancerArn!,
    dnsName: DNSName!,
    zoneId: CanonicalHostedZoneId!,
    vpcId: Subnets[0]!.VpcId!,
  };
}

async function group(
  { clients: { loadBalancing }, run }: Region,
  Name: string,
  settings: { VpcId: string; Protocol: 'HTTP' | 'TCP' },
): Promise<string> {
  const command = new CreateTargetGroupCommand({ Name, Port: 8080, ...settings });
  return (await run(loadBalancing.send(command))).TargetGroups![0]!.TargetGroupArn!;
}

const toBlue = (pair: Pair): Action[] => [
  { Type: 'forward', TargetGroupArn: pair.blueTargetGroupArn },
];

async function listen(
  { clients: { loadBalancing }, run }: Region,
  LoadBalancerArn: string,
  settings: { Port: number; Protocol: 'HTTP' | 'TCP'; DefaultActions: Action[] },
): Promise<string> {
  const command = new CreateListenerCommand({ LoadBalancerArn, ...settings });
  return (await run(loadBalancing.send(command))).Listeners![0]!.ListenerArn!;
}

/** What both kinds of load balancers' worlds have in common. */
function balancerWorld(
  region: Region,
  parts: { pair: Pair; third: string; routeCount: number },
): RouterWorld {
  const { run, clients } = region;
  const client = clients.loadBalancing;
  const { pair, third, routeCount } = parts;
  const writes: Written[] = [];
  record(client, writes);
  const meddler = startMeddling(region);
  const actionsOf = async ({ id, type }: Route): Promise<Action[]> =>
    type === 'rule'
      ? (await run(client.send(new DescribeRulesCommand({ RuleArns: [id] })))).Rules![0]!.Actions!
      : (await run(client.send(new DescribeListenersCommand({ ListenerArns: [id] }))))
          .Listeners![0]!.DefaultActions!;
  return {
    router: createElasticLoadBalancingRouter(client),
    pair,
    routeCount,
    run,
    pass: region.pass,
    writes: () => writes,
    meddle: (route, green) =>
      meddler.write(route, [
        { TargetGroupArn: pair.blueTargetGroupArn, Weight: 100 - green },
        { TargetGroupArn: pair.greenTargetGroupArn, Weight: green },
      ]),
    addThird: async (route) => {
      const [action] = await actionsOf(route);
      const tuples = action!.ForwardConfig!.TargetGroups!;
      await meddler.write(route, [...tuples, { TargetGroupArn: third, Weight: 7 }]);
      return async () => {
        const [after] = await actionsOf(route);
        const found = after!.ForwardConfig!.TargetGroups!;
        return found.find(({ TargetGroupArn }) => TargetGroupArn === third)?.Weight;
      };
    },
    remove: async ({ id, type }) => {
      await run(
        type === 'rule'
          ? client.send(new DeleteRuleCommand({ RuleArn: id }))
          : client.send(new DeleteListenerCommand({ ListenerArn: id })),
      );
    },
  };
}

/** Another tool, whose writes the world does not count. */
function startMeddling({ clients, run }: Region) {
  const client = clients.loadBalancing;
  return {
    write: async (
      { id, type }: Route,
      TargetGroups: { TargetGroupArn?: string; Weight?: number }[],
    ): Promise<void> => {
      const actions: Action[] = [{ Type: 'forward', ForwardConfig: { TargetGroups } }];
      await run(
        type === 'rule'
          ? client.send(new ModifyRuleCommand({ RuleArn: id, Actions: actions }))
          : client.send(new ModifyListenerCommand({ ListenerArn: id, DefaultActions: actions })),
      );
    },
  };
}

async function makePair(region: Region, vpcId: string, Protocol: 'HTTP' | 'TCP') {
  const settings = { VpcId: vpcId, Protocol };
  const pair = {
    blueTargetGroupArn: await group(region, 'blue', settings),
    greenTargetGroupArn: await group(region, 'green', settings),
  };
  return { pair, third: await group(region, 'third', settings) };
}

/** The default action of one listener. */
export async function makeDefaultAction(): Promise<RouterWorld> {
  const region = startRegion();
  const balancer = await balance(region, 'web');
  const { pair, third } = await makePair(region, balancer.vpcId, 'HTTP');
  const DefaultActions = toBlue(pair);
  await listen(region, balancer.arn, { Port: 80, Protocol: 'HTTP', DefaultActions });
  return balancerWorld(region, { pair, third, routeCount: 1 });
}

/** Rules and default actions of several listeners. */
export async function makeRules(): Promise<RouterWorld> {
  const region = startRegion();
  const balancer = await balance(region, 'web');
  const { pair, third } = await makePair(region, balancer.vpcId, 'HTTP');
  const DefaultActions = toBlue(pair);
  for (const Port of [80, 8080]) {
    const ListenerArn = await listen(region, balancer.arn, {
      Port,
      Protocol: 'HTTP',
      DefaultActions,
    });
    const command = new CreateRuleCommand({
      ListenerArn,
      Priority: 10,
      Conditions: [{ Field: 'path-pattern', Values: ['/shop/*'] }],
      Actions: DefaultActions,
    });
    await region.run(region.clients.loadBalancing.send(command));
  }
  return balancerWorld(region, { pair, third, routeCount: 4 });
}

/** Two listeners of a network load balancer. */
export async function makeNetworkLoadBalancer(): Promise<RouterWorld> {
  const region = startRegion();
  const balancer = await balance(region, 'net', { Type: 'network' });
  const { pair, third } = await makePair(region, balancer.vpcId, 'TCP');
  const DefaultActions = toBlue(pair);
  for (const Port of [80, 443]) {
    await listen(region, balancer.arn, { Port, Protocol: 'TCP', DefaultActions });
  }
  return balancerWorld(region, { pair, third, routeCount: 2 });
}

const NAME = 'www.shop.example.';

/** Two aliases, A and AAAA, that lead to blue's load balancer; green's has no record yet. */
export async function makeRoute53(): Promise<RouterWorld> {
  const region = startRegion();
  const { clients, run, pass, sleep } = region;
  const client = clients.route53;
  const [blue, green] = [await balance(region, 'first'), await balance(region, 'second')];
  const { pair } = await makePair(region, blue.vpcId, 'HTTP');
  const zone = await run(
    client.send(new CreateHostedZoneCommand({ Name: 'shop.example', CallerReference: 'one' })),
  );
  const hostedZoneId = zone.HostedZone!.Id!.split('/').at(-1)!;
  const change = async (Changes: Change[]): Promise<void> => {
    const batch = { HostedZoneId: hostedZoneId, ChangeBatch: { Changes } };
    await run(client.send(new ChangeResourceRecordSetsCommand(batch)));
    await pass(1);
  };
  const alias = (Type: 'A' | 'AAAA', id: string, Weight: number, to = blue) => ({
    Name: NAME,
    Type,
    SetIdentifier: id,
    Weight,
    AliasTarget: { HostedZoneId: to.zoneId, DNSName: to.dnsName, EvaluateTargetHealth: true },
  });
  await change(
    (['A', 'AAAA'] as const).map((Type) => ({
      Action: 'CREATE',
      ResourceRecordSet: alias(Type, 'first', 100),
    })),
  );
  const list = async () => {
    const command = new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId });
    const { ResourceRecordSets = [] } = await run(client.send(command));
    return ResourceRecordSets.filter((one) => one.Name === NAME);
  };
  const writes: Written[] = [];
  record(client, writes);
  const meddle = async (Changes: Change[]): Promise<void> => {
    const before = writes.length;
    await change(Changes);
    writes.length = before;
  };
  return {
    router: createRoute53Router({
      client,
      sleep,
      routing: {
        hostedZoneId,
        recordName: 'WWW.shop.example',
        blueSetIdentifier: 'first',
        greenSetIdentifier: 'second',
        greenAlias: { hostedZoneId: green.zoneId, dnsName: green.dnsName },
      },
    }),
    pair,
    routeCount: 2,
    run,
    pass,
    writes: () => writes,
    meddle: ({ records }, weight) =>
      meddle([
        {
          Action: 'UPSERT',
          ResourceRecordSet: alias(records!.recordType as 'A', 'first', 100 - weight),
        },
        {
          Action: 'UPSERT',
          ResourceRecordSet: alias(records!.recordType as 'A', 'second', weight, green),
        },
      ]),
    addThird: async ({ records }) => {
      const Type = records!.recordType as 'A';
      await meddle([{ Action: 'CREATE', ResourceRecordSet: alias(Type, 'third', 7) }]);
      return async () =>
        (await list()).find((one) => one.Type === Type && one.SetIdentifier === 'third')?.Weight;
    },
    remove: async ({ records }) => {
      const own = (await list()).filter((one) => one.Type === records!.recordType);
      await meddle(own.map((one) => ({ Action: 'DELETE', ResourceRecordSet: one })));
    },
  };
}
