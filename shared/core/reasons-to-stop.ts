/**
 * The reasons for which a deployment stops whatever it is doing, in the order in which they count.
 * Every deciding state before retirement asks these first.
 */
import type { RollBackDirective } from './directive.ts';
import type { AlarmReading } from './observation.ts';
import type { Rule, Situation } from './situation.ts';

/**
 * Times in a row that the alarms may be unreadable before the deployment counts as blind. With
 * the longest backoff between two readings that is about three minutes.
 */
export const UNREADABLE_ALARMS_MAX = 5;

/** An operator asked to stop. */
const abortIsAsked: Rule<RollBackDirective> = ({ observation: { abort } }) =>
  abort && { type: 'rollBack', reason: `${abort.by} asked to abort: ${abort.reason}` };

/** A watched alarm went off. */
const alarmIsRaised: Rule<RollBackDirective> = ({ observation: { alarms } }) => {
  if (alarms.type !== 'read') return undefined;
  const raised = alarms.alarms.find(({ state }) => state === 'ALARM');
  return raised && { type: 'rollBack', reason: describeRaisedAlarm(raised) };
};

/** A watched alarm was deleted: what cannot be seen is not taken for healthy. */
const alarmIsGone: Rule<RollBackDirective> = ({ observation: { alarms } }) => {
  if (alarms.type !== 'read') return undefined;
  const gone = alarms.alarms.find(({ state }) => state === 'absent');
  return (
    gone && {
      type: 'rollBack',
      reason: `Alarm ${gone.alarmName} was deleted while the deployment watched it.`,
    }
  );
};

/** The alarms could not be read for too long. */
const alarmsAreUnreadable: Rule<RollBackDirective> = ({ observation: { alarms }, progress }) => {
  if (alarms.type !== 'unreadable') return undefined;
  if (progress.unreadableAlarms < UNREADABLE_ALARMS_MAX) return undefined;
  return {
    type: 'rollBack',
    reason: `The alarms could not be read ${progress.unreadableAlarms} times in a row: ${alarms.because}`,
  };
};

/** Rules in order of weight. */
export const reasonsToStop: readonly Rule<RollBackDirective>[] = [
  abortIsAsked,
  alarmIsRaised,
  alarmIsGone,
  alarmsAreUnreadable,
];

/** How many times in a row the alarms were unreadable, this observation included. */
export function countUnreadableAlarms({
  progress,
  observation,
}: Pick<Situation, 'progress' | 'observation'>): number {
  return observation.alarms.type === 'unreadable' ? progress.unreadableAlarms + 1 : 0;
}

function describeRaisedAlarm({ alarmName, stateReason }: AlarmReading): string {
  return `Alarm ${alarmName} went into ALARM${stateReason ? `: ${stateReason}` : '.'}`;
}
