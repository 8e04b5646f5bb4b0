/**
 * What stands in the way of an operator's order, as far as the deployment's record tells.
 * Not for: who asks, and on what terms (see `decide-verb.ts`).
 */
import { judgeApproval } from './approvals.ts';
import { activePause, holdEndsAt, type Ordered, type Verb } from './orders.ts';
import { hasEnded } from './progress.ts';
import type { DeploymentRecord } from './record.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/** Why something cannot be asked for now; undefined where it can be. */
export type Complaint = (record: DeploymentRecord, now: IsoInstant) => string | undefined;

/** The first complaint of several. */
const either =
  (...complaints: readonly Complaint[]): Complaint =>
  (record, now) => {
    for (const complain of complaints) {
      const sentence = complain(record, now);
      if (sentence !== undefined) return sentence;
    }
    return undefined;
  };

const isPastOrders: Complaint = ({ deploymentId, progress, abort }) => {
  const { phase, rollbackStartedAt, retirementStartedAt } = progress;
  if (hasEnded(progress)) return `Deployment ${deploymentId} had ended as ${phase}.`;
  if (rollbackStartedAt) return `Deployment ${deploymentId} was being rolled back.`;
  if (retirementStartedAt || phase === 'retiringBlue') {
    return `Green had won, and blue of ${deploymentId} was being retired.`;
  }
  return abort && `${abort.by} had asked to abort: ${abort.reason}`;
};

/** A deployment goes on under the code it began with, whatever the API has learnt since. */
const isTooOld: Complaint = ({ deploymentId, plan }) =>
  plan && !plan.takesOrders
    ? `Deployment ${deploymentId} was begun by an earlier version of Teal, which only knows abort.`
    : undefined;

/** Complains where no hold is under way that an order could end or make longer. */
export const nothingHolds: Complaint = (record, now) => {
  const ordered = toOrdered(record);
  const { phase, gateClosedSince, foreignChange, reason } = record.progress;
  if (gateClosedSince || foreignChange)
    return `It waited for more than its hold, which no order ends: ${reason}`;
  const isConfirmed = phase === 'holding' || phase === 'paused';
  const end = ordered && isConfirmed ? holdEndsAt(ordered) : undefined;
  if (end === undefined) return 'No hold was under way.';
  return secondsBetween(now, end) > 0 ? undefined : `The hold was over at ${end}.`;
};

const nobodyPausedIt: Complaint = ({ orders }, now) =>
  activePause(orders, now) ? undefined : 'It was not paused.';

/** Says whether it waits for somebody else's weights to be put back, whoever paused it besides. */
export function isPausedOverForeign({ progress }: Pick<DeploymentRecord, 'progress'>): boolean {
  return progress.phase === 'paused' && progress.foreignChange !== undefined;
}

/** A pause over somebody else's weights is nobody's order, and whoever resumes has it look again. */
const nothingIsPaused: Complaint = (record, now) =>
  isPausedOverForeign(record) ? undefined : nobodyPausedIt(record, now);

const nothingIsLeft: Complaint = (record) => {
  const { plan, progress } = record;
  const isLast = plan !== undefined && progress.stepIndex >= plan.steps.length - 1;
  return isLast ? 'Green had been given 100 %, so that no hold before it was left.' : undefined;
};

const nothingIsAsked: Complaint = (record, now) => {
  const ordered = toOrdered(record);
  const standing = ordered && judgeApproval(ordered, now);
  if (standing?.type === 'approved' || standing?.type === 'rejected') return standing.reason;
  return standing?.type === 'pending' ? undefined : 'No approval was asked for.';
};

const nothingGoesOn: Complaint = (record, now) =>
  nobodyPausedIt(record, now) === undefined ? undefined : nothingHolds(record, now);

/** What stands in the way of each verb, whoever asks for it and on what terms. */
export const complaintsBy: Readonly<Record<Verb, Complaint>> = {
  approve: either(isPastOrders, isTooOld, nothingIsAsked),
  reject: either(isPastOrders, isTooOld, nothingIsAsked),
  promote: either(isPastOrders, isTooOld, nothingGoesOn),
  promoteAll: either(isPastOrders, isTooOld, nothingIsLeft),
  pause: either(isPastOrders, isTooOld),
  resume: either(isPastOrders, isTooOld, nothingIsPaused),
  skipHold: either(isPastOrders, isTooOld, nothingHolds),
  extendHold: either(isPastOrders, isTooOld, nothingHolds),
  abort: isPastOrders,
  rollback: isPastOrders,
};

/** A deployment as its orders are read against it; undefined before it has a plan. */
export function toOrdered({ plan, progress, orders }: DeploymentRecord): Ordered | undefined {
  return plan && { plan, progress, orders };
}
