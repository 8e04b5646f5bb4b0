/**
 * What a request says about a group's settings: read, checked, and refused where the region could
 * only pretend.
 */
import type {
  CreateAutoScalingGroupCommandInput,
  UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { constraintViolated, notImplemented, validationError } from './errors.ts';
import { FLEET_DEFAULTS, fleetSettings } from './fleet-settings.ts';
import type { Network } from '../ec2/network.ts';
import type { GroupSettings } from './state.ts';

/** Either of the two requests that carry settings; an update leaves out what stays. */
export type SettingsInput = CreateAutoScalingGroupCommandInput | UpdateAutoScalingGroupCommandInput;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
const DEFAULTS: Omit<GroupSettings, 'MinSize' | 'MaxSize' | 'DesiredCapacity'> = {
  DefaultCooldown: 300,
  HealthCheckType: 'EC2',
  HealthCheckGracePeriod: 0,
  VPCZoneIdentifier: '',
  AvailabilityZones: [],
  TerminationPolicies: ['Default'],
  NewInstancesProtectedFromScaleIn: false,
  ...FLEET_DEFAULTS,
  DeletionProtection: 'none',
  ServiceLinkedRoleARN:
    `arn:aws:iam::${ACCOUNT_ID}:role/aws-service-role/autoscaling.amazonaws.com/` +
    'AWSServiceRoleForAutoScaling',
};

/** Health checks that have an effect here. `EBS` has none: the region's volumes never fail. */
const HEALTH_CHECK_TYPES = ['EC2', 'ELB', 'EBS'];

const TERMINATION_POLICIES = [
  'Default',
  'OldestInstance',
  'NewestInstance',
  'OldestLaunchTemplate',
  'OldestLaunchConfiguration',
  'ClosestToNextInstanceHour',
  'AllocationStrategy',
];

const DELETION_PROTECTIONS = ['none', 'prevent-force-deletion', 'prevent-all-deletion'];

/** What would change how a group behaves and is not built: a member, and when it asks for that. */
const REFUSED: readonly (readonly [string, (input: Record<string, unknown>) => boolean])[] = [
  ['LaunchConfigurationName', (input) => Boolean(input['LaunchConfigurationName'])],
  ['InstanceId', (input) => input['InstanceId'] !== undefined],
  ['PlacementGroup', (input) => Boolean(input['PlacementGroup'])],
  ['LoadBalancerNames', (input) => !isEmptyList(input['LoadBalancerNames'])],
  ['AvailabilityZoneIds', (input) => !isEmptyList(input['AvailabilityZoneIds'])],
  ['DesiredCapacityType', (input) => ![undefined, 'units'].includes(textOf(input))],
];

/** @throws AwsError ValidationError for a member that the region does not implement */
export function refuseUnimplemented(input: SettingsInput): void {
  const members: Record<string, unknown> = { ...input };
  const refused = REFUSED.find(([, asks]) => asks(members));
  if (refused) throw notImplemented(`${refused[0]} of Auto Scaling groups`);
}

/** Settings of a new group, without its sizes. @throws AwsError ValidationError */
export function newSettings(input: SettingsInput, network: Network) {
  return { ...DEFAULTS, ...changedSettings(input, network, '') };
}

/**
 * The settings that a request gives. `currentSubnets` is the group's VPCZoneIdentifier so far.
 * @throws AwsError ValidationError
 */
export function changedSettings(
  input: SettingsInput,
  network: Network,
  currentSubnets: string,
): Partial<GroupSettings> {
  const changed: Partial<GroupSettings> = { ...readZones(input, network, currentSubnets) };
  const { HealthCheckType, TerminationPolicies, DeletionProtection, DefaultInstanceWarmup } = input;
  if (HealthCheckType !== undefined) changed.HealthCheckType = readHealthChecks(HealthCheckType);
  if (TerminationPolicies?.length) changed.TerminationPolicies = readPolicies(TerminationPolicies);
  if (DeletionProtection !== undefined) {
    if (!DELETION_PROTECTIONS.includes(DeletionProtection)) {
      throw constraintViolated(
        DeletionProtection,
        'deletionProtection',
        `Member must satisfy enum value set: [${DELETION_PROTECTIONS.join(', ')}]`,
      );
    }
    changed.DeletionProtection = DeletionProtection;
  }
  for (const member of ['DefaultCooldown', 'HealthCheckGracePeriod'] as const) {
    const value = input[member];
    if (value === undefined) continue;
    if (value < 0) {
      throw constraintViolated(value, member, 'Member must have value greater than or equal to 0');
    }
    changed[member] = value;
  }
  // -1 takes the warmup away again.
  if (DefaultInstanceWarmup !== undefined) {
    if (DefaultInstanceWarmup < -1) {
      throw constraintViolated(DefaultInstanceWarmup, 'defaultInstanceWarmup', 'at least -1');
    }
    changed.DefaultInstanceWarmup = DefaultInstanceWarmup;
  }
  return { ...changed, ...plainSettings(input), ...fleetSettings(input) };
}

function plainSettings(input: SettingsInput): Partial<GroupSettings> {
  const { NewInstancesProtectedFromScaleIn, CapacityRebalance, Context } = input;
  const { ServiceLinkedRoleARN } = input;
  return {
    ...(NewInstancesProtectedFromScaleIn !== undefined && { NewInstancesProtectedFromScaleIn }),
    ...(CapacityRebalance !== undefined && { CapacityRebalance }),
    ...(Context !== undefined && { Context }),
    ...(ServiceLinkedRoleARN !== undefined && { ServiceLinkedRoleARN }),
  };
}

/** Ids of the subnets that a group launches into: its own, or its zones' default subnets. */
export function subnetIdsOf(settings: GroupSettings, network: Network): readonly string[] {
  const own = splitList(settings.VPCZoneIdentifier);
  if (own.length > 0) return own;
  return network
    .subnets()
    .filter((subnet) => settings.AvailabilityZones.includes(subnet.availabilityZone))
    .map((subnet) => subnet.id);
}

function readZones(
  input: SettingsInput,
  network: Network,
  currentSubnets: string,
): Partial<GroupSettings> {
  const subnetIds = splitList(input.VPCZoneIdentifier ?? '');
  const zones = input.AvailabilityZones ?? [];
  if (subnetIds.length === 0 && zones.length === 0) return {};
  const unknownZone = zones.find((zone) => !network.zones().includes(zone));
  if (unknownZone !== undefined) {
    throw validationError(
      `You must use a valid Availability Zone: invalid Availability Zone(s) [${unknownZone}]`,
    );
  }
  const relevant = subnetIds.length > 0 ? subnetIds : splitList(currentSubnets);
  const subnetZones = relevant.map((id) => {
    const subnet = network.subnet(id);
    if (!subnet) throw validationError(`The subnet ID '${id}' does not exist`);
    return subnet.availabilityZone;
  });
  if (relevant.length === 0) return { AvailabilityZones: [...zones] };
  const ofSubnets = [...new Set(subnetZones)].sort();
  if (zones.length > 0 && [...new Set(zones)].sort().join() !== ofSubnets.join()) {
    throw validationError(
      'The availability zones of the specified subnets and the Auto Scaling group do not match',
    );
  }
  return { VPCZoneIdentifier: relevant.join(','), AvailabilityZones: ofSubnets };
}

function readHealthChecks(text: string): string {
  const types = splitList(text);
  if (types.includes('VPC_LATTICE')) throw notImplemented('VPC Lattice health checks');
  const unknown = types.find((type) => !HEALTH_CHECK_TYPES.includes(type));
  if (types.length === 0 || unknown !== undefined) {
    throw validationError(
      `Invalid health check type '${unknown ?? ''}'. Valid types are ` +
        `${HEALTH_CHECK_TYPES.join(', ')} and VPC_LATTICE.`,
    );
  }
  return types.join(',');
}

function readPolicies(policies: readonly string[]): readonly string[] {
  const unknown = policies.find((policy) => !TERMINATION_POLICIES.includes(policy));
  if (unknown === undefined) return [...policies];
  if (unknown.startsWith('arn:')) throw notImplemented('custom termination policies');
  throw validationError(`Termination policy '${unknown}' is not valid.`);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isEmptyList(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function textOf(input: Record<string, unknown>): string | undefined {
  const value = input['DesiredCapacityType'];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
