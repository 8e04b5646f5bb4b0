/**
 * Which invocation a call to the region comes from. The region itself knows a caller's role, which
 * all deployments share; whose deployment it works for is in the event alone.
 * Not for: bundles, whose calls come over a socket.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** One invocation of a function that runs in process. */
export interface Invocation {
  /** The function's file, such as `shift-traffic`. */
  readonly task: string;
  /** The deployment that it was called for; absent where the event names none. */
  readonly deploymentId?: string;
  /** The execution that called; absent where none did. */
  readonly executionArn?: string;
}

// Calls of invocations that run at the same time are told apart by what they run in.
const running = new AsyncLocalStorage<Invocation>();

/** Runs an invocation; everything that it calls is its own. */
export function runInvocation<T>(invocation: Invocation, run: () => T): T {
  return running.run(invocation, run);
}

/** The invocation that is at work here; undefined outside of any. */
export function currentInvocation(): Invocation | undefined {
  return running.getStore();
}

/** Reads off an event for whom a function is called. */
export function invocationOf(task: string, event: unknown): Invocation {
  const { deploymentId, executionArn } = (event ?? {}) as Readonly<Record<string, unknown>>;
  return {
    task,
    ...(typeof deploymentId === 'string' && { deploymentId }),
    ...(typeof executionArn === 'string' && { executionArn }),
  };
}
