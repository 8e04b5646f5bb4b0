/**
 * The history of one execution: its events, numbered, each with the one before it.
 * Not for: what an execution does (see `run-execution.ts`).
 */
import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import type { Clock } from '../../kernel/clock.ts';
import { HISTORY_LIMIT_EVENTS } from './limits.ts';
import { StatesError } from './states-error.ts';

/** The members of an event that depend on its type. */
type Details = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'>;

/** Events that end an execution, for which the last place of a history is kept. */
const ENDS: ReadonlySet<HistoryEventType> = new Set<HistoryEventType>([
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionTimedOut',
  'ExecutionAborted',
]);

/** Grows to 25,000 events at the most, and an execution ends there. */
export interface History {
  readonly events: readonly HistoryEvent[];
  /** True when nothing fits any more but the event that ends the execution. */
  isFull(): boolean;
  /** Id of the event that the next one follows; 0 before the first state. */
  previous(): number;
  /**
   * Adds an event after the latest, or after `previous` where AWS has another order, and answers
   * its id.
   * @throws StatesError States.Runtime when only the event that ends the execution still fits
   */
  add(type: HistoryEventType, details: Details, previous?: number): number;
}

/**
 * Starts an empty history. The event that is one too many becomes an `ExecutionFailed`, numbered as
 * the limit; the one before is the last that a state left.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 * @source https://github.com/floci-io/floci/issues/2734 (the end of such a history, from AWS)
 */
export function createHistory(clock: Clock, limit = HISTORY_LIMIT_EVENTS): History {
  const events: HistoryEvent[] = [];
  let latest = 0;
  return {
    events,
    isFull: () => events.length >= limit - 1,
    previous: () => latest,
    add: (type, details, previous) => {
      const id = events.length + 1;
      if (id >= limit && !ENDS.has(type)) {
        throw new StatesError({
          error: 'States.Runtime',
          reason: `The execution reached the maximum number of history events (${limit}).`,
        });
      }
      const timestamp = new Date(clock.now());
      events.push({ timestamp, type, id, previousEventId: previous ?? latest, ...details });
      // The first state follows nothing: AWS gives it 0 rather than the id of ExecutionStarted.
      latest = type === 'ExecutionStarted' ? 0 : id;
      return id;
    },
  };
}
