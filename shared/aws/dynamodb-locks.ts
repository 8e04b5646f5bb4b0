/**
 * The locks of services in the table. A lock that is given back leaves its fencing number behind,
 * so that the number only ever rises and a late writer is known by its older one.
 * DynamoDB's own expiry is not used: it deletes days after the time it is given.
 * @source https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
import { AwsUnavailable } from '../core/errors.ts';
import type { Holder, Lease, Locks } from '../ports/ledger.ts';
import type { Key, Table } from './dynamodb-table.ts';

/** Times that an acquisition starts over because somebody changed the lock in between. */
const ATTEMPTS_MAX = 5;

type Request = Parameters<Locks['acquire']>[0];
type Acquisition = Awaited<ReturnType<Locks['acquire']>>;

/** A lock as it is kept. */
interface Lock {
  /** Id of the deployment that has it; undefined when nobody does. */
  readonly owner?: string;
  /** Undefined before the first owner. */
  readonly fence?: number;
  readonly expiresAt?: string;
}

/** Makes the locks of services over the table. */
export function createLocks(table: Table): Locks {
  return {
    acquire: (request) => acquire(table, request),
    async holder(service) {
      return holderOf((await table.load(lockKey(service))) ?? {});
    },
    async renew(lease, expiresAt) {
      const condition = { equals: asHeld(lease) };
      const kept = await table.update(lockKey(lease.service), { set: { expiresAt } }, condition);
      return kept !== undefined;
    },
    async release({ service, deploymentId }) {
      const change = { remove: ['owner', 'expiresAt'] };
      await table.update(lockKey(service), change, { equals: { owner: deploymentId } });
    },
  };
}

/**
 * Looks first and then writes under the condition that nothing has changed. An acquisition that
 * took effect, but whose answer was lost, finds itself as the owner on its next look.
 */
async function acquire(table: Table, request: Request): Promise<Acquisition> {
  const { service, deploymentId, expiresAt, abandonedBy } = request;
  const key = lockKey(service);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const lock: Lock = (await table.load(key)) ?? {};
    const holder = holderOf(lock);
    const isBusy = holder && ![deploymentId, abandonedBy].includes(holder.owner);
    if (isBusy) return { type: 'busy', ...holder };
    const previous = lock.fence ?? 0;
    const fence = lock.owner === deploymentId ? previous : previous + 1;
    const seen = { owner: lock.owner, fence: lock.fence, expiresAt: lock.expiresAt };
    const set = { owner: deploymentId, fence, expiresAt };
    if (await table.update(key, { set }, { equals: seen })) {
      return { type: 'acquired', lease: { service, deploymentId, fence } };
    }
  }
  throw new AwsUnavailable(
    `Tried to acquire the lock of ${service}; others changed it ${ATTEMPTS_MAX} times meanwhile; ` +
      'it is tried again.',
  );
}

/** Whoever has a lock. */
function holderOf({ owner, expiresAt }: Lock): Holder | undefined {
  return owner === undefined || expiresAt === undefined ? undefined : { owner, expiresAt };
}

function asHeld({ deploymentId, fence }: Lease): { owner: string; fence: number } {
  return { owner: deploymentId, fence };
}

function lockKey(service: string): Key {
  return { pk: `SERVICE#${service}`, sk: 'LOCK' };
}
