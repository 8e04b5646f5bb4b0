/**
 * Where a deployment waits for somebody's yes, and how such a request stands.
 * Not for: what people write about it (see `approval-terms.ts`).
 */
import type { ApprovalTerms } from './approval-terms.ts';
import type { ApprovalAnswer, Ordered } from './orders.ts';
import type { Plan, Step } from './plan.ts';
import type { DeploymentSpec } from './spec.ts';
import { type IsoInstant, secondsBetween, type Seconds } from './units.ts';

/** Seconds that a request stays open where nobody chose: a week, with its weekend. */
export const APPROVAL_SECONDS_USUAL = 7 * 24 * 3600;

/** Where a plan asks, and on which terms. */
export interface PlannedApproval {
  /**
   * Indices of the steps after whose hold it asks, ascending; -1 is before the first traffic, that
   * of the last step before blue is retired. At least one.
   */
  readonly afterSteps: readonly number[];
  readonly timeoutSeconds: Seconds;
  /** What counts when nobody answered in time. */
  readonly onTimeout: 'approve' | 'reject';
  /** ARN patterns of who may answer; absent means whoever may call the API. */
  readonly approvers?: readonly string[];
}

/** A request as it was made; it is part of the progress. */
export interface ApprovalRequest {
  /** The step after which it was made; an earlier one's says nothing any more. */
  readonly stepIndex: number;
  readonly requestedAt: IsoInstant;
  /** Until when it can be answered. */
  readonly until: IsoInstant;
  /** When people were told; absent until they were. */
  readonly notifiedAt?: IsoInstant;
}

/** How the approval stands that belongs to where the deployment is. */
export type ApprovalStanding =
  | { readonly type: 'notNeeded' }
  | { readonly type: 'due' }
  | { readonly type: 'pending'; readonly request: ApprovalRequest }
  | { readonly type: 'approved' | 'rejected'; readonly reason: string };

/** The part of a plan that asks for approval; undefined where it never does. */
export function planApproval(
  { approval, strategy }: Pick<DeploymentSpec, 'approval' | 'strategy'>,
  steps: readonly Step[],
): PlannedApproval | undefined {
  const { before = [], ...terms }: Partial<ApprovalTerms> = approval ?? {};
  const asked = strategy.type === 'steps' ? strategy.steps : [];
  const points = [
    ...(before.includes('traffic') ? [-1] : []),
    ...asked.flatMap((step, index) => (step.approval ? [index] : [])),
    ...(before.includes('retirement') ? [steps.length - 1] : []),
  ];
  if (points.length === 0) return undefined;
  const { timeoutSeconds = APPROVAL_SECONDS_USUAL, onTimeout = 'reject', approvers } = terms;
  return {
    afterSteps: [...new Set(points)].toSorted((one, other) => one - other),
    timeoutSeconds,
    onTimeout,
    ...(approvers && { approvers }),
  };
}

/** Says how the approval stands that the deployment needs before its next step. */
export function judgeApproval(
  { plan, progress, orders }: Ordered,
  now: IsoInstant,
): ApprovalStanding {
  const { stepIndex, approval: request } = progress;
  const planned = plan.approval;
  if (!planned?.afterSteps.includes(stepIndex)) return { type: 'notNeeded' };
  const answer = orders?.approvals?.[stepIndex];
  if (answer) return toStanding(answer, describePoint(plan, stepIndex));
  if (request?.stepIndex !== stepIndex) return { type: 'due' };
  if (secondsBetween(now, request.until) > 0) return { type: 'pending', request };
  const isApproved = planned.onTimeout === 'approve';
  return {
    type: isApproved ? 'approved' : 'rejected',
    reason:
      `Nobody answered until ${request.until} ${describePoint(plan, stepIndex)}, ` +
      `so it counted as ${isApproved ? 'approved' : 'rejected'}.`,
  };
}

function toStanding(
  { decision, by, reason }: ApprovalAnswer,
  point: string,
): ApprovalStanding & { readonly reason: string } {
  return decision === 'approve'
    ? { type: 'approved', reason: `${by} approved it ${point}: ${reason}` }
    : { type: 'rejected', reason: `${by} rejected it ${point}: ${reason}` };
}

/** The place of a request in words: `before the first traffic`, `after 10 %`. */
export function describePoint({ steps }: Pick<Plan, 'steps'>, stepIndex: number): string {
  if (stepIndex < 0) return 'before the first traffic';
  if (stepIndex >= steps.length - 1) return 'before blue is retired';
  return `after ${steps[stepIndex]?.greenWeightPercent ?? 0} %`;
}

/** Says whether a caller may answer a plan's requests. */
export function isApprover({ approval }: Pick<Plan, 'approval'>, by: string): boolean {
  const { approvers } = approval ?? {};
  return approvers === undefined || approvers.some((pattern) => matches(pattern, by));
}

/** Whether a text is what a pattern says, in which `*` is any number of characters. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let position = first.length;
  // The earliest place of each part is as good as any: what follows a star may be anywhere.
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return text.endsWith(last);
}
