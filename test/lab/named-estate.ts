/**
 * A lab whose clients find the service by a name in Route 53: an A and an AAAA record with weights
 * lead to blue's load balancer, and a second one stands by.
 * Not for: services whose load balancer splits their traffic; see `lab.ts`.
 */
import {
  type Action,
  CreateListenerCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type AliasTarget,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Call } from '../../region/kernel/service.ts';
import type { Region } from '../../region/region.ts';
import type { ServiceDefinition } from '../../shared/core/spec.ts';
import { buildAlarm, buildLoadBalancer, present, USUAL_ESTATE } from './estate.ts';
import type { Lab, LabOptions } from './lab.ts';

/** The name that clients ask for, as Route 53 lists it. */
export const NAME = 'www.shop.example.';

/** What the side that stands by says before any deployment. */
const NOT_HERE: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '503', ContentType: 'text/plain', MessageBody: 'not here' },
};

/** One alarm on each side. */
const ALARMS = ['web-5xx', 'standby-5xx'];

/** Weights of the records of one moment, by type and set identifier, such as `A first`. */
export type RecordWeights = Readonly<Record<string, number>>;

export interface NamedLab {
  readonly lab: Lab;
  readonly standbyLoadBalancerArn: string;
  readonly standbyListenerArn: string;
  readonly hostedZoneId: string;
  /** The records of the name as they are now; costs no call and no time. */
  records(): readonly ResourceRecordSet[];
  /** The weights after every change of a record since the estate stood, oldest first. */
  changes(): readonly RecordWeights[];
  /** Changes a record as an operator does. */
  change(action: 'UPSERT' | 'DELETE', record: ResourceRecordSet): Promise<void>;
  /** What a listener does with requests that no rule takes. */
  defaultActions(listenerArn: string): Promise<readonly Action[]>;
  /** Requests that found no address. */
  unresolved(): number;
  /** Region time of the last request that a load balancer got, epoch milliseconds. */
  lastRequestAt(loadBalancerArn: string): number;
}

/** The service's definition besides, and how many requests a second ask for the name. */
export interface NamedOptions extends Omit<LabOptions, 'requestsPerSecond'> {
  /** Absent means 4; half of the clients ask for AAAA. */
  readonly requestsPerSecond?: number;
  /** True: only A finds the load balancer that stands by. */
  readonly isStandbyIpv4?: boolean;
  /** Blue's records, given an alias to blue's load balancer; absent means A and AAAA. */
  readonly records?: (
    alias: AliasTarget & { readonly DNSName: string },
  ) => readonly ResourceRecordSet[];
}

/** Opens a lab and puts a name before it. */
export async function openNamedLab(
  open: (options: LabOptions) => Promise<Lab>,
  {
    requestsPerSecond = 4,
    records: wanted = aliasRecords,
    isStandbyIpv4 = false,
    ...options
  }: NamedOptions = {},
): Promise<NamedLab> {
  const lab = await open({
    ...options,
    requestsPerSecond: 0,
    estate: { hasIpv6: true, ...options.estate },
  });
  const wishes = { ...USUAL_ESTATE, hasIpv6: !isStandbyIpv4 };
  const standby = await lab.act(() => buildStandby(lab, wishes));
  const hostedZoneId = await lab.act(() => buildZone(lab));
  const alias = await lab.act(() => aliasOf(lab, lab.estate.loadBalancerArn));
  await lab.act(() => changeRecords(lab, hostedZoneId, 'CREATE', wanted(alias)));
  await define(lab, { hostedZoneId, standbyListenerArn: standby.listenerArn });
  await lab.pass(90);
  const { region } = lab;
  const records = () => listRecords(region, hostedZoneId);
  const changes: RecordWeights[] = [];
  region.endpoint.onCall(({ operation, errorCode }) => {
    if (operation === 'ChangeResourceRecordSets' && !errorCode) changes.push(toWeights(records()));
  });
  const lastRequests = new Map<string, number>();
  region.loadBalancing.onAccess(({ at, loadBalancerArn }) => lastRequests.set(loadBalancerArn, at));
  const model = { name: NAME, port: 80, requestsPerSecond, ipv6Share: 0.5 };
  const traffic = region.route53.modelTraffic(model);
  return {
    lab,
    standbyLoadBalancerArn: standby.loadBalancerArn,
    standbyListenerArn: standby.listenerArn,
    hostedZoneId,
    records,
    changes: () => changes,
    change: (action, record) =>
      lab.act(() => changeRecords(lab, hostedZoneId, action, [record])).then(() => lab.pass(90)),
    defaultActions: (ListenerArn) => lab.act(() => readDefaultActions(lab, ListenerArn)),
    unresolved: () => traffic.unresolved(),
    lastRequestAt: (arn) => lastRequests.get(arn) ?? 0,
  };
}

function aliasRecords(alias: AliasTarget): readonly ResourceRecordSet[] {
  const first = { Name: NAME, SetIdentifier: 'first', Weight: 255, AliasTarget: alias } as const;
  return [
    { ...first, Type: 'A' },
    { ...first, Type: 'AAAA' },
  ];
}

async function buildStandby(lab: Lab, wishes: typeof USUAL_ESTATE) {
  const loadBalancerArn = await buildLoadBalancer(lab.aws, 'standby', wishes);
  const { Listeners } = await lab.aws.loadBalancing().send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [NOT_HERE],
    }),
  );
  await buildAlarm(lab.aws, { alarmName: 'standby-5xx', loadBalancerArn, wishes });
  return { loadBalancerArn, listenerArn: present(Listeners?.[0]?.ListenerArn) };
}

async function buildZone({ aws }: Lab): Promise<string> {
  const zone = { Name: 'shop.example', CallerReference: 'one' };
  const made = await aws.route53().send(new CreateHostedZoneCommand(zone));
  return present(made.HostedZone?.Id?.split('/').at(-1));
}

/** An alias to a load balancer, as the console makes it. */
async function aliasOf({ aws }: Lab, loadBalancerArn: string) {
  const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [loadBalancerArn] });
  const { LoadBalancers } = await aws.loadBalancing().send(command);
  const { DNSName, CanonicalHostedZoneId } = present(LoadBalancers?.[0]);
  return {
    HostedZoneId: CanonicalHostedZoneId,
    DNSName: `dualstack.${present(DNSName)}`,
    EvaluateTargetHealth: true,
  };
}

async function changeRecords(
  { aws }: Lab,
  HostedZoneId: string,
  Action: 'CREATE' | 'UPSERT' | 'DELETE',
  records: readonly ResourceRecordSet[],
): Promise<void> {
  const Changes = records.map((ResourceRecordSet) => ({ Action, ResourceRecordSet }));
  const batch = { HostedZoneId, ChangeBatch: { Changes } };
  await aws.route53().send(new ChangeResourceRecordSetsCommand(batch));
}

/** Tells Teal that the name splits the traffic. */
async function define(
  { api, estate }: Lab,
  { hostedZoneId, standbyListenerArn }: { hostedZoneId: string; standbyListenerArn: string },
): Promise<void> {
  const { body } = await api.send('GET', `/services/${estate.service}`);
  const routing: ServiceDefinition['routing'] = {
    type: 'route53',
    hostedZoneId,
    recordName: 'www.shop.example',
    blueSetIdentifier: 'first',
    greenSetIdentifier: 'second',
    greenListenerArn: standbyListenerArn,
  };
  const { alarms } = body as Pick<ServiceDefinition, 'alarms'>;
  const definition = { ...body, routing, ...(alarms.length > 0 && { alarms: ALARMS }) };
  const { status } = await api.send('PUT', `/services/${estate.service}`, { body: definition });
  if (status !== 200) throw new Error(`The definition was refused with ${status}.`);
}

const CALL: Call = { caller: { arn: '', label: 'lab' }, requestId: '', isAllowed: () => true };

function listRecords({ route53 }: Region, HostedZoneId: string): readonly ResourceRecordSet[] {
  const operation = route53.service.operations['ListResourceRecordSets'];
  if (!operation) throw new Error('The region cannot list records.');
  const { ResourceRecordSets } = operation.run({ HostedZoneId } as never, CALL) as {
    ResourceRecordSets: readonly ResourceRecordSet[];
  };
  return ResourceRecordSets.filter(({ Name }) => Name === NAME);
}

function toWeights(records: readonly ResourceRecordSet[]): RecordWeights {
  return Object.fromEntries(
    records.map(({ Type, SetIdentifier, Weight = 0 }) => [`${Type} ${SetIdentifier}`, Weight]),
  );
}

async function readDefaultActions({ aws }: Lab, arn: string): Promise<readonly Action[]> {
  const command = new DescribeListenersCommand({ ListenerArns: [arn] });
  const { Listeners } = await aws.loadBalancing().send(command);
  return present(Listeners?.[0]?.DefaultActions);
}
