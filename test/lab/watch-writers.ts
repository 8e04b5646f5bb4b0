/**
 * Law 6, seen from the region: only the deployment that has its service's lock in the table writes
 * to the estate, fencing numbers only rise, and an execution that lost its deployment writes no more.
 * Not for: bundles, whose calls cannot be told apart by deployment.
 */
import {
  isEstateWrite,
  memberOf,
  tookEffect,
  type WatchedCall,
  type Watcher,
} from './watched-call.ts';

/** A lock as the table has it. */
interface Lock {
  /** Undefined once it was given back. */
  readonly owner: string | undefined;
  readonly fence: number;
}

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string } | undefined>>;

/** Starts to watch; nobody may have a lock yet, or whoever has one must renew it by acquiring. */
export function watchWriters(): Watcher {
  const locks = new Map<string, Lock>();
  const executions = new Map<string, string[]>();
  return (call) => {
    const service = lockedService(call);
    if (service !== undefined) return followLock(locks, service, call);
    if (!isEstateWrite(call) || !call.invocation) return [];
    const { task, deploymentId = 'nobody', executionArn = '' } = call.invocation;
    const what = `${task} of ${deploymentId} called ${call.operation}`;
    const isHeld = [...locks.values()].some(({ owner }) => owner === deploymentId);
    const drivers = executions.get(deploymentId) ?? [];
    const isLate = isFenced(call) && drivers.slice(0, -1).includes(executionArn);
    if (!drivers.includes(executionArn)) executions.set(deploymentId, [...drivers, executionArn]);
    return [
      ...(isHeld ? [] : [`law 6: ${what} without the lock`]),
      ...(isLate ? [`law 6: ${what} for an execution that had lost it`] : []),
    ];
  };
}

/**
 * A pointer's write waits in the SDK for Parameter Store's rate after the fence let it through, and
 * says the same as that of the execution which took over; it may come late, but not without the lock.
 */
function isFenced({ operation }: WatchedCall): boolean {
  return operation !== 'PutParameter';
}

/** The key of the service whose lock a call changed; undefined for every other call. */
function lockedService(call: WatchedCall): string | undefined {
  if (call.operation !== 'UpdateItem' || !tookEffect(call)) return undefined;
  const { pk, sk } = (memberOf(call, 'Key') ?? {}) as Item;
  return sk?.S === 'LOCK' ? pk?.S : undefined;
}

function followLock(
  locks: Map<string, Lock>,
  service: string,
  call: WatchedCall,
): readonly string[] {
  const values = (memberOf(call, 'ExpressionAttributeValues') ?? {}) as Item;
  const before = locks.get(service);
  const owner = values[':new_owner']?.S;
  if (owner === undefined) {
    const isRelease = String(memberOf(call, 'UpdateExpression')).includes('REMOVE');
    if (isRelease) locks.set(service, { owner: undefined, fence: before?.fence ?? 0 });
    return [];
  }
  const fence = Number(values[':new_fence']?.N);
  locks.set(service, { owner, fence });
  const isRisen =
    !before || fence > before.fence || (fence === before.fence && isOwn(before, owner));
  return isRisen ? [] : [`law 6: ${owner} got fence ${fence} after ${before.fence}`];
}

/** A deployment may take its own lock again. */
function isOwn(before: Lock, owner: string): boolean {
  return before.owner === owner;
}
