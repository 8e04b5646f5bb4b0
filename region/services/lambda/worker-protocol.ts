/**
 * What the region and an execution environment say to each other, as messages between threads.
 * Not for: what callers of a function see.
 */

/** Where the region's time stands, and how it goes on from there. */
export interface TimeAnchor {
  readonly speed: number | 'virtual';
  /** Region time, epoch milliseconds. */
  readonly now: number;
  /** The machine's monotonic clock at that moment, nanoseconds; it is the same in all threads. */
  readonly mark: bigint;
}

/** What went wrong in a function, in the document that Lambda answers with. */
export interface FunctionFailure {
  /** Name of the error, or one of Lambda's own such as `Sandbox.Timedout`. */
  readonly errorType: string;
  readonly errorMessage: string;
  /** Lines of the stack; absent where the runtime was not there to tell. */
  readonly trace?: readonly string[];
}

/** What a handler finds in its context besides the methods. */
export interface ContextFields {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** Hands the environment what to load. */
export interface WorkerStart {
  readonly taskRoot: string;
  /** Such as `dist/plan.handler`. */
  readonly handler: string;
  readonly time: TimeAnchor;
}

/** Asks an environment for one run; it answers with `returned`, `threw` or `crashed`. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  readonly context: ContextFields;
  readonly time: TimeAnchor;
  /** Region time at which the function times out. */
  readonly deadline: number;
  readonly traceId: string;
}

/** What the region says. */
export type ToWorker =
  | InvokeMessage
  | { readonly type: 'wake'; readonly id: number; readonly time: TimeAnchor };

/** What an environment says; sleeping is asked for, because region time is not its own. */
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'notReady'; readonly failure: FunctionFailure }
  | { readonly type: 'returned'; readonly payload: string }
  | { readonly type: 'threw'; readonly failure: FunctionFailure }
  /** An error that nobody caught; the thread ends after it. */
  | { readonly type: 'crashed'; readonly failure: FunctionFailure }
  | { readonly type: 'output'; readonly text: string }
  | { readonly type: 'sleep'; readonly id: number; readonly milliseconds: number }
  | { readonly type: 'cancelSleep'; readonly id: number }
  /** Nothing but region time is awaited; `wakes` is how many wake-ups had arrived by then. */
  | { readonly type: 'quiet'; readonly wakes: number };
