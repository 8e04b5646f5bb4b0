/**
 * Changes: accepted at once, in effect on every name server up to a minute later, and GetChange,
 * which tells the one from the other.
 *
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
 */
import type { GetChangeRequest, GetChangeResponse } from '@aws-sdk/client-route-53';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Change } from './model.ts';
import { describeChange } from './model.ts';
import { operation, toDo } from './operation.ts';
import type { ControlPlane, Operations } from './operation.ts';

/** Hex digits of an id after its first letter. */
const ID_DIGITS = 19;

/** The part of the longest propagation that every change takes at least. */
const SHORTEST_PART = 0.25;

/** GetChange. */
export function changeOperations({ store, kernel }: ControlPlane): Operations {
  return {
    GetChange: operation<GetChangeRequest, GetChangeResponse>(
      ({ Id }) => toDo('GetChange', 'change', Id),
      ({ Id }) => ({ ChangeInfo: describeChange(store.change(Id), kernel.clock.now()) }),
    ),
  };
}

/** An id of Route 53: a letter, then digits and capitals. */
export function nextId(kernel: Kernel, letter: 'C' | 'Z'): string {
  return letter + kernel.hex(ID_DIGITS).toUpperCase();
}

/** Writes a change down, with the time at which every name server will have it. */
export function acceptChange(plane: ControlPlane, comment: string | undefined): Change {
  const { kernel, store, propagationMilliseconds } = plane;
  const now = kernel.clock.now();
  const part = SHORTEST_PART + (1 - SHORTEST_PART) * kernel.random();
  const change: Change = {
    id: nextId(kernel, 'C'),
    submittedAt: now,
    inSyncAt: now + Math.round(propagationMilliseconds * part),
    ...(comment !== undefined && { comment }),
  };
  store.changes.set(change.id, change);
  return change;
}
