/**
 * How Teal changes fleets: it builds green, keeps blue at its size, and takes down what is over.
 * Every call may be made twice.
 */
import type { CloneDifference } from '../core/clone/report.ts';
import type { Plan } from '../core/plan.ts';
import type { IsoInstant } from '../core/units.ts';

/** What green is made of once it is asked for. */
export interface GreenParts {
  readonly greenLaunchTemplateVersion: number;
  readonly greenTargetGroupArn: string;
}

/** Makes green's parts; a part that this deployment made already is answered, not made again. */
export interface GreenBuilder {
  /**
   * Makes the launch template version for green from blue's, with the new image; blue is bound to
   * the number of its own version first, so that a new version cannot reach it.
   */
  createLaunchTemplateVersion(plan: Plan): Promise<number>;
  /**
   * Makes green's target group with blue's settings and answers its ARN.
   * @throws NameTaken when another target group has the name
   */
  createTargetGroup(plan: Plan): Promise<string>;
  /**
   * Makes green's group with blue's settings, at green's size.
   * @throws NameTaken when another group has the name
   */
  createGroup(plan: Plan, parts: GreenParts): Promise<void>;
}

/** One thing that green is given besides its group. */
export interface CloneItem {
  /** Such as `policy cpu`; no two items of a deployment have the same. */
  readonly name: string;
  /** Makes it, or leaves it where it is there already. */
  readonly make: () => Promise<void>;
}

/** Gives green everything that hangs on blue's group, and proves it. */
export interface GreenCloner {
  /**
   * Reads both groups and answers everything that green needs besides its group, in the order in
   * which it must be made. Undefined while AWS does not describe green yet.
   */
  list(plan: Plan, parts: GreenParts, now: IsoInstant): Promise<readonly CloneItem[] | undefined>;
  /** Reads both fleets again: in what green is not what it should be, and what to know about it. */
  compare(
    plan: Plan,
    parts: GreenParts,
    now: IsoInstant,
  ): Promise<{
    readonly differences: readonly CloneDifference[];
    readonly warnings: readonly string[];
  }>;
}

/** Sizes in instances; an absent one stays as it is. */
export interface GroupSize {
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly desiredCapacity?: number;
}

/** The alarms that a deployment made: those that drive a fleet's policies, and those that watch it. */
export interface FleetAlarms {
  /**
   * Deletes the alarms that a deployment made for a group; any deployment where `createdBy` is
   * absent. Alarms of other makers stay; none left is fine.
   */
  remove(fleet: {
    readonly autoScalingGroupName: string;
    readonly createdBy?: string;
  }): Promise<void>;
  /** Deletes only the copies that watched a group for a deployment; none left is fine. */
  removeMirrored(fleet: {
    readonly autoScalingGroupName: string;
    readonly createdBy: string;
  }): Promise<void>;
}

/** Sizes of both fleets, and the end of one of them. */
export interface Fleets {
  /**
   * Keeps blue from scaling in below what it runs now, and its schedules and rebalancing at rest;
   * scaling out stays possible.
   */
  pinBlue(plan: Plan): Promise<void>;
  /** Sets sizes; absent ones stay. A group that does not exist is left alone. */
  resize(autoScalingGroupName: string, size: GroupSize): Promise<void>;
  /**
   * Has a group take its instances out of its target group, where they drain. Nothing that is not
   * there is missed.
   */
  deregister(autoScalingGroupName: string): Promise<void>;
  /** Undoes that: the group puts its instances into the target group again. */
  register(autoScalingGroupName: string, targetGroupArn: string): Promise<void>;
  /**
   * Asks a group to end its instances. One that goes for good loses its warm pool, its maximum and
   * the protection of its instances from scaling in; one that is kept loses none of them, and
   * nothing but a person lets it grow again: its policies and schedules rest.
   */
  empty(autoScalingGroupName: string, options: { readonly isForGood: boolean }): Promise<void>;
  /** Lets everything rest by which a fleet could change its size without traffic. */
  rest(autoScalingGroupName: string): Promise<void>;
  /**
   * Gives a retained fleet the size that it needs to take everything back, and lets its policies
   * act; its schedules and rebalancing go on resting. Policies that rested before it was retained
   * stay at rest.
   */
  wake(plan: Plan): Promise<void>;
  /**
   * Gives green the sizes that blue had before, makes up for the schedules that came due until now,
   * and lets its schedules and rebalancing act.
   */
  releaseGreen(plan: Plan, now: IsoInstant): Promise<void>;
  /** Deletes an empty group, and then its target group; what is gone already is fine. */
  remove(fleet: {
    readonly autoScalingGroupName: string;
    readonly targetGroupArn?: string;
    /** Used when the ARN is not known; a target group that is not Teal's is left alone. */
    readonly targetGroupName?: string;
    /** Id of the deployment that made the fleet: what does not carry its tag is left alone. */
    readonly createdBy?: string;
    /** True where AWS's own protection from deletion is lifted for it; absent means that it stays. */
    readonly liftsProtection?: boolean;
  }): Promise<void>;
}

/** Undoes what was done to blue. Apart from `Fleets`, because it alone needs launch templates. */
export interface BlueRestorer {
  /** Gives blue its sizes, its processes and its launch template version as they were before. */
  restoreBlue(plan: Plan, now: IsoInstant): Promise<void>;
  /** Deletes the launch template version that was made for green; undefined means none was. */
  discardLaunchTemplateVersion(plan: Plan, version: number | undefined): Promise<void>;
}
