/**
 * Why traffic cannot be moved by a name's records: what is wrong with the records, with the listener
 * that serves, or with the one that stands by; and why it cannot be counted. Each complaint says what
 * to do about it.
 */
import type { Estate, FoundRoute, TargetGroupReading } from './estate.ts';
import type { Routing } from './routing.ts';
import type { DeploymentSpec } from './spec.ts';
import type { ListenerReading, SidesReading } from './standby.ts';

/** The parts of an estate that are looked at here, none of them missing. */
interface Sides {
  readonly routing: Routing;
  readonly routes: readonly FoundRoute[];
  readonly sides: SidesReading;
  readonly targetGroup: TargetGroupReading;
}

/** How the ARN of a network load balancer is told from others. */
const NETWORK_LOAD_BALANCER = ':loadbalancer/net/';

/** Actions that a listener can be given back: AWS keeps the secret of a login to itself. */
const RESTORABLE_ACTIONS: ReadonlySet<string> = new Set(['fixed-response', 'forward', 'redirect']);

/** Everything that stands in the way of traffic by records; empty where a load balancer splits. */
export function complainAboutSides(
  routing: Routing | undefined,
  { routes, sides, targetGroup }: Estate,
): readonly string[] {
  if (!routing || !sides || !targetGroup) return [];
  const all = { routing, routes, sides, targetGroup };
  return [
    ...complainAboutRecords(all),
    ...complainAboutBlueSide(all),
    ...complainAboutGreenSide(all),
    ...complainAboutHealthChecks(all),
  ];
}

/**
 * A network load balancer counts the connections of all its target groups together, so that nobody
 * could say what green had of them.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
 */
export function complainAboutCounting(
  { healthGate }: DeploymentSpec,
  { routes }: Estate,
): readonly string[] {
  const route = routes.find(({ loadBalancerArn }) =>
    loadBalancerArn.includes(NETWORK_LOAD_BALANCER),
  );
  if (!route || healthGate.minimumRequests === 0) return [];
  return [
    `${route.loadBalancerArn} is a network load balancer, which does not count the requests of one target group; set healthGate.minimumRequests to 0.`,
  ];
}

function complainAboutRecords({ routing, routes, sides }: Sides): readonly string[] {
  const { recordName, hostedZoneId, blueSetIdentifier, greenSetIdentifier } = routing;
  if (routes.length === 0) {
    return [
      `Zone ${hostedZoneId} has no weighted record ${recordName} with the set identifier ${blueSetIdentifier}, so there is no traffic to shift; make one.`,
    ];
  }
  return routes.flatMap(({ record, records }) => {
    const title = `${records?.recordType ?? ''} record ${blueSetIdentifier} of ${recordName}`;
    const complaints: string[] = [];
    if (!record?.blue) {
      return [
        `There is no weighted ${title}, though the name has others of that type, whose clients would stay behind; make it, or remove those.`,
      ];
    }
    if (record.blue.weight === 0) complaints.push(`The ${title} has weight 0; give it one.`);
    if (sides.blue && record.blue.leadsTo !== sides.blue.loadBalancer.dnsName) {
      complaints.push(
        `The ${title} leads to ${record.blue.leadsTo}, not to blue's load balancer ${sides.blue.loadBalancer.dnsName}; correct the record or the definition.`,
      );
    }
    if (record.hasGreen) {
      complaints.push(
        `The record ${greenSetIdentifier} of ${recordName} exists already; delete it, because Teal makes it when green is healthy.`,
      );
    }
    if (records?.recordType === 'AAAA' && sides.green && !sides.green.loadBalancer.hasIpv6) {
      complaints.push(
        `${recordName} has an AAAA record, but the load balancer that stands by has no IPv6 addresses; make it dual-stack.`,
      );
    }
    return complaints;
  });
}

/** Green's side has one listener, so that blue's must not have more. */
function complainAboutBlueSide({ sides, targetGroup }: Sides): readonly string[] {
  const { targetGroupName } = targetGroup;
  const [route] = sides.blueRoutes;
  if (route?.loadBalancerArn.includes(NETWORK_LOAD_BALANCER)) {
    return [
      `Target group ${targetGroupName} is behind a network load balancer, whose listener cannot do without a target group and so cannot stand by; let its own weights split the traffic.`,
    ];
  }
  if (!sides.blue || sides.blueRoutes.length !== 1 || route?.type !== 'listenerDefault') {
    return [
      `Target group ${targetGroupName} is named by ${sides.blueRoutes.length} rules and default actions; where records split the traffic it must be the default action of one listener.`,
    ];
  }
  const { actionTypes, listenerArn } = sides.blue;
  if (actionTypes.length === 1) return [];
  return [
    `Blue's listener ${listenerArn} does more than forward (${actionTypes.join(', ')}), which green's side would not; leave it to forward alone.`,
  ];
}

function complainAboutGreenSide({ routing, sides }: Sides): readonly string[] {
  const { green, blue, idleTargetGroupArns } = sides;
  const arn = routing.greenListenerArn;
  if (!green) return [`There is no listener ${arn}; correct the service definition.`];
  const complaints = blue ? compareSides(blue, green) : [];
  const { actionTypes } = green;
  if (actionTypes.length !== 1 || !RESTORABLE_ACTIONS.has(actionTypes[0] ?? '')) {
    complaints.push(
      `Listener ${arn} does ${actionTypes.join(', ')}, which it could not be given back; let it answer with a fixed response.`,
    );
  }
  if (idleTargetGroupArns.length > 0) {
    complaints.push(
      `The load balancer that stands by also names ${idleTargetGroupArns.join(', ')}, without a healthy target, so that Route 53 would hold all of it for unhealthy; take that out.`,
    );
  }
  return complaints;
}

/** A client that follows the name must find on green's side what it found on blue's. */
function compareSides(blue: ListenerReading, green: ListenerReading): string[] {
  if (blue.loadBalancer.loadBalancerArn === green.loadBalancer.loadBalancerArn) {
    return [
      `Listener ${green.listenerArn} belongs to blue's own load balancer; name one of another load balancer, or leave routing out.`,
    ];
  }
  const complaints: string[] = [];
  const [served, standing] = [blue, green].map(({ protocol, port }) => `${protocol} on ${port}`);
  if (served !== standing) {
    complaints.push(`Blue listens to ${served}, green would to ${standing}; make them the same.`);
  }
  if (blue.loadBalancer.vpcId !== green.loadBalancer.vpcId) {
    complaints.push(
      `Both load balancers must be in one VPC, but blue's is in ${blue.loadBalancer.vpcId} and the other in ${green.loadBalancer.vpcId}.`,
    );
  }
  return complaints;
}

/** A check looks at one side's address, so that each record needs its own. */
function complainAboutHealthChecks({ routing, routes }: Sides): readonly string[] {
  const checked = routes.find(({ record }) => record?.blue?.healthCheckId !== undefined);
  if (!checked || routing.greenHealthCheckId !== undefined) return [];
  return [
    `Blue's record has health check ${checked.record?.blue?.healthCheckId}, so green's needs one of its own; give routing.greenHealthCheckId.`,
  ];
}
