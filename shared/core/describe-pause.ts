/**
 * What people should know of a pause: who or what began it, and what ends it.
 * Not for: whether a deployment is paused at all, which its phase says.
 */
import { foreignPauseEndsAt } from './foreign-changes.ts';
import { activePause, type Pause } from './orders.ts';
import { hasEnded } from './progress.ts';
import type { DeploymentRecord } from './record.ts';
import type { IsoInstant } from './units.ts';

/** A pause as people are told of it. */
export interface PauseSight extends Partial<Pick<Pause, 'until' | 'onTimeout'>> {
  /** ARN of an operator, or such as `a foreign change on rule web`. */
  readonly by: string;
  readonly since: IsoInstant;
  /** False where nobody asked for it, so that nobody knows of it. */
  readonly isOrdered: boolean;
}

/**
 * The pause that a deployment is in; undefined where it is in none. Somebody else's weights come
 * first: whatever an operator asked for, nothing goes on before those are put back.
 */
export function describePause(
  { progress, orders }: Pick<DeploymentRecord, 'progress' | 'orders'>,
  now: IsoInstant,
): PauseSight | undefined {
  if (hasEnded(progress) || progress.phase !== 'paused') return undefined;
  const { foreignChange } = progress;
  if (foreignChange) {
    return {
      by: `a foreign change on ${foreignChange.routeId}`,
      since: foreignChange.since,
      until: foreignPauseEndsAt(foreignChange),
      onTimeout: 'rollBack',
      isOrdered: false,
    };
  }
  const pause = activePause(orders, now);
  if (!pause) return undefined;
  const { by, at: since, until, onTimeout } = pause;
  return { by, since, ...(until !== undefined && { until, onTimeout }), isOrdered: true };
}
