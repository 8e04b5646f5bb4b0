/**
 * What becomes of a deployment's rows when it ends, or when an errand for it does: which are done
 * with, which stay, and what is owed from now on.
 */
import { describeLeftover, type Ending, type OutcomeDirective } from './decide-outcome.ts';
import { isUnsaid, leftoverRetrySeconds, type LeaseKind, type OpenLease } from './leases.ts';
import { leftoverLease } from './open-leases.ts';
import { type DeploymentRecord, isOnErrand } from './record.ts';
import { instantAfter, type IsoInstant } from './units.ts';

/** Rows to write and then rows to delete, the lock's last. */
export interface Settlement {
  readonly open: readonly OpenLease[];
  readonly close: readonly OpenLease[];
}

/** How a deployment or its errand ended, and the rows that were open then. */
export interface Settling {
  readonly record: DeploymentRecord;
  readonly leases: readonly OpenLease[];
  readonly outcome: OutcomeDirective['type'];
  readonly ending: Ending;
  readonly now: IsoInstant;
}

/**
 * Kinds that an outcome itself does away with. After a success blue is gone, empty, or kept by a
 * row of its own; after a rollback green is gone, or a leftover.
 */
const SETTLED_BY: Readonly<Record<OutcomeDirective['type'], readonly LeaseKind[]>> = {
  succeeded: ['bluePin'],
  rolledBack: ['greenFreeze', 'mirroredAlarms'],
  failed: [],
  refused: ['bluePin', 'greenFreeze', 'mirroredAlarms'],
};

/** Decides what RecordOutcome does with the rows. */
export function settleLeases(settling: Settling): Settlement {
  const { leases, outcome, now } = settling;
  const lock = leases.filter(({ kind }) => kind === 'lock');
  const others = leases.filter(({ kind }) => kind !== 'lock');
  const leftover = oweLeftover(settling);
  const isDone = (lease: OpenLease) => isSettled(lease, settling);
  const staying = others.filter((lease) => !isDone(lease));
  const listed = (lease: OpenLease) => ({ ...lease, expiresAt: now });
  return {
    open: [
      ...(leftover ? [leftover] : []),
      // Nobody but a person can undo these now, so that they are listed at once.
      ...(outcome === 'failed' ? staying.filter(isForPerson).map(listed) : []),
    ],
    close: [...others.filter(isDone), ...lock],
  };
}

/** What could not be written or told is tried again by itself, when its own time has come. */
function isForPerson(lease: OpenLease): boolean {
  return !isUnsaid(lease);
}

/** Rows whose time has come, put off because nothing could be done for them now. */
export function postpone(leases: readonly OpenLease[], now: IsoInstant): readonly OpenLease[] {
  return leases.map((lease) => {
    const attempts = (lease.attempts ?? 0) + 1;
    const expiresAt = instantAfter(now, leftoverRetrySeconds(attempts - 1));
    return { ...lease, attempts, expiresAt };
  });
}

function isSettled(lease: OpenLease, { record, outcome, ending }: Settling): boolean {
  // Only whoever wrote, or told, knows.
  if (isUnsaid(lease)) return false;
  if (SETTLED_BY[outcome].includes(lease.kind)) return true;
  if (!isOnErrand(record) || ending.failure) return false;
  // The tasks closed what they undid; whatever is left stands for nothing any more.
  return ['release', 'finish'].includes(ending.directive?.type ?? '');
}

function oweLeftover({ record, leases, outcome, ending, now }: Settling): OpenLease | undefined {
  const leftover = describeLeftover(record, outcome, ending);
  if (!leftover) return undefined;
  const before = leases.find(
    ({ kind, resource }) => kind === 'leftover' && resource === leftover.resource,
  );
  return leftoverLease(record, { ...leftover, attempts: (before?.attempts ?? 0) + 1 }, now);
}
