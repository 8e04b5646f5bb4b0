/** ConfirmTraffic: reads every route back; a write is not done until it is read. */
import { decideConfirmTraffic } from '../shared/core/decide-confirm-traffic.ts';
import type { TrafficDirective } from '../shared/core/directive.ts';
import type { Progress } from '../shared/core/progress.ts';
import { instantAfter, type IsoInstant } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import { withStack } from './_handler.ts';
import { advance, type Journal, openDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment whose last weight is to be read back. */
export type ConfirmTrafficInput = TaskInput;

/** The journal and sight of the routes; nothing that could write a weight. */
export interface ConfirmTrafficPorts extends Journal {
  readonly observer: Observer;
}

const SCOPE = { alarms: false, blue: false, green: false, routes: true };

/** Makes the task. */
export const confirmTraffic =
  (ports: ConfirmTrafficPorts) => async (input: ConfirmTrafficInput) => {
    const { now } = input;
    const record = await openDeployment(ports, input);
    const { plan, progress, abort, orders } = record;
    const observation = {
      ...(await ports.observer.observe(plan, progress, SCOPE)),
      at: now,
      abort,
      orders,
    };
    const directive = decideConfirmTraffic({ plan, progress, observation, now });
    await advance(ports, record, {
      state: 'ConfirmTraffic',
      now,
      event: directive.type,
      progress: confirmed(progress, directive, now),
    });
    return { directive };
  };

function confirmed(progress: Progress, directive: TrafficDirective, now: IsoInstant): Progress {
  const { reason } = directive;
  if (progress.isShiftLeft) return { ...progress, reason, isShiftLeft: false };
  if (directive.type !== 'hold' && directive.type !== 'decide') return { ...progress, reason };
  if (directive.type === 'decide' && directive.isUnconfirmed) return { ...progress, reason };
  const { gateClosedSince: _since, foreignChange: _change, ...open } = progress;
  return {
    ...open,
    phase: 'holding',
    reason,
    confirmedGreenWeightPercent: progress.writtenGreenWeightPercent,
    confirmAttempts: 0,
    confirmedAt: now,
    holdUntil: instantAfter(now, directive.type === 'hold' ? directive.seconds : 0),
  };
}

export const handler = withStack(
  confirmTraffic({ ...world.journal(), observer: world.observer() }),
);
