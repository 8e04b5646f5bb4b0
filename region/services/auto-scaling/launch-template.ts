/**
 * Which launch templates a group uses, and whether its caller may launch from them.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
import type {
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { validationError } from './errors.ts';
import { launchAlternatives, readMixedInstances } from './mixed-instances.ts';
import type { Call } from '../../kernel/service.ts';
import type { Ec2Fleet } from '../ec2/ec2.ts';
import type { TemplateVersion } from '../ec2/state.ts';
import type { LaunchAlternative } from './mixed-instances.ts';
import type { LaunchSource, TemplateChoice } from './state.ts';

const DEFAULT_VERSION = '$Default';

/** What a request says about the group's template; at most one of the two. */
interface SourceInput {
  readonly LaunchTemplate?: LaunchTemplateSpecification | undefined;
  readonly MixedInstancesPolicy?: MixedInstancesPolicy | undefined;
}

/**
 * Resolves and tries every template of a request as AWS does: by a dry run of RunInstances with
 * the caller's own permissions. `current` is what the group launches from so far.
 * @throws AwsError ValidationError, AccessDenied
 */
export function chooseSource(
  ec2: Ec2Fleet,
  input: SourceInput,
  context: {
    readonly subnetIds: readonly string[];
    readonly call: Call;
    readonly current?: LaunchSource;
  },
): LaunchSource {
  const { LaunchTemplate: template, MixedInstancesPolicy: policy } = input;
  if ((template === undefined) === (policy === undefined)) {
    throw validationError(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, ' +
        'InstanceId or MixedInstancesPolicy parameter.',
    );
  }
  const choose = (specification: LaunchTemplateSpecification): TemplateChoice =>
    chooseTemplate(ec2, specification);
  const source = policy
    ? readMixedInstances(policy, context.current, choose)
    : { launchTemplate: choose(template ?? {}) };
  for (const alternative of launchAlternatives(source)) tryLaunch(ec2, alternative, context);
  return source;
}

/** A template's version with what an alternative says otherwise. */
export function resolveAlternative(ec2: Ec2Fleet, alternative: LaunchAlternative) {
  const { launchTemplate: choice, instanceType, imageId } = alternative;
  const { template, version } = ec2.resolveTemplate(
    { LaunchTemplateId: choice.LaunchTemplateId },
    choice.Version,
  );
  const merged: TemplateVersion = {
    ...version,
    data: {
      ...version.data,
      ...(instanceType !== undefined && {
        InstanceType: instanceType as NonNullable<TemplateVersion['data']['InstanceType']>,
      }),
      ...(imageId !== undefined && { ImageId: imageId }),
    },
  };
  return { template, version: merged };
}

function chooseTemplate(ec2: Ec2Fleet, specification: LaunchTemplateSpecification): TemplateChoice {
  const { LaunchTemplateId, LaunchTemplateName, Version = DEFAULT_VERSION } = specification;
  if ((LaunchTemplateId === undefined) === (LaunchTemplateName === undefined)) {
    throw validationError(
      'Valid requests must contain either launchTemplateId or LaunchTemplateName',
    );
  }
  const { template } = asValidationError(() =>
    ec2.resolveTemplate({ LaunchTemplateId, LaunchTemplateName }, Version),
  );
  return { LaunchTemplateId: template.id, LaunchTemplateName: template.name, Version };
}

function tryLaunch(
  ec2: Ec2Fleet,
  alternative: LaunchAlternative,
  { subnetIds, call }: { readonly subnetIds: readonly string[]; readonly call: Call },
): void {
  const { template, version } = asValidationError(() => resolveAlternative(ec2, alternative));
  const permissions = ec2.launchPermissions(template, version, subnetIds);
  if (!permissions.every((permission) => call.isAllowed(permission))) {
    throw new AwsError(
      'AccessDenied',
      `You are not authorized to use launch template: ${template.id}`,
      { httpStatus: 403 },
    );
  }
  asValidationError(() => ec2.checkLaunch(version));
}

function asValidationError<T>(attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validationError(`You must use a valid fully-formed launch template. ${error.message}`);
  }
}
