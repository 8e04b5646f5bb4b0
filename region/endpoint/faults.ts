/**
 * Mishaps on purpose: which calls are throttled, refused, lost or late.
 * Not for: what happens behind the API, such as an instance that dies.
 */
import type { AwsError } from '../kernel/aws-error.ts';
import type { ServiceName } from '../kernel/service.ts';
import { rateExceeded, refusal } from './refusals.ts';

/** What goes wrong with one call. */
export type Fault =
  /** Refused as the service refuses callers that ask too often. */
  | { readonly type: 'throttle' }
  | {
      readonly type: 'refuse';
      readonly code: string;
      readonly message: string;
      /** Absent means 400. */
      readonly httpStatus?: number;
    }
  /** The connection breaks before the call has an effect. */
  | { readonly type: 'loseRequest' }
  /** The call takes effect and the connection breaks before the answer arrives. */
  | { readonly type: 'loseResponse' }
  /** The call waits for region milliseconds before it takes effect. */
  | { readonly type: 'delay'; readonly milliseconds: number };

/** A call that may go wrong, after it was authorised and before it takes effect. */
export interface FaultyCall {
  readonly service: ServiceName;
  readonly operation: string;
  /** The function or service that calls; `administrator` for the account's own. */
  readonly callerLabel: string;
  /** How many authorised calls of this operation there have been with this one, from 1. */
  readonly count: number;
}

/** Decides about each call; undefined lets it through. */
export type Faults = (call: FaultyCall) => Fault | undefined;

/** Which calls a plan hits. Absent fields match every call. */
export interface FaultRule {
  readonly service?: ServiceName;
  readonly operation?: string;
  readonly callerLabel?: string;
  /** Matching calls that are let through first; absent means none. */
  readonly skip?: number;
  /** Matching calls that are hit then; absent means all. */
  readonly times?: number;
  readonly fault: Fault;
}

/** Rules that can be added and removed while the region runs. */
export interface FaultPlan {
  readonly faults: Faults;
  /** Adds a rule behind the others; the first that hits a call decides. Answers its removal. */
  add(rule: FaultRule): () => void;
  /** Removes every rule. */
  clear(): void;
}

/** Starts a plan without rules. */
export function createFaultPlan(): FaultPlan {
  const rules = new Map<FaultRule, { matched: number }>();
  return {
    faults: (call) => {
      for (const [rule, state] of rules) {
        if (!concerns(rule, call)) continue;
        state.matched += 1;
        const skip = rule.skip ?? 0;
        const last = skip + (rule.times ?? Number.POSITIVE_INFINITY);
        if (state.matched > skip && state.matched <= last) return rule.fault;
      }
      return undefined;
    },
    add: (given) => {
      const rule = { ...given };
      rules.set(rule, { matched: 0 });
      return () => void rules.delete(rule);
    },
    clear: () => rules.clear(),
  };
}

/** A connection that broke: as Node.js reports it, so that the SDK treats it as transient. */
export class ConnectionLost extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ECONNRESET';

  constructor() {
    super('socket hang up');
  }
}

/** The refusal that a fault stands for; undefined for faults that refuse nothing. */
export function faultRefusal(service: ServiceName, fault: Fault): AwsError | undefined {
  if (fault.type === 'throttle') return rateExceeded(service);
  return fault.type === 'refuse' ? refusal(fault) : undefined;
}

function concerns(rule: FaultRule, call: FaultyCall): boolean {
  return (
    (rule.service ?? call.service) === call.service &&
    (rule.operation ?? call.operation) === call.operation &&
    (rule.callerLabel ?? call.callerLabel) === call.callerLabel
  );
}
