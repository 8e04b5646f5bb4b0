/**
 * Every call that functions make to AWS, by its position, and a function that dies at one of them.
 * Not for: calls that fail and are answered (see `spoil`); a dead function gets no answer at all.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { toWireRequest, type SdkRequest } from '../../region/endpoint/request-handler.ts';
import { decode } from '../../region/wire/decode.ts';
import type { Around, Wire } from './in-process.ts';

/** One call of one invocation; both are counted from 1, invocations over all functions. */
export interface Position {
  readonly invocation: number;
  readonly call: number;
  /** The function's file, such as `shift-traffic`. */
  readonly task: string;
  readonly service: string;
  readonly operation: string;
}

/** Whether the function dies before its call has an effect, or after it but without the answer. */
export type When = 'before' | 'after';

/** Where a function is to die. */
export interface Death {
  readonly position: Position;
  readonly when: When;
}

/** Watches calls from when it is armed. */
export interface CallWatch {
  /** Give both to a lab. */
  readonly around: Around;
  readonly wire: Wire;
  /** Counts invocations from now on. */
  arm(): void;
  /** The calls so far, in order. */
  positions(): readonly Position[];
  /** Whether the death has happened. */
  hasKilled(): boolean;
}

interface Invocation {
  readonly number: number;
  readonly task: string;
  readonly kill: () => void;
  calls: number;
  isDead: boolean;
}

/** Operations that change nothing. */
const READS = /^(?:BatchGet|Describe|Get|List|Query|Scan)/;

/** Whether a call may change something. */
export function isWrite({ operation }: Position): boolean {
  return !READS.test(operation);
}

/** A position as people name it. */
export function describePosition({ invocation, call, task, service, operation }: Position): string {
  return `${task} (invocation ${invocation}), call ${call}: ${service} ${operation}`;
}

/** Makes a watch; without a death it only counts. */
export function watchCalls(death?: Death): CallWatch {
  const positions: Position[] = [];
  // Calls of invocations that run at the same time are told apart by what they run in.
  const running = new AsyncLocalStorage<Invocation>();
  let invocations = 0;
  let isArmed = false;
  let hasKilled = false;
  const die = (own: Invocation): void => {
    own.isDead = true;
    hasKilled = true;
    own.kill();
  };
  return {
    arm: () => {
      isArmed = true;
    },
    positions: () => positions,
    hasKilled: () => hasKilled,
    around: ({ task, kill }, run) => {
      if (!isArmed) return run();
      invocations += 1;
      return running.run({ number: invocations, task, kill, calls: 0, isDead: false }, run);
    },
    wire: (handler) => ({
      ...handler,
      handle: async (request) => {
        const own = running.getStore();
        if (!own) return handler.handle(request);
        if (own.isDead) return noAnswer();
        const position = nextPosition(own, request);
        positions.push(position);
        const when = isAt(position, death) ? death?.when : undefined;
        if (when === 'before') die(own);
        if (own.isDead) return noAnswer();
        const answer = await handler.handle(request);
        if (when === 'after') die(own);
        return own.isDead ? noAnswer() : answer;
      },
    }),
  };
}

/** @throws Error when the run has come to another call there than the one that was recorded */
function isAt(position: Position, death: Death | undefined): boolean {
  const { invocation, call } = position;
  if (death?.position.invocation !== invocation || death.position.call !== call) return false;
  const [expected, found] = [describePosition(death.position), describePosition(position)];
  if (expected !== found) throw new Error(`Expected ${expected}, and came to ${found}.`);
  return true;
}

function nextPosition(own: Invocation, request: SdkRequest): Position {
  own.calls += 1;
  const { service = 'unknown', operation = 'unknown' } = decode(toWireRequest(request), '') ?? {};
  return { invocation: own.number, call: own.calls, task: own.task, service, operation };
}

/** What a dead function waits for. */
function noAnswer(): Promise<never> {
  return new Promise(() => undefined);
}
