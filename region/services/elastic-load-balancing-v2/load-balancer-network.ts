/**
 * Where a load balancer stands in the network: its zones and security groups, as the request and
 * EC2 together determine them.
 * Not for: changing them later; the region has no SetSubnets or SetSecurityGroups.
 */
import type { CreateLoadBalancerInput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Network } from '../../kernel/contracts.ts';
import type { LoadBalancer } from './model.ts';
import { invalidConfiguration, validationError } from './refusals.ts';

/** Zones that a load balancer needs at least. */
const MINIMUM_ZONES = { application: 2, network: 1 };

/**
 * The zones that a request enables.
 * @throws AwsError ValidationError, SubnetNotFound, InvalidConfigurationRequest
 */
export function zonesOf(
  network: Network,
  input: CreateLoadBalancerInput,
): Pick<LoadBalancer, 'vpcId' | 'zones'> {
  if (input.Subnets?.length && input.SubnetMappings?.length) {
    throw validationError('Subnets and subnet mappings cannot be specified at the same time');
  }
  const mapped = (input.SubnetMappings ?? []).flatMap((mapping) => mapping.SubnetId ?? []);
  const subnetIds = input.Subnets?.length ? input.Subnets : mapped;
  const subnets = subnetIds.map((subnetId) => {
    const subnet = network.subnet(subnetId);
    if (subnet) return { ...subnet, subnetId };
    throw new AwsError('SubnetNotFound', `The subnet ID '${subnetId}' does not exist`);
  });
  const [first] = subnets;
  const zoneNames = new Set(subnets.map((subnet) => subnet.availabilityZone));
  const least = MINIMUM_ZONES[input.Type === 'network' ? 'network' : 'application'];
  if (!first || zoneNames.size < least) {
    throw validationError(
      least === 1
        ? 'At least one subnet must be specified'
        : 'At least two subnets in two different Availability Zones must be specified',
    );
  }
  if (zoneNames.size < subnets.length) {
    throw invalidConfiguration(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  if (subnets.some((subnet) => subnet.vpcId !== first.vpcId)) {
    throw invalidConfiguration('All subnets must belong to the same VPC');
  }
  const zones = subnets.map(({ availabilityZone, subnetId }) => ({
    zoneName: availabilityZone,
    subnetId,
  }));
  return { vpcId: first.vpcId, zones };
}

/**
 * The security groups of a request; the VPC's default group when it names none, except that a
 * network load balancer may have none at all.
 * @throws AwsError InvalidSecurityGroup, InvalidConfigurationRequest
 */
export function securityGroupsOf(
  network: Network,
  input: CreateLoadBalancerInput,
  vpcId: string,
): readonly string[] {
  if (!input.SecurityGroups?.length) {
    if (input.Type === 'network') return [];
    const initial = network.vpc(vpcId)?.defaultSecurityGroupId;
    return initial === undefined ? [] : [initial];
  }
  for (const groupId of input.SecurityGroups) {
    const group = network.securityGroup(groupId);
    if (!group) {
      throw new AwsError(
        'InvalidSecurityGroup',
        `One or more security groups are invalid: '${groupId}' does not exist`,
      );
    }
    if (group.vpcId !== vpcId) {
      throw invalidConfiguration(
        `One or more security groups are invalid: '${groupId}' is not in the VPC '${vpcId}'`,
      );
    }
  }
  return input.SecurityGroups;
}
