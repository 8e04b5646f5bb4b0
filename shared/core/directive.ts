/**
 * What to do next, as the policy says it. Each deciding state has its own union, so that a Choice
 * state can only meet the types it routes. `reason` is one past-tense sentence that log, timeline,
 * CLI and notification print unchanged.
 */
import type { IsoInstant, Percent, Seconds } from './units.ts';

interface Reasoned {
  readonly reason: string;
}

/** Take production traffic back from green, or leave it with blue if it never left. */
export interface RollBackDirective extends Reasoned {
  readonly type: 'rollBack';
}

/** Look again later. */
export interface WaitDirective extends Reasoned {
  readonly type: 'wait';
  /** Whole seconds of 1 or more for the state machine; AwaitGreen's own waits may be shorter. */
  readonly seconds: Seconds;
}

/** Keep the weights as they are for so long, or until an alarm or an operator speaks. */
export interface HoldDirective extends Reasoned {
  readonly type: 'hold';
  /** True when the step is over and a gate keeps the next one from being taken. */
  readonly isGateClosed?: boolean;
  /** 1 or more: Step Functions takes no shorter timeout. */
  readonly seconds: Seconds;
}

/** Whether a deployment may begin. `refuse` names the error that the execution ends with. */
export type TurnDirective =
  | (Reasoned & { readonly type: 'begin' })
  | (Reasoned & { readonly type: 'queue' })
  | (Reasoned & {
      readonly type: 'refuse';
      readonly error: 'Aborted' | 'ServiceBusy' | 'Superseded';
    });

/** What PlanDeployment answers. */
export type PlanDirective =
  | (Reasoned & { readonly type: 'planned' })
  | (Reasoned & { readonly type: 'refuse'; readonly error: 'NotNewer' })
  | Exclude<TurnDirective, { readonly type: 'begin' }>;

/** What AcquireLock answers. */
export type LockDirective =
  | (Reasoned & { readonly type: 'locked' })
  | Exclude<TurnDirective, { readonly type: 'begin' }>;

/** Write nothing further until an operator says so, or for so long. */
export interface PauseDirective extends Reasoned {
  readonly type: 'pause';
  /** The route whose weights somebody else changed; absent where an operator asked for the pause. */
  readonly foreignRouteId?: string;
  /** 1 or more, until the pause ends by itself or its freezes are to be renewed. */
  readonly seconds: Seconds;
}

/** Ask people, and wait for their answer. */
export interface ApprovalDirective extends Reasoned {
  readonly type: 'requestApproval';
  /** 1 or more, until the request ends or its freezes are to be renewed. */
  readonly seconds: Seconds;
  /** Until when it can be answered. */
  readonly until: IsoInstant;
}

/** What AwaitGreen answers. */
export type GreenDirective =
  | (Reasoned & { readonly type: 'advance' })
  | WaitDirective
  | RollBackDirective;

/**
 * What ConfirmTraffic answers. `decide` means that no hold is due; with `isUnconfirmed`, that the
 * weight is not what was written either.
 */
export type TrafficDirective =
  | HoldDirective
  | (Reasoned & { readonly type: 'decide'; readonly isUnconfirmed?: boolean })
  | (Reasoned & { readonly type: 'shiftAgain' })
  | RollBackDirective;

/** What DecideNextStep answers. */
export type StepDirective =
  | (Reasoned & {
      readonly type: 'shift';
      readonly stepIndex: number;
      readonly greenWeightPercent: Percent;
      /** True when somebody else's weights are to be written over. */
      readonly isReassertion?: boolean;
    })
  | (Reasoned & { readonly type: 'grow'; readonly desiredCapacity: number })
  | HoldDirective
  | PauseDirective
  | ApprovalDirective
  | (Reasoned & { readonly type: 'retire' })
  | RollBackDirective;

/** What RetireBlue and CleanUpGreen answer while they take a fleet down. */
export type RemovalDirective =
  /** Take it out of every route. */
  | (Reasoned & { readonly type: 'detach' })
  /** Have its group take its instances out of the target group, so that AWS drains them. */
  | (Reasoned & { readonly type: 'deregister' })
  /** `isForGood` where the group is deleted afterwards, and nothing in it is its owner's any more. */
  | (Reasoned & { readonly type: 'empty'; readonly isForGood: boolean })
  | (Reasoned & { readonly type: 'delete' })
  | WaitDirective
  /** Keep it for so long, able to take everything back. */
  | (Reasoned & { readonly type: 'retain'; readonly seconds: Seconds })
  /** Give up for now: what is left is tried again later, or needs a person. */
  | (Reasoned & { readonly type: 'leave' })
  /** `isKept` where something of the fleet stays for good, which people should hear of. */
  | (Reasoned & { readonly type: 'finish'; readonly isKept?: boolean });

/**
 * What RollBack answers. `keepGreen` and `giveUp` both leave the weights alone; `favourGreen` gives
 * green everything because blue cannot serve its share, and calls a person like `giveUp` does.
 */
export type RollbackDirective =
  | (Reasoned & { readonly type: 'reattach' })
  | (Reasoned & { readonly type: 'favourGreen' })
  /** Give green everything for as long as blue is dead; the rollback goes on. */
  | (Reasoned & { readonly type: 'lendToGreen' })
  | (Reasoned & { readonly type: 'restoreCapacity'; readonly desiredCapacity: number })
  | (Reasoned & { readonly type: 'shiftBack' })
  | WaitDirective
  | (Reasoned & { readonly type: 'keepGreen' })
  | (Reasoned & { readonly type: 'giveUp' });

/** What ConfirmRollback answers. */
export type RollbackConfirmation =
  | (Reasoned & { readonly type: 'cleanUp' })
  | (Reasoned & { readonly type: 'shiftAgain' })
  | (Reasoned & { readonly type: 'giveUp' });

/**
 * What RecoverDeployment answers: what an execution that is gone left to be done. `finish` changes
 * nothing; `release` ends a deployment that froze nothing, or clears rows that nothing stands for.
 */
export type RecoveryDirective =
  | RollBackDirective
  | (Reasoned & { readonly type: 'retireBlue' })
  | (Reasoned & { readonly type: 'cleanUpGreen' })
  /** Write what points to green, and touch no fleet. */
  | (Reasoned & { readonly type: 'publish' })
  /** Tell people how it ended, release what was held, and touch nothing else. */
  | (Reasoned & { readonly type: 'tell' })
  | (Reasoned & { readonly type: 'release' })
  | WaitDirective
  | (Reasoned & { readonly type: 'finish' });

/** What stands in the input of an execution that recovers a deployment and starts none. */
export interface RecoveryRequest {
  readonly directive: { readonly type: 'recover' };
  readonly deploymentId: string;
}
