/**
 * What the states have in common that wait for a signal: they leave the token by which an alarm or
 * an operator can wake them, and look once more at what came before it was there.
 */
import { findInterruption, type WaitingState } from '../shared/core/decide-waiting.ts';
import { LeaseLost } from '../shared/core/errors.ts';
import { leaseSeconds } from '../shared/core/lease-time.ts';
import { freezeEndsAt, isDueLater } from '../shared/core/leases.ts';
import { RENEWAL_SECONDS } from '../shared/core/order-rules.ts';
import { instantAfter, type Seconds, secondsBetween } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Deployments, Holds, Leases, Locks, Timeline } from '../shared/ports/ledger.ts';
import type { Executions, Notifier } from '../shared/ports/signals.ts';
import { openDeployment, type PlannedDeployment, type TaskInput } from './_journal.ts';
import { tryToTell } from './_telling.ts';

/** A deployment that waits, and the token by which it can be woken before its time. */
export interface WaitingInput extends TaskInput {
  readonly taskToken: string;
}

/** Where the token is kept, what must not run out meanwhile, and what shows what came before. */
export interface WaitingPorts {
  readonly deployments: Deployments;
  readonly holds: Pick<Holds, 'open'>;
  readonly locks: Pick<Locks, 'renew'>;
  readonly leases: Pick<Leases, 'list' | 'open'>;
  readonly observer: Observer;
  readonly executions: Pick<Executions, 'signal'>;
}

/** Those who are told, and where it is written that they could not be. */
export interface TellingPorts {
  readonly notifier: Notifier;
  readonly timeline: Pick<Timeline, 'add'>;
}

const SCOPE = { alarms: true, blue: false, green: false, routes: false };

/**
 * Looks once more, now that the token is kept: events tell of transitions only and may be lost, and
 * orders wake whoever waits at that moment. Answers a directive only where it leads back.
 */
export async function lookOnceMore(
  { deployments, observer, executions }: WaitingPorts,
  input: WaitingInput,
  state: WaitingState,
) {
  const { now, taskToken } = input;
  const { plan, progress, abort, orders } = await openDeployment({ deployments }, input);
  const readings = await observer.observe(plan, progress, SCOPE);
  const observation = { ...readings, at: now, abort, orders };
  const found = findInterruption(state, { plan, progress, observation, now });
  if (!found) return {};
  const { type, reason } = found;
  const cause = abort ? 'abort' : 'alarm';
  await executions.signal(taskToken, { type: type === 'rollBack' ? cause : 'order', reason });
  return type === 'rollBack' ? { directive: { type, reason } as const } : {};
}

/**
 * Waits for people, however long they take: everything frozen is kept for another day, the token is
 * left, and `tell` says that they are waited for.
 * @throws LeaseLost when this deployment may not go on any more
 */
export async function waitForPeople(
  ports: WaitingPorts,
  input: WaitingInput,
  {
    state,
    tell,
  }: {
    readonly state: WaitingState;
    readonly tell: (record: PlannedDeployment) => Promise<void>;
  },
) {
  const record = await openDeployment(ports, input);
  await keepFrozen(ports, record, { now: input.now, seconds: RENEWAL_SECONDS });
  await ports.holds.open(input.deploymentId, input.taskToken);
  await tell(record);
  return lookOnceMore(ports, input, state);
}

/**
 * Tells people that they are waited for. No news is worth a deployment: where they cannot be told,
 * the timeline says so, and the answer is false.
 */
export async function tellPeople(
  { notifier, timeline }: TellingPorts,
  { deploymentId, revision }: PlannedDeployment,
  message: Parameters<Notifier['publish']>[0] & {
    readonly state: WaitingState;
    readonly now: string;
  },
): Promise<boolean> {
  const { state, now, ...news } = message;
  const because = await tryToTell(notifier, news);
  if (because === undefined) return true;
  const reason = `Nobody could be told that they were waited for: ${because}`;
  await timeline.add(deploymentId, { at: now, order: revision, state, event: 'warned', reason });
  return false;
}

/**
 * Keeps the lock and the rows of what is frozen from running out while people are waited for, which
 * no plan has a time for.
 * @throws LeaseLost when the lock is not this deployment's any more
 */
export async function keepFrozen(
  { locks, leases }: Pick<WaitingPorts, 'locks' | 'leases'>,
  { deploymentId, service, fence, plan }: PlannedDeployment,
  { now, seconds }: { readonly now: string; readonly seconds: Seconds },
): Promise<void> {
  const until = instantAfter(now, seconds + leaseSeconds(plan));
  if (fence === undefined || !(await locks.renew({ service, deploymentId, fence }, until))) {
    throw new LeaseLost(
      `Deployment ${deploymentId} no longer holds the lock of ${service}, so it does not wait on.`,
    );
  }
  const expiresAt = freezeEndsAt(plan, instantAfter(now, seconds));
  for (const lease of await leases.list(deploymentId)) {
    const isLonger = secondsBetween(lease.expiresAt, expiresAt) > 0;
    if (isLonger && !isDueLater(lease)) await leases.open({ ...lease, expiresAt });
  }
}
