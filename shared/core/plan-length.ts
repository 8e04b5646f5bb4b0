/**
 * How long a deployment's steps and its drains take at the least, and whether an execution may last
 * that long.
 * Not for: the waits that nobody can know beforehand, such as approvals, pauses and turns.
 */
import type { Estate, FoundRoute } from './estate.ts';
import type { Plan, Step } from './plan.ts';
import { toDuration } from './plan-text.ts';
import type { DeploymentSpec } from './spec.ts';
import type { Seconds } from './units.ts';

/**
 * Longest time of an execution, which is the state machine's own limit, too: past it Step Functions
 * ends a Standard execution, wherever it is.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const EXECUTION_SECONDS_MAX = 365 * 24 * 3600;

/**
 * Of that, what no plan may use: green may take a day to become healthy, and when the last step goes
 * wrong there must be time for the way back. Our choice, far above what both need.
 */
export const SPARE_SECONDS = 7 * 24 * 3600;

/** What the least time is made of. */
export type Timed = Pick<Plan, 'steps' | 'drainSeconds' | 'tailSeconds'>;

/** The steps with their times, and what clients and blue's targets take besides. */
export function planTimes(
  spec: Pick<DeploymentSpec, 'stickySessions'>,
  { routes, targetGroup }: Pick<Estate, 'routes' | 'targetGroup'>,
  steps: readonly Step[],
): Timed {
  const tailSeconds = Math.max(0, ...routes.map((route) => route.tailSeconds ?? 0));
  return {
    steps: outlastSessions(steps, spec, routes),
    drainSeconds: (targetGroup?.deregistrationDelaySeconds ?? 0) + tailSeconds,
    ...(tailSeconds > 0 && { tailSeconds }),
  };
}

/**
 * Clients that stick to blue do not follow its weight. Unless their sessions are to be ended, the
 * last hold is long enough for them to end by themselves.
 */
function outlastSessions(
  steps: readonly Step[],
  { stickySessions }: Pick<DeploymentSpec, 'stickySessions'>,
  routes: readonly FoundRoute[],
): readonly Step[] {
  const longest = Math.max(0, ...routes.map(({ stickySeconds = 0 }) => stickySeconds));
  if (stickySessions === 'end') return steps;
  return steps.map((step) =>
    step.greenWeightPercent === 100
      ? { ...step, holdSeconds: Math.max(step.holdSeconds, longest) }
      : step,
  );
}

/** All holds, tails and drains; what green takes to become healthy comes on top. */
export function leastSecondsOf({ steps, tailSeconds = 0, drainSeconds }: Timed): Seconds {
  const held = steps.reduce((sum, { holdSeconds }) => sum + tailSeconds + holdSeconds, 0);
  return held + drainSeconds;
}

/** Why a plan is refused that would be ended half-way; empty where it is short enough. */
export function complainAboutLength(plan: Timed): readonly string[] {
  const least = leastSecondsOf(plan);
  const most = EXECUTION_SECONDS_MAX - SPARE_SECONDS;
  if (least <= most) return [];
  return [
    `It would take at least ${toDuration(least)}, and ${toDuration(most)} are the most: Step Functions ends an execution after ${toDuration(EXECUTION_SECONDS_MAX)}, and ${toDuration(SPARE_SECONDS)} of them are kept for green's start and the way back. Give it shorter holds, or fewer.`,
  ];
}
