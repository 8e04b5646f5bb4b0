/**
 * Asynchronous invocations: queued at once, delivered soon, retried by Lambda itself, and recorded
 * in the function's destination when they are given up.
 * Not for: destinations of events that succeeded, and dead-letter queues of functions.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { MessageQueues } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { sendFailureRecord } from './failure-record.ts';
import type { Failure } from './failure-record.ts';
import type { Invocation, Invoker } from './invoke.ts';
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
  /** What the function answered last; absent while it was never run. */
  readonly answer?: Invocation;
}

/** Why an event was given up, in words and as Lambda says it. */
interface Reason {
  readonly why: string;
  readonly condition: Failure['condition'];
}

/** Starts with an empty queue. */
export function createEventQueue(dependencies: {
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly invoker: Invoker;
  /** Absent means that no function has a destination. */
  readonly queues?: MessageQueues;
}) {
  const { kernel, registry, invoker, queues } = dependencies;
  const { clock } = kernel;

  const giveUp = (event: QueuedEvent, { why, condition }: Reason): void => {
    kernel.log(`lambda: gave up an event for ${event.reference.name}: ${why}`);
    sendFailureRecord({ ...event, condition }, { kernel, registry, queues });
  };

  const queue = (event: QueuedEvent, delayMilliseconds: number, retries: EventRetries): void => {
    const at = clock.now() + delayMilliseconds;
    if (at - event.queuedAt > retries.maximumEventAgeSeconds * 1000) {
      const why = `it is older than ${retries.maximumEventAgeSeconds} s.`;
      giveUp(event, { why, condition: 'EventAgeExceeded' });
      return;
    }
    clock.schedule(at, () => attempt(event));
  };

  const attempt = async (event: QueuedEvent): Promise<void> => {
    const { reference, payload } = event;
    try {
      const { eventRetries } = registry.find(reference);
      const answer = await invoker.invoke(reference, payload);
      if (answer.functionError !== undefined) retryFailed({ ...event, answer }, eventRetries);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'TooManyRequestsException') retryThrottled(event);
      else giveUp(event, { why: error.message, condition: 'RetriesExhausted' });
    }
  };

  const retryFailed = (event: QueuedEvent, retries: EventRetries): void => {
    const delay = RETRY_MILLISECONDS[event.failures];
    const failures = event.failures + 1;
    const next = { ...event, failures, throttles: 0 };
    if (delay === undefined || failures > retries.maximumRetryAttempts) {
      const why = `the function failed ${failures} times.`;
      giveUp(next, { why, condition: 'RetriesExhausted' });
      return;
    }
    queue(next, delay, retries);
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

/** Takes events for functions; what becomes of them shows in the log and in destinations. */
export type EventQueue = ReturnType<typeof createEventQueue>;
