/**
 * Asynchronous invocations: queued at once, delivered soon, retried by Lambda itself.
 * Not for: destinations and dead-letter queues, which the region does not have.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Invoker } from './invoke.ts';
import type { FunctionReference } from './names.ts';
import type { EventRetries, Registry } from './registry.ts';

/** Region milliseconds from queueing to delivery; AWS states none, so this one is our choice. */
const DELIVERY_MILLISECONDS = 20;

/**
 * Region milliseconds between attempts after the function failed.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
const RETRY_MILLISECONDS = [60_000, 120_000];

/** Region milliseconds between attempts while Lambda throttles; doubled each time. Same source. */
const THROTTLED_MILLISECONDS = { first: 1000, longest: 300_000 } as const;

interface QueuedEvent {
  readonly reference: FunctionReference;
  /** JSON text. */
  readonly payload: string;
  /** Region time at which it was queued. */
  readonly queuedAt: number;
  /** Attempts after which the function failed. */
  readonly failures: number;
  /** Attempts in a row that were throttled. */
  readonly throttles: number;
}

/** Starts with an empty queue. */
export function createEventQueue(dependencies: {
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly invoker: Invoker;
}) {
  const { kernel, registry, invoker } = dependencies;
  const { clock } = kernel;

  const giveUp = (event: QueuedEvent, why: string): void => {
    kernel.log(`lambda: gave up an event for ${event.reference.name}: ${why}`);
  };

  const queue = (event: QueuedEvent, delayMilliseconds: number, retries: EventRetries): void => {
    const at = clock.now() + delayMilliseconds;
    if (at - event.queuedAt > retries.maximumEventAgeSeconds * 1000) {
      giveUp(event, `it is older than ${retries.maximumEventAgeSeconds} s.`);
      return;
    }
    clock.schedule(at, () => attempt(event));
  };

  const attempt = async (event: QueuedEvent): Promise<void> => {
    const { reference, payload } = event;
    try {
      const { eventRetries } = registry.find(reference);
      const { functionError } = await invoker.invoke(reference, payload);
      if (functionError !== undefined) retryFailed(event, eventRetries);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'TooManyRequestsException') retryThrottled(event);
      else giveUp(event, error.message);
    }
  };

  const retryFailed = (event: QueuedEvent, retries: EventRetries): void => {
    const delay = RETRY_MILLISECONDS[event.failures];
    const failures = event.failures + 1;
    if (delay === undefined || failures > retries.maximumRetryAttempts) {
      giveUp(event, `the function failed ${failures} times.`);
      return;
    }
    queue({ ...event, failures, throttles: 0 }, delay, retries);
  };

  const retryThrottled = (event: QueuedEvent): void => {
    const { first, longest } = THROTTLED_MILLISECONDS;
    const delay = Math.min(longest, first * 2 ** event.throttles);
    const { eventRetries } = registry.find(event.reference);
    queue({ ...event, throttles: event.throttles + 1 }, delay, eventRetries);
  };

  /** Queues an event. @throws AwsError ResourceNotFoundException */
  const add = (reference: FunctionReference, payload: string): void => {
    const { eventRetries } = registry.find(reference);
    const event = { reference, payload, queuedAt: clock.now(), failures: 0, throttles: 0 };
    queue(event, DELIVERY_MILLISECONDS, eventRetries);
  };

  return { add };
}

/** Takes events for functions; what becomes of them shows only in the log. */
export type EventQueue = ReturnType<typeof createEventQueue>;
