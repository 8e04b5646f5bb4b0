/**
 * The reasons for which a deployment stops whatever it is doing, in the order in which they count.
 * Every deciding state before retirement asks these first.
 */
import type { RollBackDirective } from './directive.ts';
import { judgeAlarms } from './judge-alarms.ts';
import type { Rule, Situation } from './situation.ts';

/**
 * Times in a row that the alarms may be unreadable before the deployment counts as blind. With
 * the longest backoff between two readings that is about three minutes.
 */
export const UNREADABLE_ALARMS_MAX = 5;

/** An operator asked to stop. */
const abortIsAsked: Rule<RollBackDirective> = ({ observation: { abort } }) =>
  abort && { type: 'rollBack', reason: `${abort.by} asked to abort: ${abort.reason}` };

/** An alarm speaks against green on its own terms, or was deleted: what is not seen is not healthy. */
const alarmSpeaksAgainstGreen: Rule<RollBackDirective> = (situation) => {
  const failed = judgeAlarms(situation).find(({ type }) => type === 'fail');
  return failed && { type: 'rollBack', reason: failed.reason };
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
  alarmSpeaksAgainstGreen,
  alarmsAreUnreadable,
];

/** How many times in a row the alarms were unreadable, this observation included. */
export function countUnreadableAlarms({
  progress,
  observation,
}: Pick<Situation, 'progress' | 'observation'>): number {
  return observation.alarms.type === 'unreadable' ? progress.unreadableAlarms + 1 : 0;
}
