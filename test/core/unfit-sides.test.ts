/** Services whose traffic is split by a name's records: what is planned, and what is refused. */
import { describe, expect, it } from 'vitest';
import type {
  Estate,
  FoundRoute,
  RecordReading,
  TargetGroupReading,
} from '../../shared/core/estate.ts';
import type { Routing } from '../../shared/core/routing.ts';
import { parseServiceDefinition, toSpec } from '../../shared/core/spec.ts';
import { type ListenerReading, planStandby, type SidesReading } from '../../shared/core/standby.ts';
import { complainAboutCounting, complainAboutSides } from '../../shared/core/unfit-sides.ts';

const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app';

const routing: Routing = {
  type: 'route53',
  hostedZoneId: 'Z1',
  recordName: 'www.shop.example',
  blueSetIdentifier: 'first',
  greenSetIdentifier: 'second',
  greenListenerArn: `${LISTENER}/two/2/2`,
};

function listener(name: string, over: Partial<ListenerReading['loadBalancer']> = {}) {
  return {
    listenerArn: `${LISTENER}/${name}`,
    protocol: 'HTTPS',
    port: 443,
    defaultActions: [{ Type: 'fixed-response' }],
    actionTypes: ['fixed-response'],
    loadBalancer: {
      loadBalancerArn: `arn:lb/${name}`,
      dnsName: `${name[0]}.elb.amazonaws.com`,
      hostedZoneId: 'Z2',
      vpcId: 'vpc-1',
      hasIpv6: true,
      ...over,
    },
  } satisfies ListenerReading;
}

const blue: ListenerReading = { ...listener('one/1/1'), actionTypes: ['forward'] };
const green = listener('two/2/2');

const served: FoundRoute = {
  id: blue.listenerArn,
  type: 'listenerDefault',
  loadBalancerArn: blue.loadBalancer.loadBalancerArn,
  otherTargetGroupArns: [],
};

const found: RecordReading = {
  blue: { leadsTo: blue.loadBalancer.dnsName, weight: 100 },
  hasGreen: false,
};

const route = (recordType: 'A' | 'AAAA', record = found): FoundRoute => ({
  id: recordType,
  type: 'weightedRecord',
  loadBalancerArn: '',
  records: { ...routing, recordType, blueTargetGroupArn: 'arn:blue' },
  record,
  otherTargetGroupArns: [],
});

const fit: SidesReading = { blueRoutes: [served], blue, green, idleTargetGroupArns: [] };

function complaints(
  over: Partial<SidesReading>,
  routes: readonly FoundRoute[] = [route('A'), route('AAAA')],
  wanted = routing,
) {
  const targetGroup = { targetGroupName: 'web-blue' } as TargetGroupReading;
  const estate = { routes, sides: { ...fit, ...over }, targetGroup, group: undefined };
  return complainAboutSides(wanted, estate as unknown as Estate).join(' ');
}

describe('traffic by the weights of a name', () => {
  it('can be moved where both sides are alike', () => {
    expect(complaints({})).toBe('');
  });

  const withBlue = (over: Partial<NonNullable<RecordReading['blue']>>) => [
    route('A', { hasGreen: false, blue: { leadsTo: 'o.elb.amazonaws.com', weight: 1, ...over } }),
  ];
  it.each<[string, Partial<SidesReading>, readonly FoundRoute[], string]>([
    ['the name has no record', {}, [], 'has no weighted record www.shop.example'],
    [
      'one type of record would stay behind',
      {},
      [route('A'), route('AAAA', { hasGreen: false })],
      'There is no weighted AAAA record first of www.shop.example',
    ],
    ["green's record exists already", {}, [route('A', { ...found, hasGreen: true })], 'delete it'],
    [
      'the record leads elsewhere',
      {},
      withBlue({ leadsTo: '192.0.2.1' }),
      "leads to 192.0.2.1, not to blue's load balancer o.elb.amazonaws.com",
    ],
    ['the record has no weight', {}, withBlue({ weight: 0 }), 'has weight 0'],
    [
      "green's record would have no health check",
      {},
      withBlue({ healthCheckId: 'check-1' }),
      "Blue's record has health check check-1",
    ],
    [
      'clients that ask for AAAA would find nobody',
      { green: listener('two/2/2', { hasIpv6: false }) },
      [route('A'), route('AAAA')],
      'make it dual-stack',
    ],
    ['there is no such listener', { green: undefined }, [route('A')], 'There is no listener'],
    [
      'both sides are one load balancer',
      { green: { ...green, loadBalancer: blue.loadBalancer } },
      [route('A')],
      "belongs to blue's own load balancer",
    ],
    [
      'the sides listen differently',
      { green: { ...green, port: 8443 } },
      [route('A')],
      'Blue listens to HTTPS on 443, green would to HTTPS on 8443',
    ],
    [
      'the sides are in two networks',
      { green: listener('two/2/2', { vpcId: 'vpc-2' }) },
      [route('A')],
      'must be in one VPC',
    ],
    [
      'AWS would not say what the listener did before',
      { green: { ...green, actionTypes: ['authenticate-oidc', 'forward'] } },
      [route('A')],
      'which it could not be given back',
    ],
    [
      'blue asks for a login',
      { blue: { ...blue, actionTypes: ['authenticate-oidc', 'forward'] } },
      [route('A')],
      'does more than forward',
    ],
    [
      'the standing-by load balancer would count as unhealthy',
      { idleTargetGroupArns: ['arn:idle'] },
      [route('A')],
      'also names arn:idle, without a healthy target',
    ],
    [
      'blue is reached in two ways',
      { blueRoutes: [served, { ...served, id: 'arn:rule', type: 'rule' }] },
      [route('A')],
      'is named by 2 rules and default actions',
    ],
    [
      'blue is behind a network load balancer',
      { blueRoutes: [{ ...served, loadBalancerArn: 'arn:loadbalancer/net/one/1' }] },
      [route('A')],
      'is behind a network load balancer',
    ],
  ])('is not begun where %s', (_case, sides, routes, words) => {
    expect(complaints(sides, routes)).toContain(words);
  });

  it('has a health check on both sides where the definition names the other one', () => {
    const wanted = { ...routing, greenHealthCheckId: 'check-2' };
    const routes = withBlue({ healthCheckId: 'check-1' });
    expect(complaints({}, routes, wanted)).toBe('');
    expect(planStandby(wanted, fit, routes).routingAfter).toEqual({
      ...routing,
      blueSetIdentifier: 'second',
      greenSetIdentifier: 'first',
      greenListenerArn: blue.listenerArn,
      greenHealthCheckId: 'check-1',
    });
  });

  it('changes places twice and is where it was', () => {
    const { routingAfter } = planStandby(routing, fit, [route('A')]);
    const turned = { ...fit, blue: green, green: blue };
    expect(planStandby(routingAfter, turned, [route('A')]).routingAfter).toEqual(routing);
  });
});

const define = (over: object) =>
  parseServiceDefinition({
    service: 'web',
    autoScalingGroupName: 'web-blue',
    routing: { ...routing, ...over },
  });

describe('a definition with routing', () => {
  it('is kept as it was given, and comes with every deployment', () => {
    const definition = define({});
    expect(definition.routing).toEqual(routing);
    const spec = toSpec(definition, { service: 'web', imageId: 'ami-00000000000000002' });
    expect(spec.routing).toEqual(routing);
  });

  it.each([
    [{ greenSetIdentifier: 'first' }, 'needs two different set identifiers'],
    [
      { greenListenerArn: LISTENER.replace('/app', '/net/two/2/2') },
      'must be the ARN of a listener of an Application Load Balancer',
    ],
    [{ hostedZoneId: '/hostedzone/Z1' }, 'must look like Z0123456789ABCDEFGHIJ'],
    [{ recordName: '' }, 'routing.recordName'],
    [{ weight: 1 }, 'weight'],
  ])('is refused with %j', (over, words) => {
    expect(() => define(over)).toThrow(words);
  });
});

it('requests are not waited for where the load balancer does not count them', () => {
  const definition = parseServiceDefinition({
    service: 'web',
    autoScalingGroupName: 'web-blue',
    healthGate: { minimumRequests: 10 },
  });
  const spec = toSpec(definition, { service: 'web', imageId: 'ami-00000000000000002' });
  const behind = (loadBalancerArn: string) =>
    complainAboutCounting(spec, { routes: [{ ...served, loadBalancerArn }] } as unknown as Estate);
  expect(behind('arn:aws:elasticloadbalancing:r:0:loadbalancer/net/web/1').join()).toContain(
    'set healthGate.minimumRequests to 0',
  );
  expect(behind('arn:aws:elasticloadbalancing:r:0:loadbalancer/app/web/1')).toEqual([]);
});
