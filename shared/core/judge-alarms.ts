/**
 * What the alarms say about green, each on its own terms.
 * Not for: what follows from it (see `reasons-to-stop.ts` and `gates.ts`).
 */
import { isLeftOut, isTrusted } from './alarm-terms.ts';
import type { AlarmReading, AlarmTransition } from './observation.ts';
import type { Plan } from './plan.ts';
import type { PlannedAlarm } from './plan-alarms.ts';
import type { Progress } from './progress.ts';
import type { Situation } from './situation.ts';
import { secondsBetween } from './units.ts';

/** What one alarm says: `silent` has no data and may have none, `inconclusive` has to be waited for. */
export interface AlarmVerdict {
  readonly type: 'fail' | 'inconclusive' | 'silent' | 'pass';
  /** One past-tense sentence; empty where there is nothing to say. */
  readonly reason: string;
}

/** The verdict of every alarm that was read, in the order of the plan; none while unreadable. */
export function judgeAlarms(situation: Situation): readonly AlarmVerdict[] {
  const { alarms } = situation.observation;
  return alarms.type === 'read' ? alarms.alarms.map((alarm) => judge(alarm, situation)) : [];
}

/**
 * From when on an alarm's transitions count: for one that has to recover first, from the start of
 * the deployment; for all others, from when the weight of this step was confirmed. Undefined while
 * green has no traffic, because until then no transition is green's doing.
 */
export function transitionsCountFrom(
  plan: Plan,
  progress: Progress,
  alarmName: string,
): string | undefined {
  if (progress.confirmedAt === undefined) return undefined;
  return isArmed(plan, progress, alarmName) ? progress.confirmedAt : plan.createdAt;
}

/**
 * Says whether an alarm counts already. One that was in ALARM when the deployment began, and has to
 * recover first, does so only after it was seen OK.
 */
export function isArmed(plan: Plan, progress: Progress, alarmName: string): boolean {
  const planned = findPlanned(plan, alarmName);
  if (planned?.whenRed !== 'armWhenRecovered' || planned.atStart?.state !== 'ALARM') return true;
  return progress.recoveredAlarms?.includes(alarmName) ?? false;
}

/** The alarms that were red at the start and have been seen OK by now, as progress keeps them. */
export function noteRecovered({
  plan,
  progress,
  observation,
}: Pick<Situation, 'plan' | 'progress' | 'observation'>): Pick<Progress, 'recoveredAlarms'> {
  const readings = observation.alarms.type === 'read' ? observation.alarms.alarms : [];
  const recovered = readings
    .filter((alarm) => !isArmed(plan, progress, alarm.alarmName) && isTrusted(alarm))
    .filter((alarm) => {
      const planned = findPlanned(plan, alarm.alarmName);
      return statesOf(alarm).some((state) => isAsGoodAsOk(state, planned));
    })
    .map(({ alarmName }) => alarmName);
  const recoveredAlarms = [...(progress.recoveredAlarms ?? []), ...recovered];
  return recoveredAlarms.length > 0 ? { recoveredAlarms } : {};
}

/** An ALARM counts even while its evaluation is broken; anything else is then not believed. */
function judge(alarm: AlarmReading, situation: Situation): AlarmVerdict {
  const { plan } = situation;
  const { alarmName, state, stateReason, evaluationState } = alarm;
  const planned = findPlanned(plan, alarmName);
  if (isLeftOut(planned, planned?.atStart)) return PASS;
  if (state === 'absent') {
    return fail(`Alarm ${alarmName} was deleted while the deployment watched it.`);
  }
  const raised = findRaised(alarm, situation);
  if (raised && state === 'ALARM') {
    return fail(`Alarm ${alarmName} went into ALARM${stateReason ? `: ${stateReason}` : '.'}`);
  }
  if (raised) {
    const because = raised.reason ? `: ${raised.reason}` : '.';
    return fail(
      `Alarm ${alarmName} went into ALARM at ${raised.at} and cleared unnoticed${because}`,
    );
  }
  if (!isTrusted(alarm)) {
    const because = stateReason ? `: ${stateReason}` : '.';
    return {
      type: 'inconclusive',
      reason: `Alarm ${alarmName} could not be trusted, because CloudWatch said ${evaluationState}${because}`,
    };
  }
  return state === 'INSUFFICIENT_DATA' ? judgeMissingData(alarm, planned, situation) : PASS;
}

/**
 * The ALARM that counts: the one it is in, or one that came and went since this step's weight was
 * confirmed. An alarm that has to recover first counts from its first OK.
 */
function findRaised(alarm: AlarmReading, situation: Situation): AlarmTransition | undefined {
  const { plan, progress, now } = situation;
  const { confirmedAt } = progress;
  const planned = findPlanned(plan, alarm.alarmName);
  let armed = isArmed(plan, progress, alarm.alarmName);
  for (const transition of alarm.transitions ?? []) {
    const isThisStep = confirmedAt !== undefined && secondsBetween(confirmedAt, transition.at) >= 0;
    if (armed && isThisStep && transition.to === 'ALARM') return transition;
    armed ||= isAsGoodAsOk(transition.to, planned);
  }
  return armed && alarm.state === 'ALARM' ? { at: alarm.since ?? now, to: 'ALARM' } : undefined;
}

/**
 * Without data, `breaching` waits for as long as the alarm takes to see what this step's weight did,
 * unless the data ended under that weight: then CloudWatch has waited already.
 */
function judgeMissingData(
  { alarmName, since }: AlarmReading,
  planned: PlannedAlarm | undefined,
  { progress, now }: Situation,
): AlarmVerdict {
  const missingData = planned?.missingData ?? 'missing';
  if (missingData === 'missing')
    return { type: 'silent', reason: `Alarm ${alarmName} had no data.` };
  const { confirmedAt, confirmedGreenWeightPercent: weight } = progress;
  if (missingData !== 'breaching' || confirmedAt === undefined || weight === 0) return PASS;
  const hasEnded = since !== undefined && secondsBetween(confirmedAt, since) > 0;
  const seconds = secondsBetween(confirmedAt, now);
  if (!hasEnded && seconds < (planned?.secondsToSee ?? 0)) return PASS;
  return fail(
    `Alarm ${alarmName} had no data ${Math.floor(seconds)} s after green was given ${weight} %, which counts as breaching.`,
  );
}

function isAsGoodAsOk(state: AlarmReading['state'], planned: PlannedAlarm | undefined): boolean {
  return (
    state === 'OK' || (state === 'INSUFFICIENT_DATA' && planned?.missingData === 'notBreaching')
  );
}

function statesOf({ state, transitions = [] }: AlarmReading): readonly AlarmReading['state'][] {
  return [...transitions.map(({ to }) => to), state];
}

function findPlanned({ watchedAlarms }: Plan, name: string): PlannedAlarm | undefined {
  return watchedAlarms?.find(({ alarmName }) => alarmName === name);
}

const PASS: AlarmVerdict = { type: 'pass', reason: '' };

function fail(reason: string): AlarmVerdict {
  return { type: 'fail', reason };
}
