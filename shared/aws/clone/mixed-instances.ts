/**
 * Mixed instances policies: what keeps one from being cloned, and the same policy at another
 * version of its launch template.
 * Not for: calling AWS.
 */
import type {
  AutoScalingGroup,
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';

/** The template that a group launches from, whether on its own or in a mixed instances policy. */
export function templateOf(group: LaunchSource): LaunchTemplateSpecification | undefined {
  return (
    group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
  );
}

/** What a group launches from. */
export interface LaunchSource {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

/**
 * A group's launch template or mixed instances policy, every mention of the template at another
 * version. AWS describes a template by id and name, and takes one of them.
 */
export function atVersion(
  group: LaunchSource,
  launchTemplateId: string,
  version: string,
): LaunchSource {
  const specification = { LaunchTemplateId: launchTemplateId, Version: version };
  const { MixedInstancesPolicy: policy } = group;
  if (group.LaunchTemplate || !policy) return { LaunchTemplate: specification };
  return { MixedInstancesPolicy: toPolicyAt(policy, specification) };
}

function toPolicyAt(
  { LaunchTemplate: template = {}, ...rest }: MixedInstancesPolicy,
  specification: LaunchTemplateSpecification,
): MixedInstancesPolicy {
  const overrides = template.Overrides?.map(
    ({ LaunchTemplateSpecification: own, ...override }) => ({
      ...override,
      ...(own && { LaunchTemplateSpecification: specification }),
    }),
  );
  return {
    ...rest,
    LaunchTemplate: {
      LaunchTemplateSpecification: specification,
      ...(overrides?.length && { Overrides: overrides }),
    },
  };
}

/** What each refused override is, in words; overrides of the same template and version are fine. */
const REFUSED_OVERRIDES: readonly ((
  override: LaunchTemplateOverrides,
  template: LaunchTemplateSpecification,
) => string | undefined)[] = [
  ({ ImageId }) => ImageId && `with an image of its own (${ImageId})`,
  ({ LaunchTemplateSpecification: own }, template) =>
    own && !isSameTemplate(own, template)
      ? `with another launch template or version (${own.LaunchTemplateId ?? own.LaunchTemplateName} ${own.Version ?? ''})`
      : undefined,
  ({ WeightedCapacity }) =>
    WeightedCapacity && WeightedCapacity !== '1'
      ? `with a weight (${WeightedCapacity}), under which capacity is not a number of instances`
      : undefined,
];

/** What green could not have of a group's mixed instances policy, in words such as `an override …`. */
export function refusedOverrides({ MixedInstancesPolicy }: AutoScalingGroup): readonly string[] {
  const { LaunchTemplateSpecification: template = {}, Overrides = [] } =
    MixedInstancesPolicy?.LaunchTemplate ?? {};
  return Overrides.flatMap((override) =>
    REFUSED_OVERRIDES.flatMap((refuse) => {
      const words = refuse(override, template);
      const which = override.InstanceType ?? 'instance requirements';
      return words ? [`an override of its mixed instances policy (${which}) ${words}`] : [];
    }),
  );
}

/** Instance types that the overrides name; none where the template's own counts. */
export function overriddenTypes({ MixedInstancesPolicy }: AutoScalingGroup): readonly string[] {
  const { Overrides = [] } = MixedInstancesPolicy?.LaunchTemplate ?? {};
  return Overrides.flatMap(({ InstanceType }) => InstanceType ?? []);
}

function isSameTemplate(
  left: LaunchTemplateSpecification,
  right: LaunchTemplateSpecification,
): boolean {
  const isSameId = left.LaunchTemplateId
    ? left.LaunchTemplateId === right.LaunchTemplateId
    : left.LaunchTemplateName === right.LaunchTemplateName;
  return isSameId && left.Version === right.Version;
}
