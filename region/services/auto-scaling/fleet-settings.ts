/**
 * Settings that say how a group keeps its instances: how long they live, how many may be replaced
 * at a time, and where they may go.
 * Not for: what any of them does; see `capacity.ts`, `health.ts` and `lifetime.ts`.
 */
import type { InstanceMaintenancePolicy } from '@aws-sdk/client-auto-scaling';
import { constraintViolated, notImplemented, validationError } from './errors.ts';
import type { SettingsInput } from './group-settings.ts';
import type { GroupSettings, MaintenancePolicy } from './state.ts';

/** A day in seconds, the shortest lifetime; 0 means for ever. */
const SHORTEST_LIFETIME_SECONDS = 86_400;

/** What a new group has, unless its request says otherwise. */
export const FLEET_DEFAULTS = {
  AvailabilityZoneDistribution: { CapacityDistributionStrategy: 'balanced-best-effort' },
  AvailabilityZoneImpairmentPolicy: {
    ZonalShiftEnabled: false,
    ImpairedZoneHealthCheckBehavior: 'IgnoreUnhealthy',
  },
  CapacityReservationSpecification: { CapacityReservationPreference: 'default' },
} as const satisfies Partial<GroupSettings>;

/**
 * The settings of this kind that a request gives. An undefined member takes a setting away.
 * @throws AwsError ValidationError
 */
export function fleetSettings(input: SettingsInput) {
  const { MaxInstanceLifetime: lifetime, InstanceMaintenancePolicy: maintenance } = input;
  return {
    ...(lifetime !== undefined && { MaxInstanceLifetime: readLifetime(lifetime) }),
    ...(maintenance && { InstanceMaintenancePolicy: readMaintenance(maintenance) }),
    ...readLifecyclePolicy(input),
    ...readDistribution(input),
    ...readImpairment(input),
    ...readReservations(input),
  };
}

function readLifetime(seconds: number): number | undefined {
  if (seconds === 0) return undefined;
  if (seconds >= SHORTEST_LIFETIME_SECONDS) return seconds;
  throw constraintViolated(
    seconds,
    'maxInstanceLifetime',
    `Member must have value 0 or greater than or equal to ${SHORTEST_LIFETIME_SECONDS}`,
  );
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceMaintenancePolicy.html */
function readMaintenance(policy: InstanceMaintenancePolicy): MaintenancePolicy | undefined {
  const { MinHealthyPercentage: min, MaxHealthyPercentage: max } = policy;
  if ((min === undefined) !== (max === undefined)) {
    throw validationError('You must specify both MinHealthyPercentage and MaxHealthyPercentage.');
  }
  if (min === undefined || max === undefined) return undefined;
  if (min === -1 && max === -1) return undefined;
  if (min < 0 || min > 100 || max < 100 || max > 200 || max - min > 100) {
    throw validationError(
      'MinHealthyPercentage must be between 0 and 100, MaxHealthyPercentage between 100 and 200, ' +
        `and their difference at most 100, not ${min} and ${max}.`,
    );
  }
  return { MinHealthyPercentage: min, MaxHealthyPercentage: max };
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RetentionTriggers.html */
function readLifecyclePolicy({
  InstanceLifecyclePolicy: policy,
}: SettingsInput): Partial<GroupSettings> {
  return policy ? { InstanceLifecyclePolicy: policy } : {};
}

function readDistribution(input: SettingsInput): Partial<GroupSettings> {
  const strategy = input.AvailabilityZoneDistribution?.CapacityDistributionStrategy;
  if (strategy === undefined) return {};
  if (strategy !== 'balanced-only' && strategy !== 'balanced-best-effort') {
    throw notImplemented(`the CapacityDistributionStrategy ${strategy}`);
  }
  return { AvailabilityZoneDistribution: { CapacityDistributionStrategy: strategy } };
}

/** No zone of the region is ever impaired, so the policy is kept and has nothing to do. */
function readImpairment(input: SettingsInput): Partial<GroupSettings> {
  const policy = input.AvailabilityZoneImpairmentPolicy;
  if (!policy) return {};
  const merged = { ...FLEET_DEFAULTS.AvailabilityZoneImpairmentPolicy, ...policy };
  return { AvailabilityZoneImpairmentPolicy: merged };
}

/**
 * A target goes with a preference for reservations only; groups of reservations are not in the
 * region.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CapacityReservationSpecification.html
 */
function readReservations(input: SettingsInput): Partial<GroupSettings> {
  const specification = input.CapacityReservationSpecification;
  if (!specification) return {};
  const {
    CapacityReservationPreference: preference = 'default',
    CapacityReservationTarget: target,
  } = specification;
  if (target?.CapacityReservationResourceGroupArns?.length) {
    throw notImplemented('groups of capacity reservations');
  }
  if (target && (preference === 'none' || preference === 'default')) {
    throw validationError(
      `The CapacityReservationPreference ${preference} takes no CapacityReservationTarget.`,
    );
  }
  return {
    CapacityReservationSpecification: {
      CapacityReservationPreference: preference,
      ...(target && { CapacityReservationTarget: target }),
    },
  };
}
