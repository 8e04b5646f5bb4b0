/**
 * What blue's group launches from, out of its template's version and its mixed instances policy.
 * Not for: calling AWS.
 */
import type {
  AutoScalingGroup,
  InstanceRequirements,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import type { ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import type {
  LaunchReading,
  OnDemandShare,
  ReservationWish,
} from '../../core/preflight/surroundings.ts';
import { overriddenTypes } from '../clone/mixed-instances.ts';
import { toVolumes } from '../images.ts';

/** The reading of a group and the data of the version that it launches. */
export function toLaunchReading(
  group: AutoScalingGroup,
  data: ResponseLaunchTemplateData,
): LaunchReading {
  const overrides = group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const named = overriddenTypes(group);
  const required = overrides.flatMap(({ InstanceRequirements: one }) => one ?? []);
  const own = overrides.length === 0 && data.InstanceType ? [data.InstanceType] : [];
  const interfaces = data.NetworkInterfaces ?? [];
  const { CoreCount, ThreadsPerCore } = data.CpuOptions ?? {};
  return {
    instanceTypes: [...new Set([...named, ...own])].toSorted(),
    cpuManufacturers: (required.length > 0 || !data.InstanceRequirements
      ? required
      : [data.InstanceRequirements as InstanceRequirements]
    ).map(({ CpuManufacturers = [] }) => CpuManufacturers),
    volumes: toVolumes(data.BlockDeviceMappings ?? []),
    networkInterfaceCount: Math.max(1, interfaces.length),
    securityGroupIds: securityGroupsOf(data),
    ...(CoreCount && ThreadsPerCore && { vcpus: CoreCount * ThreadsPerCore }),
    onDemand: toOnDemandShare(group.MixedInstancesPolicy, Boolean(data.InstanceMarketOptions)),
    warmCount: group.WarmPoolSize ?? 0,
    reservation: toReservationWish(group, data),
  };
}

function securityGroupsOf(data: ResponseLaunchTemplateData): readonly string[] {
  const ofInterfaces = (data.NetworkInterfaces ?? []).flatMap(({ Groups = [] }) => Groups);
  const all = [...(data.SecurityGroupIds ?? []), ...(data.SecurityGroups ?? []), ...ofInterfaces];
  return [...new Set(all)].toSorted();
}

/**
 * A template that asks for Spot Instances itself stands in no mixed instances policy.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
 */
function toOnDemandShare(
  policy: MixedInstancesPolicy | undefined,
  templateAsksForSpot: boolean,
): OnDemandShare {
  if (templateAsksForSpot) return { baseCount: 0, percentAboveBase: 0 };
  const { OnDemandBaseCapacity = 0, OnDemandPercentageAboveBaseCapacity = 100 } =
    policy?.InstancesDistribution ?? {};
  return {
    baseCount: OnDemandBaseCapacity,
    percentAboveBase: OnDemandPercentageAboveBaseCapacity,
  };
}

/**
 * The group's own wish wins over the template's, unless it is `default`. A template that names a
 * reservation fails to launch when that is full.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CapacityReservationSpecification.html
 */
function toReservationWish(
  group: AutoScalingGroup,
  data: ResponseLaunchTemplateData,
): ReservationWish {
  const { CapacityReservationPreference: preference = 'default', CapacityReservationTarget } =
    group.CapacityReservationSpecification ?? {};
  if (preference !== 'default') {
    return {
      isRequired: preference === 'capacity-reservations-only',
      reservationIds: CapacityReservationTarget?.CapacityReservationIds ?? [],
      resourceGroupArns: CapacityReservationTarget?.CapacityReservationResourceGroupArns ?? [],
    };
  }
  const own = data.CapacityReservationSpecification ?? {};
  const { CapacityReservationId: id, CapacityReservationResourceGroupArn: arn } =
    own.CapacityReservationTarget ?? {};
  return {
    isRequired: own.CapacityReservationPreference === 'capacity-reservations-only' || Boolean(id),
    reservationIds: id ? [id] : [],
    resourceGroupArns: arn ? [arn] : [],
  };
}
