/**
 * What people should know of the rows: what could not be removed or written, and what should be undone by now
 * and is not. Everything else is a deployment at work.
 */
import { isOverdue, isOwed, type LeaseKind, type OpenLease } from './leases.ts';
import { count } from './situation.ts';
import type { IsoInstant } from './units.ts';

/** One thing that is left over. */
export interface Leftover {
  readonly service: string;
  readonly deploymentId: string;
  readonly kind: LeaseKind;
  /** Such as a group's name; absent where a deployment has only one of the kind. */
  readonly resource?: string;
  /** When it should be gone; for what was tried in vain, when it is tried again. */
  readonly expiresAt: IsoInstant;
  /** Times that it was tried in vain; 0 where nobody has tried yet. */
  readonly attempts: number;
  /** How to undo it by hand. */
  readonly undo: string;
}

/** The rows that people should know of, those that are due longest first. */
export function findLeftovers(leases: readonly OpenLease[], now: IsoInstant): readonly Leftover[] {
  return leases
    .filter((lease) => isOwed(lease) || isOverdue(lease, now))
    .toSorted((one, other) => Date.parse(one.expiresAt) - Date.parse(other.expiresAt))
    .map(({ service, deploymentId, kind, resource, expiresAt, attempts = 0, undo }) => ({
      service,
      deploymentId,
      kind,
      ...(resource !== undefined && { resource }),
      expiresAt,
      attempts,
      undo,
    }));
}

/** The list as text, one paragraph for each. */
export function renderLeftovers(leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0) return 'Nothing is left over.';
  return leftovers.map(renderLeftover).join('\n\n');
}

function renderLeftover(leftover: Leftover): string {
  const { service, deploymentId, kind, resource, expiresAt, attempts, undo } = leftover;
  const what = resource === undefined ? kind : `${kind} ${resource}`;
  const tried = attempts > 0 ? `, tried ${count(attempts, 'time')}` : '';
  return `${service}: ${what}, due ${expiresAt}${tried} (deployment ${deploymentId})\n  ${undo}`;
}
