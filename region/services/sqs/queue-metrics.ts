/**
 * What SQS tells CloudWatch about a queue, every minute while the queue is active.
 * Not for: metrics that nothing in the region looks at, such as sizes of messages.
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { Queue, Queues } from './queues.ts';

/** @source https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
const PERIOD_MILLISECONDS = 60_000;

/** A queue is active while it has messages, and for six hours after any action; same source. */
const ACTIVE_MILLISECONDS = 6 * 3_600_000;

/** Begins to measure a queue when it is used, and stops when it is not active any more. */
export function createQueueMetrics({ kernel, queues }: { kernel: Kernel; queues: Queues }): {
  readonly onUse: (queue: Queue) => void;
} {
  const { clock } = kernel;
  const measured = new Set<Queue>();

  const tick = (queue: Queue): void => {
    const { visible, inFlight, delayed } = queues.counts(queue);
    const measure = (metricName: string, value: number): void =>
      kernel.measure({
        namespace: 'AWS/SQS',
        metricName,
        dimensions: { QueueName: queue.name },
        value,
        unit: 'Count',
      });
    measure('ApproximateNumberOfMessagesVisible', visible);
    measure('ApproximateNumberOfMessagesNotVisible', inFlight);
    measure('ApproximateNumberOfMessagesDelayed', delayed);
    const isActive =
      visible + inFlight + delayed > 0 || clock.now() - queue.touchedAt < ACTIVE_MILLISECONDS;
    if (isActive) schedule(queue);
    else measured.delete(queue);
  };
  const schedule = (queue: Queue): void => {
    const next = (Math.floor(clock.now() / PERIOD_MILLISECONDS) + 1) * PERIOD_MILLISECONDS;
    clock.schedule(next, () => tick(queue));
  };

  return {
    onUse: (queue) => {
      if (measured.has(queue)) return;
      measured.add(queue);
      schedule(queue);
    },
  };
}
