/**
 * When a blue that has its traffic back may scale by itself again.
 */
import type { Situation } from './situation.ts';
import { secondsBetween, type Seconds } from './units.ts';

/**
 * Seconds for which blue stays pinned after it has its traffic back. What scales it in saw it idle,
 * and believes so until a minute with traffic was counted, published and evaluated; three minutes for
 * that are an assumption on the safe side.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
const BLUE_SETTLE_SECONDS = 180;

/**
 * Whole seconds until whoever scales blue has seen its traffic; 0 from then on, and where a
 * rollback never took any from green.
 */
export function secondsUntilSettled({
  progress,
  now,
}: Pick<Situation, 'progress' | 'now'>): Seconds {
  const { stepIndex, rollbackConfirmedAt } = progress;
  if (stepIndex < 0 || rollbackConfirmedAt === undefined) return 0;
  return Math.max(0, Math.ceil(BLUE_SETTLE_SECONDS - secondsBetween(rollbackConfirmedAt, now)));
}
