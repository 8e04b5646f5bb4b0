/**
 * Events as EventBridge hands them to targets, and the id and size of one.
 * Not for: what is inside `detail`.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
import { ACCOUNT_ID, REGION_NAME } from '../../kernel/kernel.ts';
import type { Kernel, RegionEvent } from '../../kernel/kernel.ts';

/** An event on the bus. */
export interface Envelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** To the second: `2026-01-31T12:00:00Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Wraps something that happened at region time `at` (epoch milliseconds). */
export function wrapEvent(
  event: RegionEvent,
  { kernel, at }: { kernel: Kernel; at: number },
): Envelope {
  return {
    version: '0',
    id: [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-'),
    'detail-type': event.detailType,
    source: event.source,
    account: ACCOUNT_ID,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: REGION_NAME,
    resources: [...event.resources],
    // What was emitted is copied: the emitter may go on changing its objects.
    detail: structuredClone(event.detail),
  };
}
