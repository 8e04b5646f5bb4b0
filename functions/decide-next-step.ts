/** DecideNextStep: reads everything anew and asks the policy what comes next. */
import { decideNextStep as decide } from '../shared/core/decide-next-step.ts';
import type { StepDirective } from '../shared/core/directive.ts';
import { noteForeignChange } from '../shared/core/foreign-changes.ts';
import { noteRecovered } from '../shared/core/judge-alarms.ts';
import { toOrdered } from '../shared/core/order-rules.ts';
import { holdEndsAt } from '../shared/core/orders.ts';
import type { Progress } from '../shared/core/progress.ts';
import { judgeRevertReadiness } from '../shared/core/revert-readiness.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Situation } from '../shared/core/situation.ts';
import { countUnreadableAlarms } from '../shared/core/reasons-to-stop.ts';
import type { Observer } from '../shared/ports/estate.ts';
import { withStack } from './_handler.ts';
import { advance, type Journal, openDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment whose hold is over, or was ended early by a signal. */
export type DecideNextStepInput = TaskInput;

/** The journal and sight of everything that the policy weighs; it changes no traffic itself. */
export interface DecideNextStepPorts extends Journal {
  readonly observer: Observer;
}

const SCOPE = {
  alarms: true,
  alarmHistory: true,
  blue: true,
  green: true,
  routes: true,
  requests: true,
};

/** Makes the task. */
export const decideNextStep =
  (ports: DecideNextStepPorts) => async (input: DecideNextStepInput) => {
    const { now } = input;
    const record = await openDeployment(ports, input);
    const { plan, abort, orders } = record;
    const readings = await ports.observer.observe(plan, record.progress, SCOPE);
    const observation = { ...readings, at: now, abort, orders };
    const unreadableAlarms = countUnreadableAlarms({ progress: record.progress, observation });
    const progress = { ...record.progress, unreadableAlarms };
    const situation = { plan, progress, observation, now };
    const directive = decide(situation);
    const revertReadiness = judgeRevertReadiness(situation);
    await advance(ports, record, {
      state: 'DecideNextStep',
      now: lineTime(record.progress, directive, now),
      event: directive.type,
      progress: remember(
        { ...progress, ...noteRecovered(situation), revertReadiness },
        directive,
        situation,
      ),
      // What was asked for a moment ago is heard before anything that it could have prevented.
      condition: { isUnlessOrdered: directive.type === 'shift' || directive.type === 'retire' },
    });
    return { directive, revertReadiness };
  };

/** The same pause that is looked at over and over is one line, which stands where it began. */
function lineTime({ reason, foreignChange }: Progress, said: StepDirective, now: IsoInstant) {
  const isSaidAlready = said.type === 'pause' && said.foreignRouteId && said.reason === reason;
  return isSaidAlready && foreignChange ? foreignChange.since : now;
}

/** A gate counts as closed from the first time it kept a step from being taken. */
function remember(progress: Progress, directive: StepDirective, situation: Situation): Progress {
  const { now } = situation;
  const { gateClosedSince, foreignChange, ...open } = progress;
  const isClosed = directive.type === 'hold' && directive.isGateClosed === true;
  const holdUntil = holdEndsAt(toOrdered(situation));
  return {
    ...open,
    reason: directive.reason,
    phase: phaseAfter(directive, progress),
    ...(isClosed && { gateClosedSince: gateClosedSince ?? now }),
    // Before the first step there is no hold to begin anew; later ConfirmTraffic ends it.
    ...(foreignChange && progress.stepIndex >= 0 && { foreignChange }),
    ...(directive.type === 'pause' && noteForeignChange(progress, directive, now)),
    ...(holdUntil !== undefined && { holdUntil }),
    ...(directive.type === 'requestApproval' && {
      approval: requestFor(progress, directive.until, now),
    }),
  };
}

/** People see by the phase that somebody is waited for, and that it is over. */
function phaseAfter({ type }: StepDirective, { phase, stepIndex }: Progress): Progress['phase'] {
  if (type === 'pause') return 'paused';
  if (type === 'requestApproval') return 'awaitingApproval';
  // From here on no order is taken any more: blue goes.
  if (type === 'retire') return 'retiringBlue';
  if (phase !== 'paused' && phase !== 'awaitingApproval') return phase;
  return stepIndex < 0 ? 'awaitingGreen' : 'holding';
}

/** A request that was made already keeps its time. */
function requestFor({ approval, stepIndex }: Progress, until: IsoInstant, requestedAt: IsoInstant) {
  return approval?.stepIndex === stepIndex ? approval : { stepIndex, requestedAt, until };
}

export const handler = withStack(
  decideNextStep({ ...world.journal(), observer: world.observer() }),
);
