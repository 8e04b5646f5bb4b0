/**
 * What an execution environment is to the region, whether a thread or a plain function.
 * Not for: choosing one (see `pool.ts`) or judging what it answered (see `invoke.ts`).
 */
import type { ContextFields, FunctionFailure } from './worker-protocol.ts';

/** One invocation, as the code gets it. */
export interface SandboxRequest {
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  readonly context: ContextFields;
  /** Region time at which the function times out. */
  readonly deadline: number;
  readonly traceId: string;
}

/** The answer, or what Lambda tells in its place. */
export type SandboxOutcome =
  | { readonly type: 'returned'; readonly payload: string }
  | { readonly type: 'failed'; readonly failure: FunctionFailure };

/** One execution environment, from loading its code to its end. */
export interface Sandbox {
  readonly logStreamName: string;
  /** Waits until the code is loaded. Answers with why it is not, or undefined. */
  start(): Promise<FunctionFailure | undefined>;
  /** Runs one invocation. Only one runs at a time. */
  run(request: SandboxRequest): Promise<SandboxOutcome>;
  /** Ends the environment for good; what still runs in it fails with `failure`. */
  end(failure: FunctionFailure): Promise<void>;
  /** True once nothing can run in it any more. */
  ended(): boolean;
}

/** What Lambda answers when a runtime was ended from outside. */
export function killed(requestId: string): FunctionFailure {
  return exitFailure(requestId, 'Runtime exited with error: signal: killed');
}

/** What Lambda answers when a runtime ended by itself. */
export function exited(requestId: string, code: number): FunctionFailure {
  return exitFailure(
    requestId,
    code === 0
      ? 'Runtime exited without providing a reason'
      : `Runtime exited with error: exit status ${code}`,
  );
}

function exitFailure(requestId: string, text: string): FunctionFailure {
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${text}` };
}

/**
 * What Lambda answers when a function took too long.
 * @source step-functions/latest/dg, concepts-error-handling (`Sandbox.Timedout`)
 */
export function timedOut(requestId: string, timeoutSeconds: number): FunctionFailure {
  const text = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${text}` };
}
