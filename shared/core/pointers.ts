/**
 * What infrastructure code reads to find what serves: one value for each thing that a deployment
 * exchanges, under a name that stays.
 * Not for: where the values are kept.
 */
import { invariant } from './errors.ts';
import type { OpenLease } from './leases.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';

/** Values by the last part of their names, such as `active-group`. */
export type PointerValues = Readonly<Record<string, string>>;

/**
 * Rows of pointers that could not be written, and need not be any more: a later deployment of the
 * service has succeeded and writes its own.
 */
export function outdatedPointers(
  leases: readonly OpenLease[],
  { service, deploymentId }: Pick<OpenLease, 'service' | 'deploymentId'>,
): readonly OpenLease[] {
  return leases.filter(
    (lease) =>
      lease.kind === 'pointers' && lease.service === service && lease.deploymentId !== deploymentId,
  );
}

/** The pointers of a service once a deployment of it has succeeded. */
export function pointersOf(plan: Plan, progress: Progress): PointerValues {
  const { greenTargetGroupArn, greenLaunchTemplateVersion } = progress;
  invariant(
    greenTargetGroupArn !== undefined && greenLaunchTemplateVersion !== undefined,
    'a deployment succeeded whose green has no target group or no version.',
  );
  return {
    'active-group': plan.green.autoScalingGroupName,
    'active-target-group': greenTargetGroupArn,
    'launch-template-id': plan.blue.launchTemplateId,
    'launch-template-version': String(greenLaunchTemplateVersion),
    'image-id': plan.imageId,
    version: plan.version,
    'deployment-id': plan.deploymentId,
  };
}
