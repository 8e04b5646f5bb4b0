/**
 * Reads the two sides between which a name's records split the traffic: the records, the listener
 * that serves and the one that stands by. Reading only.
 */
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { FoundRoute } from '../core/estate.ts';
import type { Routing } from '../core/routing.ts';
import type { ListenerAction, ListenerReading, SidesReading } from '../core/standby.ts';
import type { TrafficRouter } from '../ports/traffic-router.ts';
import { call, unlessRefused } from './call.ts';
import { describeHealth } from './groups.ts';
import { readPages } from './pages.ts';
import type { RecordRouting } from './route-53-router.ts';

/** What is read with, and what leads to a target group by either kind of route. */
export interface SidesDependencies {
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly router: Pick<TrafficRouter, 'find'>;
  /** The records that a definition names, as a router. */
  readonly recordsOf: (routing: RecordRouting) => Pick<TrafficRouter, 'find'>;
}

/** Both sides, and the records as routes. */
export async function readSides(
  { loadBalancing, router, recordsOf }: SidesDependencies,
  routing: Routing,
  blue: { readonly targetGroupArn: string; readonly routes: readonly FoundRoute[] },
): Promise<{ readonly sides: SidesReading; readonly routes: readonly FoundRoute[] }> {
  const [blueRoute] = blue.routes.filter(({ type }) => type === 'listenerDefault');
  const green = await readListener(loadBalancing, routing.greenListenerArn);
  const sides: SidesReading = {
    blueRoutes: blue.routes,
    blue: blueRoute && (await readListener(loadBalancing, blueRoute.id)),
    green,
    idleTargetGroupArns: green ? await readIdle(loadBalancing, router, green) : [],
  };
  const records = recordsOf({
    ...routing,
    ...(green && {
      greenAlias: {
        hostedZoneId: green.loadBalancer.hostedZoneId,
        dnsName: green.loadBalancer.dnsName,
        ...(routing.greenHealthCheckId && { healthCheckId: routing.greenHealthCheckId }),
      },
    }),
  });
  return { sides, routes: await records.find(blue.targetGroupArn) };
}

/** Undefined when there is no such listener. */
async function readListener(
  client: ElasticLoadBalancingV2Client,
  listenerArn: string,
): Promise<ListenerReading | undefined> {
  const command = new DescribeListenersCommand({ ListenerArns: [listenerArn] });
  const calling = call('DescribeListeners', listenerArn, () => client.send(command));
  const listener = (await unlessRefused(['ListenerNotFound'], calling))?.Listeners?.[0];
  if (!listener) return undefined;
  const { LoadBalancerArn = '', Protocol = '', Port = 0, DefaultActions = [] } = listener;
  return {
    listenerArn,
    protocol: Protocol,
    port: Port,
    // Kept word for word: what the listener is given back must be what it was.
    defaultActions: DefaultActions as unknown as readonly ListenerAction[],
    actionTypes: DefaultActions.map(({ Type = '' }) => Type),
    loadBalancer: await readLoadBalancer(client, LoadBalancerArn),
  };
}

async function readLoadBalancer(
  client: ElasticLoadBalancingV2Client,
  loadBalancerArn: string,
): Promise<ListenerReading['loadBalancer']> {
  const command = new DescribeLoadBalancersCommand({ LoadBalancerArns: [loadBalancerArn] });
  const output = await call('DescribeLoadBalancers', loadBalancerArn, () => client.send(command));
  const {
    DNSName = '',
    CanonicalHostedZoneId = '',
    VpcId = '',
    IpAddressType,
  }: LoadBalancer = output.LoadBalancers?.[0] ?? {};
  return {
    loadBalancerArn,
    dnsName: DNSName.toLowerCase(),
    hostedZoneId: CanonicalHostedZoneId,
    vpcId: VpcId,
    hasIpv6: IpAddressType !== undefined && IpAddressType !== 'ipv4',
  };
}

/** Those that only the listener's own default action names are not in anybody's way. */
async function readIdle(
  client: ElasticLoadBalancingV2Client,
  router: Pick<TrafficRouter, 'find'>,
  { listenerArn, loadBalancer: { loadBalancerArn } }: ListenerReading,
): Promise<readonly string[]> {
  const groups = await readPages(async (Marker) => {
    const command = new DescribeTargetGroupsCommand({ LoadBalancerArn: loadBalancerArn, Marker });
    const output = await call('DescribeTargetGroups', loadBalancerArn, () => client.send(command));
    return { items: output.TargetGroups, next: output.NextMarker };
  });
  const idle: string[] = [];
  for (const { TargetGroupArn = '' } of groups) {
    const health = await describeHealth(client, TargetGroupArn);
    if (health.some(({ TargetHealth }) => TargetHealth?.State === 'healthy')) continue;
    const routes = await router.find(TargetGroupArn);
    if (routes.some(({ id }) => id !== listenerArn)) idle.push(TargetGroupArn);
  }
  return idle;
}
