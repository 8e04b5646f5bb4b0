/**
 * Changing a group's desired capacity: by callers, policies and scheduled actions alike.
 */
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

/** Remembers why the desired capacity changes, and when. */
export function noteChange(engine: Engine, group: GroupRecord, cause: string): void {
  group.cause = cause;
  group.lastScaledAt = engine.kernel.clock.now();
  // What was to replace something is now part of what somebody asked for.
  group.replacementsDue = 0;
}
