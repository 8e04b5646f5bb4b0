/**
 * A fleet that an earlier deployment retired and kept, and that may take its traffic back.
 */
import { invariant } from './errors.ts';
import type { OpenLease } from './leases.ts';
import type { Plan } from './plan.ts';
import type { Retention } from './plan-retirement.ts';
import type { DeploymentRecord } from './record.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/** The kept fleet as it was before it was replaced; what a rollback after completion restores. */
export interface RetainedFleet {
  /** Id of the deployment that replaced it, and that is taken back now. */
  readonly rollbackOf: string;
  readonly targetGroupArn: string;
  readonly launchTemplateVersion: number;
  readonly minSize: number;
  readonly maxSize: number;
  /** Its sizes while it is kept. */
  readonly kept: {
    readonly minSize: number;
    readonly maxSize: number;
    readonly desiredCapacity: number;
  };
  /** Processes that its owner had suspended, which stay suspended. */
  readonly suspendedProcesses: readonly string[];
  /** True when its owner had it replace Spot Instances at risk; absent means that he had not. */
  readonly hasCapacityRebalance?: boolean;
  /** How it is kept, and is kept again when the rollback itself is taken back. */
  readonly retention: Retention;
  /** Until when it is kept. */
  readonly retainedUntil: IsoInstant;
}

/** The row by which a kept blue is found when its time is over, and by which people know of it. */
export function retainedBlueLease(record: DeploymentRecord, { blue }: Plan): OpenLease {
  const { deploymentId, service, executionArn, fence, progress } = record;
  const { retainedUntil } = progress;
  invariant(retainedUntil, 'a blue is noted as kept before anybody said for how long.');
  const ending =
    blue.retirement === 'delete'
      ? `set group ${blue.autoScalingGroupName} to zero, and delete it and its target group`
      : `set group ${blue.autoScalingGroupName} to zero`;
  return {
    deploymentId,
    service,
    kind: 'retainedBlue',
    owner: executionArn,
    expiresAt: retainedUntil,
    ...(fence !== undefined && { fence }),
    undo:
      `Group ${blue.autoScalingGroupName} is kept without traffic, so that deployment ` +
      `${deploymentId} can be rolled back; to end that before ${retainedUntil}, ${ending}.`,
  };
}

/**
 * What a success means for the fleets of its service that are kept: those of earlier deployments are
 * due at once, because nobody goes back two versions; the one that took its traffic back is kept no
 * more. A fleet that is kept by this very deployment stays.
 */
export function supersedeRetained(
  leases: readonly OpenLease[],
  { record, plan, now }: { record: DeploymentRecord; plan: Plan; now: IsoInstant },
): { readonly due: readonly OpenLease[]; readonly done: readonly OpenLease[] } {
  const others = leases.filter(
    ({ kind, service, deploymentId }) =>
      kind === 'retainedBlue' && service === record.service && deploymentId !== record.deploymentId,
  );
  const isBack = ({ deploymentId }: OpenLease) => deploymentId === plan.green.retained?.rollbackOf;
  return {
    due: others
      .filter((lease) => !isBack(lease) && secondsBetween(lease.expiresAt, now) < 0)
      .map((lease) => ({ ...lease, expiresAt: now })),
    done: others.filter(isBack),
  };
}
