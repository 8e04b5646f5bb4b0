/**
 * What an operator's order may say, verb by verb.
 * Not for: who gave it, which the API knows from the signature and no body can claim.
 */
import * as z from 'zod/mini';
import { NO_REASON, type Verb } from './orders.ts';
import { parseStrictly } from './parse-strictly.ts';
import { HOLD_SECONDS_MAX } from './strategy.ts';

/** Longest reason that is kept; longer ones are refused. */
const REASON_LENGTH_MAX = 1000;

/** Shortest time limit of a pause: below it nobody could have read that it paused. */
const PAUSE_SECONDS_MIN = 10;

const reason = z._default(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(REASON_LENGTH_MAX),
      z.meta({ description: 'Why, in words that people will read.', examples: ['p99 looks odd'] }),
    ),
  NO_REASON,
);

const plain = z.strictObject({ reason });

/** The body of each verb. `onTimeout` says what happens when a pause is not ended in time. */
export const orderSchemas = {
  approve: plain,
  reject: plain,
  promote: plain,
  promoteAll: plain,
  pause: z
    .strictObject({
      reason,
      timeoutSeconds: z.optional(
        z
          .int()
          .check(
            z.minimum(PAUSE_SECONDS_MIN),
            z.maximum(HOLD_SECONDS_MAX),
            z.describe('Seconds after which the pause ends by itself; absent means never.'),
          ),
      ),
      onTimeout: z.optional(
        z
          .enum(['resume', 'rollBack'])
          .check(z.describe('What happens then; `resume` unless told.')),
      ),
    })
    .check(
      z.refine(({ timeoutSeconds, onTimeout }) => !onTimeout || timeoutSeconds !== undefined, {
        error: 'must be given with onTimeout',
        path: ['timeoutSeconds'],
      }),
    ),
  resume: plain,
  skipHold: plain,
  extendHold: z.strictObject({
    reason,
    seconds: z
      .int()
      .check(
        z.minimum(1),
        z.maximum(HOLD_SECONDS_MAX),
        z.meta({ description: 'Seconds that the hold lasts longer.', examples: [600] }),
      ),
  }),
  abort: plain,
  rollback: plain,
} as const satisfies Readonly<Record<Verb, z.ZodMiniType>>;

/** An order as it is asked for, by whomever. */
export type OrderRequest =
  | {
      readonly verb: 'pause';
      readonly reason: string;
      readonly timeoutSeconds?: number | undefined;
      readonly onTimeout?: 'resume' | 'rollBack' | undefined;
    }
  | { readonly verb: 'extendHold'; readonly reason: string; readonly seconds: number }
  | { readonly verb: Exclude<Verb, 'pause' | 'extendHold'>; readonly reason: string };

/**
 * Reads the body of an order.
 * @throws SpecRefused naming every key that is unknown or out of range
 */
export function parseOrder(verb: Verb, body: unknown): OrderRequest {
  const schema: z.ZodMiniType = orderSchemas[verb];
  return { verb, ...(parseStrictly(schema, body, `order to ${verb}`) as object) } as OrderRequest;
}
