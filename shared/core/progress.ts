/**
 * How far a deployment has come: what was written, confirmed and asked for. It lives in the table
 * and is all that a task knows of the tasks before it.
 */
import type { ApprovalRequest } from './approvals.ts';
import type { RevertReadiness } from './revert-readiness.ts';
import type { IsoInstant, Percent } from './units.ts';

/** How a deployment ended. `failed` means that a person is needed. */
export type Outcome = 'succeeded' | 'rolledBack' | 'failed';

/** Where a deployment is; `queued` and `refused` mean that it has not begun, or never did. */
export type Phase =
  | 'queued'
  | 'planned'
  | 'preparingGreen'
  | 'awaitingGreen'
  | 'shifting'
  | 'holding'
  | 'paused'
  | 'awaitingApproval'
  | 'retiringBlue'
  | 'rollingBack'
  | 'cleaningUpGreen'
  | 'refused'
  | Outcome;

/** Weights of somebody else's on a route, for as long as they are waited out. */
export interface ForeignChange {
  readonly routeId: string;
  readonly since: IsoInstant;
  /** When the weights were looked at last. */
  readonly lookedAt: IsoInstant;
}

/** One deployment's state; times are instants, and what has not happened yet is absent. */
export interface Progress {
  readonly phase: Phase;
  /** Why it is there: the sentence of the last directive. */
  readonly reason: string;
  /**
   * Name of the error that it ended with; absent where there was none, and in records from before
   * it was kept.
   */
  readonly endedWith?: string;
  /** When it was first told to wait for its turn; absent when it never was. */
  readonly queuedAt?: IsoInstant;
  /** Index into the plan's steps of the last weight that was written; -1 before the first. */
  readonly stepIndex: number;
  /** Green's weight as last written, whether or not it was confirmed. */
  readonly writtenGreenWeightPercent: Percent;
  /** Green's weight as last read back; 0 before the first step. */
  readonly confirmedGreenWeightPercent: Percent;
  /** When the current weight was read back; absent before the first. */
  readonly confirmedAt?: IsoInstant;
  /** End of the current hold; absent before the first confirmed step. */
  readonly holdUntil?: IsoInstant;
  /** Absent until green's target group exists. */
  readonly greenTargetGroupArn?: string;
  /** Absent until green's launch template version exists. */
  readonly greenLaunchTemplateVersion?: number;
  /** What green was given so far besides its group, in order; absent before the first. */
  readonly clonedItems?: readonly string[];
  /** When green's group was asked for; its deadline counts from here. */
  readonly greenRequestedAt?: IsoInstant;
  /** When green was whole for the first time. */
  readonly greenReadyAt?: IsoInstant;
  /** Attempts to confirm the weight last written. */
  readonly confirmAttempts: number;
  /** True when the last write was left out, because the world had changed before it. */
  readonly isShiftLeft: boolean;
  /** Times in a row that the alarms could not be read. */
  readonly unreadableAlarms: number;
  /** Alarms that were red at the start and have been seen OK since; absent while there are none. */
  readonly recoveredAlarms?: readonly string[];
  /** Readings in a row that found green whole. */
  readonly healthyReadings: number;
  /** Instances green needs now; absent while that is what the plan says. */
  readonly neededCapacity?: number;
  /** Since when a gate has kept the next step from being taken; absent while all are open. */
  readonly gateClosedSince?: IsoInstant;
  /** What somebody else changed and is waited out; absent otherwise. */
  readonly foreignChange?: ForeignChange;
  /** The request for approval that was made last; absent before the first. */
  readonly approval?: ApprovalRequest;
  /** When the pause began that people were told of last; absent before the first. */
  readonly pauseToldOf?: IsoInstant;
  /** Times in this step that our weight was put back over somebody else's. */
  readonly reassertions: number;
  /** As last computed; absent before the first step. */
  readonly revertReadiness?: RevertReadiness;
  /** When blue began to be taken down; from here on there is no way back. */
  readonly retirementStartedAt?: IsoInstant;
  /** When blue or green stopped being in any route; draining counts from here. */
  readonly detachedAt?: IsoInstant;
  /** When its group was told to take its instances out of the target group. */
  readonly deregisteredAt?: IsoInstant;
  /** When the fleet that goes was last asked to end its instances. */
  readonly emptiedAt?: IsoInstant;
  /** Until when blue is kept after a success; absent where it is not kept. */
  readonly retainedUntil?: IsoInstant;
  /** When the rollback began, and why. */
  readonly rollbackStartedAt?: IsoInstant;
  readonly rollbackReason?: string;
  /** When blue was read back at 100 %; from here on the outcome is `rolledBack`. */
  readonly rollbackConfirmedAt?: IsoInstant;
}

/** A deployment that has a plan and has written nothing. */
export function initialProgress(reason: string): Progress {
  return {
    phase: 'planned',
    reason,
    stepIndex: -1,
    writtenGreenWeightPercent: 0,
    confirmedGreenWeightPercent: 0,
    confirmAttempts: 0,
    unreadableAlarms: 0,
    isShiftLeft: false,
    healthyReadings: 0,
    reassertions: 0,
  };
}

/** Says whether a deployment is over; nothing may be written for it any more. */
export function hasEnded(progress: Progress): boolean {
  return ['succeeded', 'rolledBack', 'failed', 'refused'].includes(progress.phase);
}

/** Says whether a deployment has changed nothing yet outside of Teal's own table. */
export function hasNotBegun({ phase }: Pick<Progress, 'phase'>): boolean {
  return phase === 'queued' || phase === 'planned';
}
