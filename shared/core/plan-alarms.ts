/**
 * The alarms of a plan: as they stood at the start, on what terms they count, and which are copied
 * for green.
 */
import { complainAboutHolds, secondsToSee, warnAboutHolds } from './alarm-sight.ts';
import { type AlarmTerms, isLeftOut, isTrusted, toAlarmTerms } from './alarm-terms.ts';
import type { Estate, FoundAlarm } from './estate.ts';
import { mirroredAlarmName } from './names.ts';
import type { AlarmReading } from './observation.ts';
import type { Step } from './plan.ts';
import type { DeploymentSpec } from './spec.ts';
import type { Seconds } from './units.ts';

/** One watched alarm as the plan has it. */
export interface PlannedAlarm {
  readonly alarmName: string;
  readonly whenRed: AlarmTerms['whenRed'];
  readonly missingData: AlarmTerms['missingData'];
  /** Blue's alarm of which this one is a copy with green's name in it; absent for all others. */
  readonly mirrorOf?: string;
  /** Seconds until it has seen what began; absent where CloudWatch does not say. */
  readonly secondsToSee?: Seconds;
  /** As it was when the deployment began; absent for a copy, which was not there yet. */
  readonly atStart?: AlarmReading;
}

/** Why alarms that were red already do not stop a deployment, and who said so. */
export interface FixForward {
  readonly by: string;
  readonly reason: string;
}

/** The part of a plan that is about alarms. */
export interface AlarmPlan {
  /** Names of all alarms that are watched, copies included. */
  readonly alarms: readonly string[];
  /** Absent in plans of before there were terms: every alarm in ALARM then rolls back. */
  readonly watchedAlarms?: readonly PlannedAlarm[];
  /** Absent unless alarms that were red already were asked to be let through. */
  readonly fixForward?: FixForward;
}

/** Plans the alarms; what stands in the way is `complainAboutAlarms`'s to say. */
export function planAlarms(
  { alarms, fixForward, requestedBy }: DeploymentSpec,
  estate: Pick<Estate, 'alarms'>,
  greenGroupName: string,
): AlarmPlan {
  const by = requestedBy ?? '';
  const watchedAlarms = alarms.flatMap((wish) => {
    const terms = toAlarmTerms(wish);
    const found = findAlarm(estate, terms.name);
    return planAlarm(terms, found, { greenGroupName, isFixForward: fixForward !== undefined });
  });
  return {
    alarms: watchedAlarms.map(({ alarmName }) => alarmName),
    watchedAlarms,
    ...(fixForward && { fixForward: { by, reason: fixForward.reason } }),
  };
}

/** The alarm itself, and its copy for green where one is wanted. */
function planAlarm(
  { name: alarmName, whenRed, missingData, mirror }: AlarmTerms,
  found: FoundAlarm | undefined,
  context: { readonly greenGroupName: string; readonly isFixForward: boolean },
): readonly PlannedAlarm[] {
  const {
    windowSeconds,
    namesBlueAs,
    type: _type,
    ...atStart
  } = found ?? { alarmName, state: 'absent' };
  const seconds = secondsToSee({ windowSeconds });
  const sight = seconds === undefined ? {} : { secondsToSee: seconds };
  const isMirrored = mirror === true && namesBlueAs !== undefined;
  const isLetThrough = context.isFixForward && whenRed === 'block' && atStart.state === 'ALARM';
  const original: PlannedAlarm = {
    alarmName,
    whenRed: isLetThrough ? 'armWhenRecovered' : whenRed,
    // Blue's own metric ends when green takes over, and the copy speaks from then on.
    missingData: isMirrored ? 'ignore' : missingData,
    ...sight,
    atStart,
  };
  if (!isMirrored) return [original];
  const copy: PlannedAlarm = {
    alarmName: mirroredAlarmName(context.greenGroupName, alarmName),
    whenRed: 'block',
    missingData,
    mirrorOf: alarmName,
    ...sight,
  };
  return [original, copy];
}

/** Why the alarms do not allow a deployment, each with what to do about it. */
export function complainAboutAlarms(
  spec: DeploymentSpec,
  estate: Pick<Estate, 'alarms'>,
  steps: readonly Step[],
): readonly string[] {
  const complaints = spec.alarms.flatMap((wish) => {
    const terms = toAlarmTerms(wish);
    return complainAboutAlarm(terms, findAlarm(estate, terms.name), spec.fixForward !== undefined);
  });
  return [...complaints, ...complainAboutHolds(spec, steps, estate.alarms)];
}

function complainAboutAlarm(
  { name, whenRed, mirror }: AlarmTerms,
  found: FoundAlarm | undefined,
  isFixForward: boolean,
): readonly string[] {
  if (!found || found.state === 'absent') {
    return [`CloudWatch knows no alarm ${name}; create it or take it out of the list.`];
  }
  const because = found.stateReason ? ` (${found.stateReason})` : '';
  const complaints: string[] = [];
  if (whenRed !== 'ignore' && found.evaluationState !== undefined) {
    complaints.push(
      `Alarm ${name} cannot be trusted, because CloudWatch says ${found.evaluationState}${because}; mend it first.`,
    );
  }
  if (whenRed === 'block' && found.state === 'ALARM' && !isFixForward) {
    complaints.push(
      `Alarm ${name} is already in ALARM${because}; clear it first, or give fixForward with a reason if this version is the cure.`,
    );
  }
  if (mirror && found.type !== undefined && found.type !== 'metric') {
    complaints.push(
      `Alarm ${name} is a ${found.type} alarm, of which no copy for green can be made; take mirror away.`,
    );
  }
  return complaints;
}

/** What to know about the alarms of a deployment that may begin. */
export function warnAboutAlarms(
  spec: DeploymentSpec,
  estate: Pick<Estate, 'alarms'>,
  steps: readonly Step[],
): readonly string[] {
  const warnings = spec.alarms.flatMap((wish) => {
    const terms = toAlarmTerms(wish);
    const found = findAlarm(estate, terms.name);
    return found ? warnAboutAlarm(terms, found) : [];
  });
  const { fixForward, requestedBy } = spec;
  return [
    ...(fixForward
      ? [`${requestedBy} let alarms be red that were so already: ${fixForward.reason}.`]
      : []),
    ...warnings,
    ...warnAboutHolds(spec, steps, estate.alarms),
  ];
}

function warnAboutAlarm(terms: AlarmTerms, found: FoundAlarm): readonly string[] {
  const { name, mirror } = terms;
  const warnings: string[] = [];
  if (isLeftOut(terms, found)) {
    const state = isTrusted(found) ? found.state : found.evaluationState;
    warnings.push(`Alarm ${name} was ${state} before anything began and had no say.`);
  } else if (found.state === 'ALARM') {
    warnings.push(`Alarm ${name} was already in ALARM and counted once it had been seen OK.`);
  }
  if (found.namesBlueAs !== undefined && !mirror) {
    warnings.push(
      `Alarm ${name} watches ${found.namesBlueAs}, so it goes blind when green takes over; give it mirror, or have it watch the load balancer.`,
    );
  }
  if (found.namesBlueAs === undefined && mirror) {
    warnings.push(`Alarm ${name} does not name blue, so there was nothing to mirror.`);
  }
  return warnings;
}

function findAlarm({ alarms }: Pick<Estate, 'alarms'>, name: string): FoundAlarm | undefined {
  return alarms.find(({ alarmName }) => alarmName === name);
}
