/** ConfirmRollback: reads every route back; blue has everything. */
import { decideConfirmRollback } from '../shared/core/decide-confirm-rollback.ts';
import type { Observer } from '../shared/ports/estate.ts';
import { withStack } from './_handler.ts';
import { advance, type Journal, openDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment whose routes should all say blue again. */
export type ConfirmRollbackInput = TaskInput;

/** The journal and sight of the routes; nothing that could write a weight. */
export interface ConfirmRollbackPorts extends Journal {
  readonly observer: Observer;
}

const SCOPE = { alarms: false, blue: false, green: false, routes: true };

/** Makes the task. */
export const confirmRollback =
  (ports: ConfirmRollbackPorts) => async (input: ConfirmRollbackInput) => {
    const { now } = input;
    const record = await openDeployment(ports, input);
    const { plan, progress, abort } = record;
    const observation = {
      ...(await ports.observer.observe(plan, progress, SCOPE)),
      at: now,
      abort,
    };
    const directive = decideConfirmRollback({ plan, progress, observation, now });
    const isConfirmed = directive.type === 'cleanUp';
    await advance(ports, record, {
      state: 'ConfirmRollback',
      now,
      event: directive.type,
      progress: {
        ...progress,
        reason: directive.reason,
        ...(isConfirmed && { confirmedGreenWeightPercent: 0, rollbackConfirmedAt: now }),
      },
    });
    return { directive };
  };

export const handler = withStack(
  confirmRollback({ ...world.journal(), observer: world.observer() }),
);
