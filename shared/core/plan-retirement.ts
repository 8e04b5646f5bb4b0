/**
 * What becomes of blue when green has taken over: kept for a while or not, and then deleted or kept
 * at zero. Decided once, with the plan, so that people read it before anything is written.
 * Not for: carrying it out (see `decide-removal.ts`).
 */
import type { GroupReading, TargetGroupReading } from './estate.ts';
import type { DeploymentSpec } from './spec.ts';
import { type IsoInstant, secondsBetween, type Seconds } from './units.ts';

/** How long blue stays able to take everything back, and how large it is meanwhile. */
export interface Retention {
  /** `full`: as large as it ran. `zero`: without instances, to be launched again. */
  readonly blue: 'full' | 'zero';
  readonly seconds: Seconds;
}

/** Blue's end. */
export interface PlannedRetirement {
  readonly retirement: 'delete' | 'scaleToZero';
  /** Why blue is not deleted, as the end of a sentence; absent where it is, or the service said so. */
  readonly keptBecause?: string;
  /** True where the service asked for the deletion by name, so that a protection is lifted for it. */
  readonly liftsProtection?: boolean;
  /** Absent means that blue is retired at once. */
  readonly retention?: Retention;
}

/** Says whether a retained blue was kept for as long as it was to be kept. */
export function isRetentionOver(retainedUntil: IsoInstant | undefined, now: IsoInstant): boolean {
  return retainedUntil !== undefined && secondsBetween(retainedUntil, now) >= 0;
}

/** Decides what becomes of blue. An owner besides Teal outweighs whatever the service asks for. */
export function planRetirement(
  spec: Pick<DeploymentSpec, 'retireBlue' | 'retain'>,
  group: GroupReading,
  targetGroup: TargetGroupReading,
): PlannedRetirement {
  const ending = planEnding(spec, group, targetGroup);
  const { retain } = spec;
  if (!retain || retain.blue === 'none') return ending;
  return { ...ending, retention: retain };
}

/**
 * Why blue cannot be kept. Where a name splits the traffic, blue's listener has to stand by for the
 * next deployment, and one target group cannot be behind it and be kept for going back.
 */
export function complainAboutRetention(
  spec: Pick<DeploymentSpec, 'retain' | 'routing'>,
): readonly string[] {
  if (!spec.routing || !spec.retain || spec.retain.blue === 'none') return [];
  return [
    "A service with routing cannot retain blue, because blue's listener stands by for the next deployment; take retain out of its definition.",
  ];
}

/** Says beforehand that a blue which the service wants deleted will stay, and why. */
export function warnAboutRetirement(
  spec: Pick<DeploymentSpec, 'retireBlue'>,
  group: GroupReading,
  targetGroup: TargetGroupReading,
): readonly string[] {
  const { retirement, keptBecause } = planEnding(spec, group, targetGroup);
  const isOwned = (group.owner ?? targetGroup.owner) !== undefined;
  const isSurprising = spec.retireBlue === 'delete' || isOwned || group.isProtectedFromDeletion;
  if (retirement === 'delete' || keptBecause === undefined || !isSurprising) return [];
  return [
    `Blue ${group.autoScalingGroupName} will be kept at zero instances and not deleted, because ${keptBecause}.`,
  ];
}

function planEnding(
  { retireBlue }: Pick<DeploymentSpec, 'retireBlue'>,
  group: GroupReading,
  targetGroup: TargetGroupReading,
): PlannedRetirement {
  if (retireBlue === 'scaleToZero') return { retirement: 'scaleToZero' };
  const owner = group.owner ?? targetGroup.owner;
  if (owner !== undefined) return keep(`it belongs to ${owner}`);
  if (retireBlue === 'delete') return { retirement: 'delete', liftsProtection: true };
  if (!group.isCreatedByTeal) return keep('Teal did not create it');
  if (group.isProtectedFromDeletion) {
    return keep('it is protected from deletion and nobody asked for its deletion by name');
  }
  return { retirement: 'delete' };
}

function keep(keptBecause: string): PlannedRetirement {
  return { retirement: 'scaleToZero', keptBecause };
}
