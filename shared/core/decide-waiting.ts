/**
 * Whether a state that waits for a signal still has to. Events and orders that came just before the
 * state could be woken would never be told again, so they are looked for once it can be.
 * Not for: what happens instead; DecideNextStep looks at everything anew.
 */
import { judgeApproval } from './approvals.ts';
import { ordersToGoBack, toOrdered } from './order-rules.ts';
import { activePause, holdEndsAt, type Orders } from './orders.ts';
import type { ForeignChange } from './progress.ts';
import { reasonsToStop } from './reasons-to-stop.ts';
import { decideBy, type Rule } from './situation.ts';
import { secondsBetween } from './units.ts';

/** The states that wait for a signal while a deployment is on its way up. */
export type WaitingState = 'Hold' | 'Paused' | 'RequestApproval';

/** Why a state need not wait: something that leads back, or anything else. */
export interface Interruption {
  readonly type: 'rollBack' | 'decide';
  readonly reason: string;
}

const isPaused: Rule<Interruption> = ({ observation: { orders }, now }) => {
  const pause = activePause(orders, now);
  return pause && { type: 'decide', reason: `${pause.by} paused it: ${pause.reason}` };
};

/**
 * Behind a closed gate the policy may answer with the same hold, whoever paused it: a weight that is
 * not confirmed yet comes first there. Such a hold is short anyway.
 */
const isPausedAtOpenGate: Rule<Interruption> = (situation) =>
  situation.progress.gateClosedSince ? undefined : isPaused(situation);

/** Somebody else's weights are waited out without anybody's order, until they are looked at anew. */
const isNotPaused: Rule<Interruption> = ({ progress, observation: { orders }, now }) => {
  const { foreignChange } = progress;
  const isWaitedOut = foreignChange && !isToLookAgain(foreignChange, orders);
  return isWaitedOut || (!foreignChange && activePause(orders, now))
    ? undefined
    : { type: 'decide', reason: 'The pause was over.' };
};

/** Whoever resumed after the last look wants another one, whatever had not begun to wait by then. */
function isToLookAgain({ lookedAt }: ForeignChange, orders: Orders | undefined): boolean {
  const resumed = orders?.given?.findLast(({ verb }) => verb === 'resume');
  return resumed !== undefined && secondsBetween(lookedAt, resumed.at) >= 0;
}

/** Where a gate is closed, the hold is over and something else is waited for. */
const holdIsOver: Rule<Interruption> = (situation) => {
  const { progress, now } = situation;
  const end = holdEndsAt(toOrdered(situation));
  const isOver = end !== undefined && secondsBetween(now, end) <= 0;
  return isOver && !progress.gateClosedSince
    ? { type: 'decide', reason: `The hold was over at ${end}.` }
    : undefined;
};

const isAnswered: Rule<Interruption> = (situation) => {
  const standing = judgeApproval(toOrdered(situation), situation.now);
  if (standing.type === 'pending') return undefined;
  return { type: 'decide', reason: 'The approval was not waited for any more.' };
};

const RULES: Readonly<Record<WaitingState, readonly Rule<Interruption>[]>> = {
  Hold: [isPausedAtOpenGate, holdIsOver],
  Paused: [isNotPaused],
  RequestApproval: [isPaused, isAnswered],
};

/** Why a state need not wait any more; undefined where it has to. */
export function findInterruption(
  state: WaitingState,
  situation: Parameters<Rule<Interruption>>[0],
): Interruption | undefined {
  return decideBy<Interruption | undefined>(
    situation,
    [...reasonsToStop, ...ordersToGoBack, ...RULES[state]],
    () => undefined,
  );
}
