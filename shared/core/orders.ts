/**
 * What operators asked of a deployment, as it is kept: as a state and not as a log, so that asking
 * twice changes nothing. Who may ask for what, and when, is `decide-verb.ts`'s to say.
 * Not for: abort, which the record had before there were other orders (see `observation.ts`).
 */
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';
import { type IsoInstant, secondsBetween, type Seconds } from './units.ts';

/** Everything that an operator may ask of a deployment. */
export const VERBS = [
  'approve',
  'reject',
  'promote',
  'promoteAll',
  'pause',
  'resume',
  'skipHold',
  'extendHold',
  'abort',
  'rollback',
] as const;

/** One of them. */
export type Verb = (typeof VERBS)[number];

/** What stands for a reason that nobody gave. */
export const NO_REASON = 'no reason was given';

/** Longest name of a caller that is kept. */
export const CALLER_LENGTH_MAX = 255;

/** Who asked, why, and when. */
export interface Signed {
  /** ARN of the caller, of which no more than `CALLER_LENGTH_MAX` characters are kept. */
  readonly by: string;
  readonly reason: string;
  readonly at: IsoInstant;
}

/** A pause: no further weight is written until it ends. */
export interface Pause extends Signed {
  /** As asked for; absent means until somebody resumes. */
  readonly timeoutSeconds?: Seconds;
  /** When it ends by itself; absent where it does not. */
  readonly until?: IsoInstant;
  /** What happens then. */
  readonly onTimeout: 'resume' | 'rollBack';
}

/** What was answered to a request for approval. */
export interface ApprovalAnswer extends Signed {
  readonly decision: 'approve' | 'reject';
}

/** An order that was carried out, by the key it came with: the same key is the same order. */
export interface GivenOrder extends Signed {
  readonly verb: Verb;
  readonly key: string;
  /** What was answered. */
  readonly answer: string;
}

/** All that operators asked for and that still counts; each member is absent until it is asked for. */
export interface Orders {
  readonly paused?: Pause;
  /** The hold of that step is over; says nothing about any other step. */
  readonly skipped?: Signed & { readonly stepIndex: number };
  /** No hold before 100 % counts any more. */
  readonly promotedAll?: Signed;
  /** The hold of that step lasts until then; says nothing about any other step. */
  readonly extended?: Signed & { readonly stepIndex: number; readonly until: IsoInstant };
  /** Answers, by the index of the step after which they were asked for. */
  readonly approvals?: Readonly<Record<string, ApprovalAnswer>>;
  /** The latest orders, oldest first. */
  readonly given?: readonly GivenOrder[];
}

/** The part of a deployment that orders are read against. */
export interface Ordered {
  readonly plan: Plan;
  readonly progress: Progress;
  /** Absent means that nobody asked for anything. */
  readonly orders?: Orders | undefined;
}

/** The pause that counts now; undefined where there is none, or its time is over. */
export function activePause(orders: Orders | undefined, now: IsoInstant): Pause | undefined {
  const pause = orders?.paused;
  const isOver = pause?.until !== undefined && secondsBetween(now, pause.until) <= 0;
  return isOver ? undefined : pause;
}

/** The pause whose time is over and that nobody ended before. */
export function endedPause(orders: Orders | undefined, now: IsoInstant): Pause | undefined {
  const pause = orders?.paused;
  return pause && !activePause(orders, now) ? pause : undefined;
}

/** When the current hold ends, all orders considered; undefined before the first confirmed step. */
export function holdEndsAt({ plan, progress, orders = {} }: Ordered): IsoInstant | undefined {
  const { stepIndex, holdUntil } = progress;
  if (holdUntil === undefined) return undefined;
  const { skipped, promotedAll, extended } = orders;
  const isLastStep = stepIndex >= plan.steps.length - 1;
  const longest = extended?.stepIndex === stepIndex ? later(holdUntil, extended.until) : holdUntil;
  const cuts = [
    ...(skipped?.stepIndex === stepIndex ? [skipped.at] : []),
    ...(promotedAll && !isLastStep ? [promotedAll.at] : []),
  ];
  return cuts.reduce((end, cut) => (later(cut, end) === end ? cut : end), longest);
}

/** Who ended the current hold before its time; undefined where nobody did. */
export function describeSkip({ plan, progress, orders = {} }: Ordered): string | undefined {
  const { skipped, promotedAll } = orders;
  const isLastStep = progress.stepIndex >= plan.steps.length - 1;
  if (skipped?.stepIndex === progress.stepIndex) {
    return `${skipped.by} ended the hold early: ${skipped.reason}`;
  }
  if (!promotedAll || isLastStep || progress.stepIndex < 0) return undefined;
  return `${promotedAll.by} asked for 100 % without further holds: ${promotedAll.reason}`;
}

function later(one: IsoInstant, other: IsoInstant): IsoInstant {
  return secondsBetween(one, other) > 0 ? other : one;
}
