/**
 * Something that happens once in the middle of a function: right before or after one of its calls
 * to AWS, and whether the function survives it.
 * Not for: trying every call of every function (see `positions.ts`).
 */
import { type SdkRequest, toWireRequest } from '../../region/endpoint/request-handler.ts';
import { decode } from '../../region/wire/decode.ts';
import type { Around, Wire } from './in-process.ts';
import { currentInvocation } from './invocations.ts';

/** The call at which it happens. */
export interface Moment {
  /** The function's file, such as `shift-traffic`. */
  readonly task: string;
  /** Its first call of that name, or its call of that number, counted from 1. */
  readonly at: string | number;
  readonly when: 'before' | 'after';
  /** True where the function is gone then; its call never answers. */
  readonly isKilled: boolean;
}

/** Give `around` and `wire` to a lab. */
export interface Interruption {
  readonly around: Around;
  readonly wire: Wire;
  /** From now on it may happen, once more. */
  readonly arm: (interrupt: () => Promise<unknown>) => void;
  /** Whether it has since it was armed last. */
  readonly hasHappened: () => boolean;
  /** Operations that the function called while it could happen. */
  readonly calls: () => readonly string[];
}

/** Makes one. */
export function interruptAt({ task, at, when, isKilled }: Moment): Interruption {
  const calls: string[] = [];
  let armed: (() => Promise<unknown>) | undefined;
  let hasHappened = false;
  let kill: (() => void) | undefined;
  const happen = async (interrupt: () => Promise<unknown>): Promise<void> => {
    hasHappened = true;
    if (isKilled) kill?.();
    await interrupt();
    // What a dead function waits for.
    if (isKilled) await new Promise(() => undefined);
  };
  return {
    arm: (interrupt) => {
      armed = interrupt;
      hasHappened = false;
    },
    hasHappened: () => hasHappened,
    calls: () => calls,
    around: (call, run) => {
      if (call.task === task) kill = call.kill;
      return run();
    },
    wire: (handler) => ({
      ...handler,
      handle: async (request) => {
        const interrupt = hasHappened || currentInvocation()?.task !== task ? undefined : armed;
        if (!interrupt) return handler.handle(request);
        const operation = operationOf(request);
        calls.push(operation);
        if (at !== operation && at !== calls.length) return handler.handle(request);
        if (when === 'before') await happen(interrupt);
        const answer = await handler.handle(request);
        if (when === 'after') await happen(interrupt);
        return answer;
      },
    }),
  };
}

function operationOf(request: SdkRequest): string {
  return decode(toWireRequest(request), '')?.operation ?? 'unknown';
}
