/**
 * CreateLoadBalancer, DescribeLoadBalancers and DeleteLoadBalancer, for Application Load Balancers.
 * Not for: network and gateway load balancers, which are refused.
 */
import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  DeleteLoadBalancerInput,
  DeleteLoadBalancerOutput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  LoadBalancer as Described,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { arn as arnOf, REGION_NAME } from '../../kernel/kernel.ts';
import { isOneOf } from '../constraints.ts';
import { initialAttributes } from './attributes.ts';
import { LOAD_BALANCERS_PER_REGION } from './limits.ts';
import { removeListener } from './listeners.ts';
import { attributeRulesOf } from './load-balancer-attributes.ts';
import { zonesOf, securityGroupsOf } from './load-balancer-network.ts';
import type { LoadBalancer } from './model.ts';
import { ID_DIGITS, refuseName } from './names.ts';
import { operation, page } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toCreate, toDescribe } from './permissions.ts';
import { notImplemented, refuseViolations, required, validationError } from './refusals.ts';
import { completeTags } from './tags.ts';

/**
 * The zones in which the names of this region's load balancers lie.
 * @source https://docs.aws.amazon.com/general/latest/gr/elb.html
 */
export const HOSTED_ZONE_IDS: Readonly<Record<LoadBalancer['type'], string>> = {
  application: 'Z35SXDOTRQ7X7K',
  network: 'Z26RNL4JYFTOTI',
};

/** How ARNs name each type. */
const ARN_PARTS: Readonly<Record<LoadBalancer['type'], string>> = {
  application: 'app',
  network: 'net',
};

const SERVICE = 'elasticloadbalancing';

/** The load balancer operations. */
export function loadBalancerOperations(plane: ControlPlane): Operations {
  const { store } = plane;
  return {
    CreateLoadBalancer: operation<CreateLoadBalancerInput, CreateLoadBalancerOutput>(
      (input) => {
        const part = input.Type === 'network' ? 'net' : 'app';
        const created = arnOf(SERVICE, `loadbalancer/${part}/${input.Name ?? ''}/*`);
        const context = { [`${SERVICE}:Scheme`]: input.Scheme ?? 'internet-facing' };
        const action = 'CreateLoadBalancer';
        return toCreate(store, { action, on: created, created, tags: input.Tags, context });
      },
      (input) => ({ LoadBalancers: [describe(plane, createLoadBalancer(plane, input))] }),
    ),
    DescribeLoadBalancers: operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput>(
      toDescribe('DescribeLoadBalancers'),
      (input) => {
        const { items, next } = page(select(plane, input), input);
        return { LoadBalancers: items.map((item) => describe(plane, item)), ...next };
      },
    ),
    DeleteLoadBalancer: operation<DeleteLoadBalancerInput, DeleteLoadBalancerOutput>(
      (input) => toChange(store, 'DeleteLoadBalancer', [input.LoadBalancerArn]),
      async (input) => {
        await deleteLoadBalancer(plane, required(input.LoadBalancerArn, 'A load balancer ARN'));
        return {};
      },
    ),
  };
}

function createLoadBalancer(plane: ControlPlane, input: CreateLoadBalancerInput): LoadBalancer {
  const { store, kernel } = plane;
  const wanted = completeRequest(plane, input);
  const tags = completeTags(input.Tags);
  const existing = [...store.loadBalancers.values()].find(({ name }) => name === wanted.name);
  if (existing) {
    if (sameSettings(existing, wanted)) return existing;
    throw new AwsError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${wanted.name}' exists, but with different settings`,
    );
  }
  if (store.loadBalancers.size >= LOAD_BALANCERS_PER_REGION) {
    throw new AwsError(
      'TooManyLoadBalancers',
      `The maximum number of load balancers has been reached: [${LOAD_BALANCERS_PER_REGION}]`,
    );
  }
  const id = kernel.hex(ID_DIGITS);
  const loadBalancer: LoadBalancer = {
    ...wanted,
    arn: arnOf(SERVICE, `loadbalancer/${ARN_PARTS[wanted.type]}/${wanted.name}/${id}`),
    dnsName: dnsNameOf(kernel, wanted, id),
    createdAt: kernel.clock.now(),
    attributes: initialAttributes(attributeRulesOf(wanted.type)),
  };
  store.loadBalancers.set(loadBalancer.arn, loadBalancer);
  store.tags.set(loadBalancer.arn, tags);
  return loadBalancer;
}

/** The two types of load balancers have names of different forms. */
function dnsNameOf(kernel: Kernel, { type, name, scheme }: Settings, id: string): string {
  if (type === 'network') return `${name}-${id}.elb.${REGION_NAME}.amazonaws.com`;
  const number = Math.floor(kernel.random() * 9e9) + 1e9;
  const label = scheme === 'internal' ? `internal-${name}` : name;
  return `${label}-${number}.${REGION_NAME}.elb.amazonaws.com`;
}

type Settings = Omit<LoadBalancer, 'arn' | 'dnsName' | 'createdAt' | 'attributes'>;

function completeRequest(plane: ControlPlane, input: CreateLoadBalancerInput): Settings {
  const name = required(input.Name, 'A load balancer name');
  refuseName(name, 'Load balancer');
  refuseViolations(
    isOneOf(input.Scheme, 'scheme', ['internet-facing', 'internal']),
    isOneOf(input.Type, 'type', ['application', 'network', 'gateway']),
    isOneOf(input.IpAddressType, 'ipAddressType', IP_ADDRESS_TYPES),
  );
  const type = input.Type ?? 'application';
  if (type === 'gateway') throw notImplemented(`load balancers of type '${type}'`);
  const { vpcId, zones } = zonesOf(plane.network, input);
  return {
    type,
    name,
    scheme: input.Scheme ?? 'internet-facing',
    vpcId,
    zones,
    securityGroups: securityGroupsOf(plane.network, input, vpcId),
    ipAddressType: input.IpAddressType ?? 'ipv4',
  };
}

const IP_ADDRESS_TYPES = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'];

function sameSettings(existing: LoadBalancer, wanted: Settings): boolean {
  const zones = (settings: Settings): string =>
    settings.zones
      .map((zone) => zone.subnetId)
      .sort()
      .join();
  const groups = (settings: Settings): string => [...settings.securityGroups].sort().join();
  return (
    existing.type === wanted.type &&
    existing.scheme === wanted.scheme &&
    existing.ipAddressType === wanted.ipAddressType &&
    zones(existing) === zones(wanted) &&
    groups(existing) === groups(wanted)
  );
}

function select({ store }: ControlPlane, input: DescribeLoadBalancersInput): LoadBalancer[] {
  const { LoadBalancerArns: arns, Names: names } = input;
  if (arns?.length && names?.length) {
    throw validationError(
      'Load balancer names and load balancer ARNs cannot be specified at the same time',
    );
  }
  if (arns?.length) return arns.map((arn) => store.loadBalancer(arn));
  const all = [...store.loadBalancers.values()];
  if (!names?.length) return all;
  return names.map((name) => {
    const found = all.find((loadBalancer) => loadBalancer.name === name);
    if (found) return found;
    throw new AwsError('LoadBalancerNotFound', `Load balancers '[${name}]' not found`);
  });
}

/**
 * Removes a load balancer with its listeners and rules. One that is not there is already removed,
 * which AWS's reference calls a success.
 */
async function deleteLoadBalancer(plane: ControlPlane, loadBalancerArn: string): Promise<void> {
  const { store } = plane;
  const loadBalancer = store.loadBalancers.get(loadBalancerArn);
  if (!loadBalancer) return;
  if (loadBalancer.attributes.get('deletion_protection.enabled') === 'true') {
    throw new AwsError(
      'OperationNotPermitted',
      `Load balancer '${loadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  const listeners = [...store.listeners.values()].filter(
    (listener) => listener.loadBalancerArn === loadBalancerArn,
  );
  store.loadBalancers.delete(loadBalancerArn);
  store.tags.delete(loadBalancerArn);
  await Promise.all(listeners.map((listener) => removeListener(plane, listener.arn)));
}

function describe(plane: ControlPlane, loadBalancer: LoadBalancer): Described {
  const age = plane.kernel.clock.now() - loadBalancer.createdAt;
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: loadBalancer.dnsName,
    CanonicalHostedZoneId: HOSTED_ZONE_IDS[loadBalancer.type],
    CreatedTime: new Date(loadBalancer.createdAt),
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: loadBalancer.vpcId,
    State: { Code: age < plane.provisioningMilliseconds ? 'provisioning' : 'active' },
    Type: loadBalancer.type,
    AvailabilityZones: loadBalancer.zones.map((zone) => ({
      ZoneName: zone.zoneName,
      SubnetId: zone.subnetId,
      LoadBalancerAddresses: [],
    })),
    ...(loadBalancer.securityGroups.length > 0 && {
      SecurityGroups: [...loadBalancer.securityGroups],
    }),
    IpAddressType: loadBalancer.ipAddressType as Described['IpAddressType'],
  };
}
