/**
 * What becomes of an operator's order: whether it makes sense where the deployment is, what it
 * changes, and what can be asked for instead. An order only says what people want: alarms, health
 * and revert readiness judge every further weight whatever was ordered.
 * Not for: what the deployment does about it (see `decide-next-step.ts`).
 */
import { describePoint, isApprover } from './approvals.ts';
import type { AbortRequest } from './observation.ts';
import { complaintsBy, isPausedOverForeign, nothingHolds, toOrdered } from './order-complaints.ts';
import type { OrderRequest } from './order-request.ts';
import {
  activePause,
  CALLER_LENGTH_MAX,
  type GivenOrder,
  holdEndsAt,
  NO_REASON,
  type Orders,
  type Pause,
  type Signed,
  type Verb,
  VERBS,
} from './orders.ts';
import { hasEnded } from './progress.ts';
import { type DeploymentRecord, fleetErrandOf } from './record.ts';
import { HOLD_SECONDS_MAX } from './strategy.ts';
import { instantAfter, type IsoInstant, secondsBetween } from './units.ts';

/** An order with the whole ARN of who gave it, and the key by which its repetition is known. */
export type SignedOrder = OrderRequest & { readonly by: string; readonly key: string };

/** What the record is to say from now on; empty where it says so already. */
export interface OrderChange {
  readonly abort?: AbortRequest;
  readonly orders?: Orders;
}

/** What becomes of an order. */
export type VerbDecision =
  | {
      readonly type: 'granted';
      readonly change: OrderChange;
      readonly reason: string;
      /** The line of the timeline: a repeated order has the line of the first. */
      readonly line: { readonly at: IsoInstant; readonly by: string; readonly event: Verb };
    }
  | { readonly type: 'refused'; readonly reason: string; readonly possible: readonly Verb[] };

/** Something that can be asked for now. */
export interface PossibleVerb {
  readonly verb: Verb;
  /** What it would do. */
  readonly sentence: string;
}

/** Orders that are remembered by their keys: more than a person repeats. */
const GIVEN_MAX = 20;

/** Decides about an order; the same order always comes to the same. */
export function decideVerb(
  record: DeploymentRecord,
  order: SignedOrder,
  now: IsoInstant,
): VerbDecision {
  const repeated = findRepeated(record, order);
  if (repeated) return repeated;
  const complaint = complaintsBy[order.verb](record, now) ?? complainAboutTerms(record, order, now);
  if (complaint === undefined) return grant(record, order, now);
  const possible = possibleVerbs(record, now)
    .map(({ verb }) => verb)
    .filter((verb) => !isAnswer(verb) || !record.plan || isApprover(record.plan, order.by));
  return { type: 'refused', reason: complaint, possible };
}

/** What can be asked of a deployment now, as far as its record tells; who asks is not looked at. */
export function possibleVerbs(record: DeploymentRecord, now: IsoInstant): readonly PossibleVerb[] {
  return VERBS.filter((verb) => isOffered(record, verb, now)).map((verb) => ({
    verb,
    sentence: sentenceOf(record, verb),
  }));
}

function isOffered(record: DeploymentRecord, verb: Verb, now: IsoInstant): boolean {
  if (verb === 'rollback' && hasEnded(record.progress)) return canBeTakenBack(record, now);
  return complaintsBy[verb](record, now) === undefined;
}

function sentenceOf(record: DeploymentRecord, verb: Verb): string {
  return verb === 'resume' && isPausedOverForeign(record)
    ? 'Look at the weights now; go on if they were put back, and stay paused otherwise.'
    : SENTENCES[verb];
}

const SENTENCES: Readonly<Record<Verb, string>> = {
  approve: 'Answer the request for approval with yes; the deployment goes on.',
  reject: 'Answer the request for approval with no; blue takes everything back.',
  promote: 'End the hold, and the pause if there is one, and take the next step.',
  promoteAll: 'End this and every further hold before 100 %; the bake stays.',
  pause: 'Write no further weight until somebody resumes.',
  resume: 'End the pause.',
  skipHold: 'End the hold.',
  extendHold: 'Make the hold longer.',
  abort: 'Stop; blue takes everything back.',
  rollback: 'Have blue take everything back.',
};

const isAnswer = (verb: Verb): boolean => verb === 'approve' || verb === 'reject';

/** What is wrong with this order where the verb itself would be possible. */
function complainAboutTerms(
  record: DeploymentRecord,
  order: SignedOrder,
  now: IsoInstant,
): string | undefined {
  const ordered = toOrdered(record);
  if (!ordered) return undefined;
  if (isAnswer(order.verb) && !isApprover(ordered.plan, order.by)) {
    const { approvers = [] } = ordered.plan.approval ?? {};
    return `${order.by} was not among those who may answer: ${approvers.join(', ')}.`;
  }
  if (order.verb !== 'extendHold') return undefined;
  const end = holdEndsAt(ordered) ?? now;
  return secondsBetween(now, end) + order.seconds > HOLD_SECONDS_MAX
    ? `The hold would have lasted longer than ${HOLD_SECONDS_MAX} s from now, the longest there is.`
    : undefined;
}

/** What was said when the same was asked before; undefined where it is new. */
function findRepeated(record: DeploymentRecord, order: SignedOrder): VerbDecision | undefined {
  const { orders, abort, progress } = record;
  const { verb, key } = order;
  const before = orders?.given?.find((one) => one.verb === verb && one.key === key);
  if (before) return repeat(before, before.answer, verb);
  const isAbort = verb === 'abort' || verb === 'rollback';
  return isAbort && abort && !hasEnded(progress)
    ? repeat(abort, `${abort.by} asked to abort: ${abort.reason}`, 'abort')
    : undefined;
}

function repeat({ at, by }: Signed, reason: string, event: Verb): VerbDecision {
  return { type: 'granted', change: {}, reason, line: { at, by, event } };
}

function grant(record: DeploymentRecord, order: SignedOrder, now: IsoInstant): VerbDecision {
  const { verb, key } = order;
  const by = order.by.slice(0, CALLER_LENGTH_MAX);
  const signed: Signed = { by, reason: order.reason, at: now };
  if (verb === 'abort' || verb === 'rollback') {
    const reason = `${by} asked to abort: ${order.reason}`;
    const line = { at: now, by, event: verb };
    return { type: 'granted', change: { abort: signed }, reason, line };
  }
  const standing = standingPause(record, order, now);
  const { orders: changed, answer: reason } = standing
    ? { orders: record.orders, answer: describePaused(standing) }
    : obey(record, order, signed);
  const { at, by: who, reason: why } = standing ?? signed;
  const given: GivenOrder = { at, by: who, reason: why, verb, key, answer: reason };
  const kept = [...(record.orders?.given ?? []), given].slice(-GIVEN_MAX);
  const orders = { ...changed, given: kept };
  return { type: 'granted', change: { orders }, reason, line: { at, by: who, event: verb } };
}

/** The pause that an order to pause says nothing new about: who paused first, and why, stays. */
function standingPause(
  { orders }: DeploymentRecord,
  order: SignedOrder,
  now: IsoInstant,
): Pause | undefined {
  const saysMore =
    order.verb !== 'pause' || order.reason !== NO_REASON || order.timeoutSeconds !== undefined;
  return saysMore ? undefined : activePause(orders, now);
}

function describePaused({ by, until, reason }: Pause): string {
  return `${by} paused it${until ? ` until ${until}` : ''}: ${reason}`;
}

interface Obeyed {
  readonly orders: Orders;
  readonly answer: string;
}

/** What an order changes, and the sentence for it. */
function obey(record: DeploymentRecord, order: SignedOrder, signed: Signed): Obeyed {
  const { orders = {}, progress } = record;
  const { stepIndex } = progress;
  const { paused: _paused, ...resumed } = orders;
  const { by, reason, at } = signed;
  switch (order.verb) {
    case 'pause': {
      const paused = toPause(order, signed);
      return { orders: { ...orders, paused }, answer: describePaused(paused) };
    }
    case 'resume':
      // What an operator paused besides is somebody's wish of its own.
      return isPausedOverForeign(record)
        ? { orders, answer: `${by} had it look at the weights again: ${reason}` }
        : { orders: resumed, answer: `${by} resumed it: ${reason}` };
    case 'skipHold': {
      const skipped = { ...signed, stepIndex };
      return { orders: { ...orders, skipped }, answer: `${by} ended the hold early: ${reason}` };
    }
    case 'promote': {
      const isHolding = nothingHolds(record, at) === undefined;
      const skipped = isHolding ? { skipped: { ...signed, stepIndex } } : {};
      return { orders: { ...resumed, ...skipped }, answer: `${by} promoted it: ${reason}` };
    }
    case 'promoteAll': {
      const answer = `${by} asked for 100 % without further holds: ${reason}`;
      return { orders: { ...resumed, promotedAll: signed }, answer };
    }
    case 'extendHold': {
      const ordered = toOrdered(record);
      const until = instantAfter((ordered && holdEndsAt(ordered)) ?? at, order.seconds);
      const extended = { ...signed, stepIndex, until };
      return {
        orders: { ...orders, extended },
        answer: `${by} made the hold last until ${until}: ${reason}`,
      };
    }
    case 'approve':
    case 'reject': {
      const approvals = { ...orders.approvals, [stepIndex]: { ...signed, decision: order.verb } };
      const point = record.plan ? describePoint(record.plan, stepIndex) : '';
      const done = order.verb === 'approve' ? 'approved' : 'rejected';
      return { orders: { ...orders, approvals }, answer: `${by} ${done} it ${point}: ${reason}` };
    }
    case 'abort':
    case 'rollback':
      return { orders, answer: `${by} asked to abort: ${reason}` };
  }
}

function toPause(
  { timeoutSeconds, onTimeout = 'resume' }: Extract<OrderRequest, { verb: 'pause' }>,
  signed: Signed,
): Pause {
  const until = timeoutSeconds && {
    timeoutSeconds,
    until: instantAfter(signed.at, timeoutSeconds),
  };
  return { ...signed, ...until, onTimeout };
}

/** Whether its blue is kept, so that a deployment of its own can take it back. */
function canBeTakenBack(record: DeploymentRecord, now: IsoInstant): boolean {
  const { plan, progress } = record;
  const { phase, retainedUntil } = progress;
  const isKept = plan?.blue.retention !== undefined && retainedUntil !== undefined;
  const isLeft = phase === 'succeeded' && fleetErrandOf(record) === undefined;
  return isLeft && isKept && secondsBetween(now, retainedUntil) > 0;
}
