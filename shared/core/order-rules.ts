/**
 * What operators' orders and the plan's approvals mean for the next step. Each is one rule of
 * `decide-next-step.ts`, which owns their order among all others.
 * Not for: whether an order may be given (see `decide-verb.ts`).
 */
import { describePoint, judgeApproval } from './approvals.ts';
import type {
  ApprovalDirective,
  HoldDirective,
  PauseDirective,
  RollBackDirective,
} from './directive.ts';
import { activePause, endedPause, holdEndsAt, NO_REASON, type Ordered } from './orders.ts';
import type { Rule, Situation } from './situation.ts';
import { instantAfter, type IsoInstant, secondsBetween, type Seconds } from './units.ts';

/**
 * Longest time that a deployment waits for people without waking up: each time it renews its lock
 * and the rows of what it froze. A year of it costs 365 rounds of some 14 history events, far from
 * the 25,000 of an execution.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const RENEWAL_SECONDS = 24 * 3600;

/**
 * Longest wait for an answer while nobody is known to have been asked: then people are told again.
 * In the 30 days that a request may last, that is 960 rounds of some 14 history events.
 */
export const ASK_AGAIN_SECONDS = 45 * 60;

/** A deployment as its orders are read against it. */
export function toOrdered({ plan, progress, observation }: Situation): Ordered {
  return { plan, progress, orders: observation.orders };
}

/** Somebody said no, or nobody said yes in time. */
const approvalIsRejected: Rule<RollBackDirective> = (situation) => {
  const standing = judgeApproval(toOrdered(situation), situation.now);
  return standing.type === 'rejected' ? { type: 'rollBack', reason: standing.reason } : undefined;
};

/** A pause that nobody ended, and that was to lead back then. */
const pauseRanOut: Rule<RollBackDirective> = ({ observation: { orders }, now }) => {
  const pause = endedPause(orders, now);
  if (pause?.onTimeout !== 'rollBack') return undefined;
  const because = pause.reason === NO_REASON ? '.' : `: ${pause.reason}`;
  const reason = `Nobody ended the pause that ${pause.by} asked for until ${pause.until}${because}`;
  return { type: 'rollBack', reason };
};

/** What people decided that leads back, whatever else is the matter. */
export const ordersToGoBack: readonly Rule<RollBackDirective>[] = [approvalIsRejected, pauseRanOut];

/** Somebody wants no further weight for now. */
export const isPaused: Rule<PauseDirective> = (situation) => {
  const { now, observation } = situation;
  const pause = activePause(observation.orders, now);
  if (!pause) return undefined;
  const standing = judgeApproval(toOrdered(situation), now);
  const seconds = untilNext(now, [
    pause.until,
    // Whoever may still say no in time has to be heard in time.
    standing.type === 'pending' ? standing.request.until : undefined,
  ]);
  return { type: 'pause', seconds, reason: `${pause.by} paused it: ${pause.reason}` };
};

/** People were asked, and have not answered yet; what else is closed meanwhile can wait. */
export const approvalIsPending: Rule<ApprovalDirective> = (situation) => {
  const { now, plan, progress } = situation;
  const standing = judgeApproval(toOrdered(situation), now);
  if (standing.type !== 'pending') return undefined;
  const { until, notifiedAt } = standing.request;
  return {
    type: 'requestApproval',
    seconds: untilNext(now, [until, notifiedAt ? undefined : askAgainAt(now)]),
    until,
    reason: `An approval was waited for ${describePoint(plan, progress.stepIndex)}, until ${until}.`,
  };
};

/** Everything speaks for the next step, and people are asked whether they agree. */
export const approvalIsDue: Rule<ApprovalDirective> = (situation) => {
  const { now, plan, progress } = situation;
  const standing = judgeApproval(toOrdered(situation), now);
  if (standing.type !== 'due' || !plan.approval) return undefined;
  const { timeoutSeconds } = plan.approval;
  const until = instantAfter(now, timeoutSeconds);
  return {
    type: 'requestApproval',
    seconds: untilNext(now, [until, askAgainAt(now)]),
    until,
    reason: `An approval was asked for ${describePoint(plan, progress.stepIndex)}, until ${until}.`,
  };
};

/** The weight stays for its time, unless an operator ended or extended it. */
export const holdIsNotOver: Rule<HoldDirective> = (situation) => {
  const end = holdEndsAt(toOrdered(situation));
  if (end === undefined) return undefined;
  const seconds = Math.ceil(secondsBetween(situation.now, end));
  if (seconds <= 0) return undefined;
  return {
    type: 'hold',
    seconds,
    reason: `Nothing spoke against green at ${situation.progress.confirmedGreenWeightPercent} %, and ${seconds} s of its hold were left.`,
  };
};

/** Who agreed to what comes next; empty where nobody had to. */
export function describeApproval(situation: Situation): string {
  const standing = judgeApproval(toOrdered(situation), situation.now);
  return standing.type === 'approved' ? ` ${standing.reason}` : '';
}

const askAgainAt = (now: IsoInstant) => instantAfter(now, ASK_AGAIN_SECONDS);

/** Whole seconds of 1 or more until the first of these instants, and never longer than a day. */
function untilNext(now: IsoInstant, instants: readonly (IsoInstant | undefined)[]): Seconds {
  const left = instants.flatMap((instant) =>
    instant === undefined ? [] : [Math.ceil(secondsBetween(now, instant))],
  );
  return Math.max(1, Math.min(RENEWAL_SECONDS, ...left));
}
