/**
 * What a deployment froze or owes, one row each, so that it can be found and undone after the
 * execution that froze it is gone. A row is written before the thing is frozen and deleted after
 * it was undone: a row too many costs a look, a row too few would cost a frozen fleet.
 */
import { BLUE_RECOVERY_SECONDS_MAX } from './decide-roll-back.ts';
import type { Plan } from './plan.ts';
import { instantAfter, type IsoInstant, type Seconds } from './units.ts';

/**
 * What is frozen or owed: the service's lock and the outcome; blue's sizes, suspended processes and
 * launch template version; green's suspended processes and floor; something that could not be
 * removed; a blue that is kept after a success; copies of alarms that watch green; names by which
 * others find what serves, and that could not be written; an outcome that people could not be told.
 */
export type LeaseKind =
  | 'lock'
  | 'bluePin'
  | 'greenFreeze'
  | 'leftover'
  | 'retainedBlue'
  | 'mirroredAlarms'
  | 'pointers'
  | 'notice';

/** What names a row; a deployment has at most one of a kind and resource. */
export interface LeaseName {
  readonly deploymentId: string;
  readonly kind: LeaseKind;
  /** Tells rows of one kind apart, such as a group's name; absent where one is all there can be. */
  readonly resource?: string;
}

/** One row. */
export interface OpenLease extends LeaseName {
  readonly service: string;
  /** ARN of the execution that answers for it. */
  readonly owner: string;
  /** When it is overdue; for leftovers and a retained blue, when the sweeper takes it up. */
  readonly expiresAt: IsoInstant;
  /** The lock's fencing number at that time; absent before there was a lock. */
  readonly fence?: number;
  /** What it is, and how to undo it by hand, in one sentence or two. */
  readonly undo: string;
  /** Times that undoing it was tried in vain; absent means none. */
  readonly attempts?: number;
}

/** Kinds that wait for their time; all others wait for the end of their execution. */
const DUE_LATER: readonly LeaseKind[] = ['leftover', 'retainedBlue', 'pointers', 'notice'];

/** Seconds that a deployment may take beyond everything that its plan says. */
const SLACK_SECONDS = 3600;

/** Kinds that stand for something which was tried in vain and is tried again. */
const OWED: readonly LeaseKind[] = ['leftover', 'pointers', 'notice'];

/** Seconds until a leftover is tried again for the first time; doubled with every attempt. */
const RETRY_SECONDS = 300;

/** Longest time between two attempts at a leftover: twice a day until a person mends it. */
const RETRY_SECONDS_MAX = 43_200;

/** Says whether a row waits for a time rather than for the end of an execution. */
export function isDueLater({ kind }: Pick<OpenLease, 'kind'>): boolean {
  return DUE_LATER.includes(kind);
}

/** Says whether a row stands for something that was tried in vain, and that people should know of. */
export function isOwed({ kind }: Pick<OpenLease, 'kind'>): boolean {
  return OWED.includes(kind);
}

/**
 * Says whether a row stands only for something that could not be written or told, and for nothing
 * that is frozen.
 */
export function isUnsaid({ kind }: Pick<OpenLease, 'kind'>): boolean {
  return kind === 'pointers' || kind === 'notice';
}

/** Says whether a row is past its time. */
export function isOverdue({ expiresAt }: Pick<OpenLease, 'expiresAt'>, now: IsoInstant): boolean {
  return Date.parse(expiresAt) <= Date.parse(now);
}

/**
 * Says whether people are to be told now of an outcome that is recorded. The lock's row is closed
 * right after they were, so that one which is open means that nobody knows whether they were.
 */
export function isTellingDue(leases: readonly OpenLease[], now: IsoInstant): boolean {
  return leases.some(
    (lease) => lease.kind === 'lock' || (lease.kind === 'notice' && isOverdue(lease, now)),
  );
}

/** When a freeze of a deployment that goes by its plan is over at the latest. */
export function freezeEndsAt(plan: Plan, now: IsoInstant): IsoInstant {
  const holds = plan.steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0);
  const tails = plan.steps.length * (plan.tailSeconds ?? 0);
  const ends = plan.greenHealthyDeadlineSeconds + plan.drainSeconds + BLUE_RECOVERY_SECONDS_MAX;
  return instantAfter(now, holds + tails + ends + SLACK_SECONDS);
}

/** Seconds until a leftover is tried again after so many attempts in vain. */
export function leftoverRetrySeconds(attempts: number): Seconds {
  return Math.min(RETRY_SECONDS_MAX, RETRY_SECONDS * 2 ** Math.min(attempts, 20));
}
