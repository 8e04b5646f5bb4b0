/**
 * Mixed instances policies: read, merged into what was there, described, and turned into the
 * alternatives that a launch tries one after the other.
 * Not for: weighted capacity and attribute-based types, which are refused.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html
 */
import type {
  InstancesDistribution,
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import { instanceTypeNamed } from '../ec2/instance-types.ts';
import { notImplemented, validationError } from './errors.ts';
import { activeMembers, launchSource } from './state.ts';
import type {
  Distribution,
  GroupRecord,
  LaunchOverride,
  LaunchSource,
  Member,
  TemplateChoice,
} from './state.ts';

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/mixed-instances-groups-launch-template-overrides.html */
const OVERRIDE_LIMIT = 40;

const ON_DEMAND_STRATEGIES = ['lowest-price', 'prioritized'];
const SPOT_STRATEGIES = [
  'lowest-price',
  'capacity-optimized',
  'capacity-optimized-prioritized',
  'price-capacity-optimized',
];
const DEFAULT_DISTRIBUTION: Distribution = {
  OnDemandAllocationStrategy: 'prioritized',
  OnDemandBaseCapacity: 0,
  OnDemandPercentageAboveBaseCapacity: 100,
  SpotAllocationStrategy: 'lowest-price',
  SpotInstancePools: 2,
};

/** One thing a launch can try. */
export interface LaunchAlternative extends LaunchOverride {
  readonly launchTemplate: TemplateChoice;
}

/**
 * The policy of a request, on top of the one there was. `choose` resolves a template.
 * @throws AwsError ValidationError
 */
export function readMixedInstances(
  policy: MixedInstancesPolicy,
  current: LaunchSource | undefined,
  choose: (specification: LaunchTemplateSpecification) => TemplateChoice,
): LaunchSource {
  const given = policy.LaunchTemplate?.LaunchTemplateSpecification;
  const launchTemplate = given ? choose(given) : current?.launchTemplate;
  if (!launchTemplate) {
    throw validationError(
      'A launch template must be specified in the mixed instances policy of a group.',
    );
  }
  const overrides = policy.LaunchTemplate?.Overrides;
  if ((overrides?.length ?? 0) > OVERRIDE_LIMIT) {
    throw validationError(`At most ${OVERRIDE_LIMIT} launch template overrides can be given.`);
  }
  return {
    launchTemplate,
    mixed: {
      overrides:
        overrides?.map((override) => readOverride(override, choose)) ??
        current?.mixed?.overrides ??
        [],
      distribution: readDistribution(policy.InstancesDistribution, current?.mixed?.distribution),
    },
  };
}

function readOverride(
  override: LaunchTemplateOverrides,
  choose: (specification: LaunchTemplateSpecification) => TemplateChoice,
): LaunchOverride {
  const { InstanceType: instanceType, ImageId: imageId } = override;
  if (override.WeightedCapacity !== undefined) {
    throw notImplemented('WeightedCapacity of launch template overrides');
  }
  if (override.InstanceRequirements) {
    throw notImplemented('InstanceRequirements of launch template overrides');
  }
  const specification = override.LaunchTemplateSpecification;
  return {
    ...(instanceType !== undefined && { instanceType }),
    ...(imageId !== undefined && { imageId }),
    ...(specification && { launchTemplate: choose(specification) }),
  };
}

function readDistribution(
  given: InstancesDistribution = {},
  current: Distribution = DEFAULT_DISTRIBUTION,
): Distribution {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const next = { ...current, ...Object.fromEntries(said) };
  const percentage = next.OnDemandPercentageAboveBaseCapacity;
  if (!ON_DEMAND_STRATEGIES.includes(next.OnDemandAllocationStrategy)) {
    throw validationError(
      `Invalid OnDemandAllocationStrategy '${next.OnDemandAllocationStrategy}'.`,
    );
  }
  if (!SPOT_STRATEGIES.includes(next.SpotAllocationStrategy)) {
    throw validationError(`Invalid SpotAllocationStrategy '${next.SpotAllocationStrategy}'.`);
  }
  if (percentage < 0 || percentage > 100 || next.OnDemandBaseCapacity < 0) {
    throw validationError(
      'OnDemandPercentageAboveBaseCapacity must be between 0 and 100, and OnDemandBaseCapacity ' +
        'at least 0.',
    );
  }
  if (given.SpotInstancePools !== undefined && next.SpotAllocationStrategy !== 'lowest-price') {
    throw validationError('SpotInstancePools is valid only with the lowest-price strategy.');
  }
  return next;
}

/** Everything that a group may launch, in the order of the policy. */
export function launchAlternatives({ launchTemplate, mixed }: LaunchSource): LaunchAlternative[] {
  if (!mixed?.overrides.length) return [{ launchTemplate }];
  return mixed.overrides.map((override) => ({ launchTemplate, ...override }));
}

/**
 * The same in the order in which a launch tries them. The region has no prices: what has less
 * memory is taken to be cheaper.
 */
export function rankedAlternatives(
  source: LaunchSource,
  lifecycle: Member['lifecycle'],
): LaunchAlternative[] {
  const alternatives = launchAlternatives(source);
  if (!source.mixed) return alternatives;
  const { OnDemandAllocationStrategy: onDemand, SpotAllocationStrategy: spot } =
    source.mixed.distribution;
  const strategy = lifecycle === 'spot' ? spot : onDemand;
  if (strategy.endsWith('prioritized')) return alternatives;
  const size = ({ instanceType = '' }: LaunchAlternative): number =>
    instanceTypeNamed(instanceType)?.memoryMib ?? 0;
  return alternatives.toSorted((a, b) => size(a) - size(b));
}

/** Instances of a group that are to be On-Demand when it runs `capacity` of them. */
export function onDemandShare({ mixed }: LaunchSource, capacity: number): number {
  if (!mixed) return capacity;
  const { OnDemandBaseCapacity: base, OnDemandPercentageAboveBaseCapacity: percentage } =
    mixed.distribution;
  const above = Math.max(0, capacity - base);
  return Math.min(capacity, base + Math.ceil((above * percentage) / 100));
}

/** How the group's next instance is to be bought. */
export function nextLifecycle(group: GroupRecord): Member['lifecycle'] {
  const active = activeMembers(group);
  const onDemand = active.filter((member) => member.lifecycle === 'on-demand').length;
  const capacity = Math.max(group.settings.DesiredCapacity, active.length + 1);
  return onDemand < onDemandShare(launchSource(group), capacity) ? 'on-demand' : 'spot';
}

/** A group's launch source as Describe answers it. */
export function describeSource({ launchTemplate, mixed }: LaunchSource): {
  LaunchTemplate?: TemplateChoice;
  MixedInstancesPolicy?: MixedInstancesPolicy;
} {
  if (!mixed) return { LaunchTemplate: { ...launchTemplate } };
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: { ...launchTemplate },
        Overrides: mixed.overrides.map(({ instanceType, imageId, launchTemplate: own }) => ({
          ...(instanceType !== undefined && { InstanceType: instanceType }),
          ...(imageId !== undefined && { ImageId: imageId }),
          ...(own && { LaunchTemplateSpecification: { ...own } }),
        })),
      },
      InstancesDistribution: { ...mixed.distribution },
    },
  };
}
