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
  /** Id of the event that the next one follows; 0 before the first state. */
  previous(): number;
  /**
   * Adds an event after the latest, or after `previous` where AWS has another order, and answers
   * its id.
   * @throws StatesError States.Runtime when only the event that ends the execution still fits
   */
  add(type: HistoryEventType, details: Details, previous?: number): number;
}

/** Starts an empty history. */
export function createHistory(clock: Clock): History {
  const events: HistoryEvent[] = [];
  let latest = 0;
  return {
    events,
    previous: () => latest,
    add: (type, details, previous) => {
      const id = events.length + 1;
      if (id >= HISTORY_LIMIT_EVENTS && !ENDS.has(type)) {
        throw new StatesError({
          error: 'States.Runtime',
          reason:
            'The execution reached the maximum number of history events ' +
            `(${HISTORY_LIMIT_EVENTS}).`,
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
