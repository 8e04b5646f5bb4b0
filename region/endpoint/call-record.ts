/**
 * The calls that the region has answered, for tests, for the console and for finding out which
 * permissions a deployment really used.
 */
import type { Clock } from '../kernel/clock.ts';
import type { ServiceName } from '../kernel/service.ts';

/** One call and how it ended. */
export interface CallRecord {
  /** Region time of the end, epoch milliseconds. */
  readonly at: number;
  readonly service: ServiceName;
  readonly operation: string;
  /** `unknown` when the caller was not recognised. */
  readonly callerLabel: string;
  /** ARN of the role under which the call was made; absent for the administrator. */
  readonly roleArn?: string;
  /** Absent when the call succeeded; `ECONNRESET` when its connection broke. */
  readonly errorCode?: string;
}

/**
 * Hears of a call and of what it asked for. The input is told and not kept: it may be large, and it
 * is undefined where a call was refused before it could be read.
 */
export type CallListener = (record: CallRecord, input: unknown) => void;

/** The newest calls in memory; older ones are forgotten. */
export interface CallRecords {
  /** The latest calls, oldest first. */
  list(): readonly CallRecord[];
  add(record: Omit<CallRecord, 'at'>, input: unknown): void;
  /** Tells every call from now on. Answers how to stop. */
  onCall(listener: CallListener): () => void;
}

/** Calls that are remembered; of more, the oldest are forgotten. */
const CALLS_KEPT = 10_000;

/** Starts without calls. Each is told to `log` as one line. */
export function createCallRecords(clock: Clock, log: (line: string) => void): CallRecords {
  const records: CallRecord[] = [];
  const listeners = new Set<CallListener>();
  return {
    list: () => records.slice(-CALLS_KEPT),
    add: (call, input) => {
      const record = { at: clock.now(), ...call };
      records.push(record);
      // Forgetting in large pieces costs less than moving the whole list at every call.
      if (records.length > 2 * CALLS_KEPT) records.splice(0, CALLS_KEPT);
      const { service, operation, callerLabel, errorCode } = record;
      log(`${service} ${operation} by ${callerLabel}: ${errorCode ?? 'ok'}`);
      for (const listener of listeners) listener(record, input);
    },
    onCall: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
