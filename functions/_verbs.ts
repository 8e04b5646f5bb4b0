/**
 * How an operator's order reaches a deployment: decided by the policy, kept in the record under a
 * condition, told in the timeline, and followed at once because whoever waits is woken.
 */
import { decideVerb } from '../shared/core/decide-verb.ts';
import { RecordChanged } from '../shared/core/errors.ts';
import { parseOrder } from '../shared/core/order-request.ts';
import type { Verb } from '../shared/core/orders.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Deployments, Holds, Timeline } from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';

/** Where orders are kept and told, and what waits for them. */
export interface VerbPorts {
  readonly deployments: Pick<Deployments, 'load' | 'requestAbort' | 'saveOrders'>;
  readonly timeline: Pick<Timeline, 'add'>;
  readonly holds: Pick<Holds, 'waiting'>;
  readonly executions: Pick<Executions, 'signal'>;
}

/** An order as it comes in. */
export interface OrderInput {
  readonly deploymentId: string;
  readonly verb: Verb;
  /** The whole ARN of the caller. */
  readonly by: string;
  /** Whatever was sent; undefined is the same as an empty object. */
  readonly body: unknown;
  /** The same key is the same order: the idempotency key, or else the request's own id. */
  readonly key: string;
  readonly now: IsoInstant;
}

/** What became of an order. `possible` is what can be asked for instead. */
export type OrderAnswer =
  | { readonly type: 'granted'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string; readonly possible: readonly Verb[] }
  | { readonly type: 'unknown' };

/** Times that an order is decided anew because a task saved meanwhile; tasks save seldom. */
const ATTEMPTS_MAX = 10;

/**
 * Gives an order. The same order by the same key is one order, however often it comes.
 * @throws SpecRefused when the body is not what the verb takes
 * @throws RecordChanged when the record never stood still, which another attempt mends
 */
export async function giveOrder(ports: VerbPorts, input: OrderInput): Promise<OrderAnswer> {
  const { deploymentId, verb, by, key, now } = input;
  const order = { ...parseOrder(verb, input.body ?? {}), by, key };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const record = await ports.deployments.load(deploymentId);
    if (!record) return { type: 'unknown' };
    const decision = decideVerb(record, order, now);
    if (decision.type === 'refused') return decision;
    const { abort, orders } = decision.change;
    if (abort && !(await ports.deployments.requestAbort(record, abort))) continue;
    if (orders && !(await ports.deployments.saveOrders(record, orders))) continue;
    const { reason, line } = decision;
    const entry = { ...line, order: record.revision, state: 'Operator', reason };
    await ports.timeline.add(deploymentId, entry);
    await wake(ports, deploymentId, { verb, reason });
    return { type: 'granted', reason };
  }
  throw new RecordChanged(
    `Tried ${ATTEMPTS_MAX} times to ${verb} deployment ${deploymentId}; every time a task saved its record first; ask again.`,
    { facts: { deploymentId, verb } },
  );
}

/** Whoever waits looks at everything anew; one who does not wait will, before the next weight. */
async function wake(
  { holds, executions }: VerbPorts,
  deploymentId: string,
  { verb, reason }: { readonly verb: Verb; readonly reason: string },
): Promise<void> {
  const token = await holds.waiting(deploymentId);
  const type = verb === 'abort' || verb === 'rollback' ? 'abort' : 'order';
  if (token) await executions.signal(token, { type, reason });
}
