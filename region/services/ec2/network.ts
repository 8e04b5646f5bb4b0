/**
 * The default VPC: three zones, a subnet in each, and a security group that lets everybody in.
 * Not for: routing. Addresses here name instances; packets do not travel between them.
 */
import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeSecurityGroupsRequest,
  DescribeSubnetsRequest,
  DescribeVpcsRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID, REGION_NAME } from '../../kernel/kernel.ts';
import { invalidParameter } from './errors.ts';
import { applyFilters } from './filters.ts';
import { describeOperation } from './operation.ts';
import { ec2Page } from './paging.ts';
import { ec2Arn } from './tags.ts';
import type { Network as SharedNetwork } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { TagStore } from './tags.ts';

/** First and last host number that EC2 gives out in a /24; the others are reserved. */
const FIRST_HOST = 4;
const LAST_HOST = 254;

const ZONES = ['a', 'b', 'c'].map((letter, index) => ({
  name: `${REGION_NAME}${letter}`,
  id: `use1-az${index + 1}`,
}));

/** One subnet and the addresses of it that are taken. */
export interface SubnetRecord {
  readonly id: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  /** First three numbers of its addresses, such as `10.0.1`. */
  readonly prefix: string;
  readonly used: Set<number>;
  nextHost: number;
}

/** EC2's own view of its network; load balancers see the part of it that the contract names. */
export interface Network extends SharedNetwork {
  readonly vpcId: string;
  readonly defaultSecurityGroupId: string;
  subnets(): readonly SubnetRecord[];
  subnet(id: string): SubnetRecord | undefined;
  /** Zones by name, such as `us-east-1a`. */
  zones(): readonly string[];
  /** Id of a security group from its name. */
  securityGroupNamed(name: string): string | undefined;
  /** Takes a free address. @throws AwsError InsufficientFreeAddressesInSubnet */
  takeAddress(subnetId: string): string;
  releaseAddress(subnetId: string, address: string): void;
}

/** Lays out the default VPC; ids come from the seed. */
export function createNetwork(kernel: Kernel): Network {
  const vpcId = `vpc-${kernel.hex(17)}`;
  const defaultSecurityGroupId = `sg-${kernel.hex(17)}`;
  const subnets = new Map<string, SubnetRecord>();
  for (const [index, zone] of ZONES.entries()) {
    const id = `subnet-${kernel.hex(17)}`;
    subnets.set(id, {
      id,
      vpcId,
      availabilityZone: zone.name,
      availabilityZoneId: zone.id,
      prefix: `10.0.${index}`,
      used: new Set(),
      nextHost: FIRST_HOST,
    });
  }
  return {
    vpcId,
    defaultSecurityGroupId,
    subnets: () => [...subnets.values()],
    subnet: (id) => subnets.get(id),
    vpc: (id) => (id === vpcId ? { defaultSecurityGroupId } : undefined),
    securityGroup: (id) => (id === defaultSecurityGroupId ? { vpcId } : undefined),
    zones: () => ZONES.map((zone) => zone.name),
    securityGroupNamed: (name) => (name === 'default' ? defaultSecurityGroupId : undefined),
    takeAddress: (subnetId) => takeAddress(subnets.get(subnetId), subnetId),
    releaseAddress: (subnetId, address) => {
      subnets.get(subnetId)?.used.delete(Number(address.split('.').at(-1)));
    },
  };
}

/** Goes round the subnet, so that an address is not soon used again. */
function takeAddress(subnet: SubnetRecord | undefined, subnetId: string): string {
  if (!subnet) throw subnetNotFound(subnetId);
  for (let tried = FIRST_HOST; tried <= LAST_HOST; tried += 1) {
    const host = subnet.nextHost;
    subnet.nextHost = host === LAST_HOST ? FIRST_HOST : host + 1;
    if (subnet.used.has(host)) continue;
    subnet.used.add(host);
    return `${subnet.prefix}.${host}`;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested ` +
      'number of instances.',
  );
}

/** A subnet that does not exist. */
export function subnetNotFound(id: string): AwsError {
  return new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`);
}

/** A security group that does not exist. */
export function securityGroupNotFound(id: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
}

/** DescribeSubnets, DescribeVpcs, DescribeSecurityGroups, DescribeAvailabilityZones. */
export function networkOperations(network: Network, tags: TagStore) {
  return {
    DescribeSubnets: describeOperation('DescribeSubnets', (input: DescribeSubnetsRequest) =>
      describeSubnets(network, tags, input),
    ),
    DescribeVpcs: describeOperation('DescribeVpcs', (input: DescribeVpcsRequest) =>
      describeVpcs(network, tags, input),
    ),
    DescribeSecurityGroups: describeOperation(
      'DescribeSecurityGroups',
      (input: DescribeSecurityGroupsRequest) => describeSecurityGroups(network, tags, input),
    ),
    DescribeAvailabilityZones: describeOperation(
      'DescribeAvailabilityZones',
      (input: DescribeAvailabilityZonesRequest) => describeZones(input),
    ),
  };
}

function describeSubnets(network: Network, tags: TagStore, input: DescribeSubnetsRequest) {
  for (const id of input.SubnetIds ?? []) if (!network.subnet(id)) throw subnetNotFound(id);
  const named = network
    .subnets()
    .filter((subnet) => !input.SubnetIds?.length || input.SubnetIds.includes(subnet.id));
  const matching = applyFilters(
    named,
    input.Filters,
    {
      'subnet-id': (subnet) => [subnet.id],
      'vpc-id': (subnet) => [subnet.vpcId],
      'availability-zone': (subnet) => [subnet.availabilityZone],
      'availability-zone-id': (subnet) => [subnet.availabilityZoneId],
      'cidr-block': (subnet) => [`${subnet.prefix}.0/24`],
      'default-for-az': () => ['true'],
      state: () => ['available'],
    },
    (subnet) => tags.of(subnet.id),
  );
  const page = ec2Page(matching, input);
  const Subnets = page.items.map((subnet) => ({
    SubnetId: subnet.id,
    SubnetArn: ec2Arn('subnet', subnet.id),
    VpcId: subnet.vpcId,
    State: 'available' as const,
    CidrBlock: `${subnet.prefix}.0/24`,
    AvailableIpAddressCount: LAST_HOST - FIRST_HOST + 1 - subnet.used.size,
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: subnet.availabilityZoneId,
    DefaultForAz: true,
    MapPublicIpOnLaunch: true,
    OwnerId: ACCOUNT_ID,
    Tags: tags.list(subnet.id),
  }));
  return { Subnets, NextToken: page.nextToken };
}

function describeVpcs(network: Network, tags: TagStore, input: DescribeVpcsRequest) {
  for (const id of input.VpcIds ?? []) {
    if (id !== network.vpcId) {
      throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`);
    }
  }
  const matching = applyFilters(
    [network.vpcId],
    input.Filters,
    {
      'vpc-id': (id) => [id],
      'is-default': () => ['true'],
      isDefault: () => ['true'],
      cidr: () => ['10.0.0.0/16'],
      state: () => ['available'],
    },
    (id) => tags.of(id),
  );
  const page = ec2Page(matching, input);
  const Vpcs = page.items.map((id) => ({
    VpcId: id,
    State: 'available' as const,
    CidrBlock: '10.0.0.0/16',
    IsDefault: true,
    InstanceTenancy: 'default' as const,
    OwnerId: ACCOUNT_ID,
    Tags: tags.list(id),
  }));
  return { Vpcs, NextToken: page.nextToken };
}

function describeSecurityGroups(
  network: Network,
  tags: TagStore,
  input: DescribeSecurityGroupsRequest,
) {
  for (const id of input.GroupIds ?? []) {
    if (!network.securityGroup(id)) throw securityGroupNotFound(id);
  }
  for (const name of input.GroupNames ?? []) {
    if (!network.securityGroupNamed(name)) throw securityGroupNotFound(name);
  }
  const matching = applyFilters(
    [network.defaultSecurityGroupId],
    input.Filters,
    {
      'group-id': (id) => [id],
      'group-name': () => ['default'],
      'vpc-id': () => [network.vpcId],
    },
    (id) => tags.of(id),
  );
  const page = ec2Page(matching, input);
  const SecurityGroups = page.items.map((id) => ({
    GroupId: id,
    GroupName: 'default',
    Description: 'default VPC security group',
    VpcId: network.vpcId,
    OwnerId: ACCOUNT_ID,
    SecurityGroupArn: ec2Arn('security-group', id),
    IpPermissions: [],
    IpPermissionsEgress: [],
    Tags: tags.list(id),
  }));
  return { SecurityGroups, NextToken: page.nextToken };
}

function describeZones(input: DescribeAvailabilityZonesRequest): {
  AvailabilityZones: AvailabilityZone[];
} {
  const known = (name: string): boolean => ZONES.some((zone) => zone.name === name);
  for (const name of input.ZoneNames ?? []) {
    if (!known(name)) throw invalidParameter(`Invalid availability zone: [${name}]`);
  }
  const matching = applyFilters(
    ZONES.filter((zone) => !input.ZoneNames?.length || input.ZoneNames.includes(zone.name)),
    input.Filters,
    {
      'zone-name': (zone) => [zone.name],
      'zone-id': (zone) => [zone.id],
      'region-name': () => [REGION_NAME],
      'zone-type': () => ['availability-zone'],
      state: () => ['available'],
    },
    () => new Map(),
  );
  const AvailabilityZones = matching.map((zone) => ({
    ZoneName: zone.name,
    ZoneId: zone.id,
    RegionName: REGION_NAME,
    State: 'available' as const,
    OptInStatus: 'opt-in-not-required' as const,
    ZoneType: 'availability-zone',
    GroupName: `${REGION_NAME}-zg-1`,
    NetworkBorderGroup: REGION_NAME,
  }));
  return { AvailabilityZones };
}
