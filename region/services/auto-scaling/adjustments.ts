/**
 * How much a policy changes a group's capacity. Pure: numbers in, a number out.
 * Not for: whether a policy may change it now; see `policy-actions.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html
 */
import type { ScalingPolicy, StepAdjustment } from '@aws-sdk/client-auto-scaling';

/** The capacity that an adjustment of a policy makes of another. May be outside the bounds. */
export function adjustedCapacity(
  policy: Pick<ScalingPolicy, 'AdjustmentType' | 'MinAdjustmentMagnitude' | 'MinAdjustmentStep'>,
  { capacity, adjustment }: { readonly capacity: number; readonly adjustment: number },
): number {
  if (policy.AdjustmentType === 'ExactCapacity') return adjustment;
  if (policy.AdjustmentType === 'ChangeInCapacity') return capacity + adjustment;
  const least = policy.MinAdjustmentMagnitude ?? policy.MinAdjustmentStep ?? 1;
  const share = (capacity * adjustment) / 100;
  // Rounded towards zero, but what is not nothing is at least one instance.
  const change = Math.max(Math.trunc(Math.abs(share)), adjustment === 0 ? 0 : least);
  return capacity + Math.sign(adjustment) * change;
}

/**
 * The step for a metric that is so far beyond the alarm's threshold: above it the lower bound of
 * an interval belongs to it, below it the upper one. Undefined when no step covers it.
 */
export function stepFor(
  steps: readonly StepAdjustment[],
  beyond: number,
): StepAdjustment | undefined {
  return steps.find((step) => {
    const from = step.MetricIntervalLowerBound ?? -Infinity;
    const to = step.MetricIntervalUpperBound ?? Infinity;
    return beyond >= 0 && from >= 0
      ? beyond >= from && beyond < to
      : beyond <= 0 && to <= 0
        ? beyond > from && beyond <= to
        : beyond >= from && beyond <= to;
  });
}

/** One value of an alarm's datapoints, aggregated as a policy wants it; NaN when there are none. */
export function aggregate(datapoints: readonly number[], type: string | undefined): number {
  if (datapoints.length === 0) return Number.NaN;
  if (type === 'Minimum') return Math.min(...datapoints);
  if (type === 'Maximum') return Math.max(...datapoints);
  return datapoints.reduce((sum, value) => sum + value, 0) / datapoints.length;
}

/**
 * The capacity at which a metric would be at its target, when it falls as capacity grows. AWS does
 * not publish its formula; it says that target tracking scales out in proportion to the metric and
 * in with more care. Here both are proportional, and rounded up.
 */
export function trackedCapacity(metric: {
  readonly capacity: number;
  readonly value: number;
  readonly target: number;
}): number {
  return Math.ceil((metric.capacity * metric.value) / metric.target);
}
