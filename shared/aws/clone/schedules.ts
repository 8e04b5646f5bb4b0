/**
 * Green's scheduled actions as copies of blue's.
 * Not for: calling AWS, nor keeping schedules at rest.
 */
import type {
  PutScheduledUpdateGroupActionCommandInput,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import { SCHEDULE_MEMBERS } from '../../core/clone/group-ledgers.ts';
import type { IsoInstant } from '../../core/units.ts';
import { copyMembers, hasWanted } from './members.ts';

/**
 * The request that makes green's action; undefined for one that is over. AWS refuses a time that
 * has passed, and finds the next one of a recurring action itself.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html
 */
export function toGreenSchedule(
  blue: ScheduledUpdateGroupAction,
  greenGroupName: string,
  now: IsoInstant,
): PutScheduledUpdateGroupActionCommandInput | undefined {
  const { StartTime, EndTime, Recurrence } = blue;
  const isPast = (time: Date | undefined) =>
    time !== undefined && time.getTime() <= Date.parse(now);
  if (isPast(EndTime) || (!Recurrence && isPast(StartTime))) return undefined;
  return {
    ...copyMembers(SCHEDULE_MEMBERS, blue),
    ScheduledActionName: blue.ScheduledActionName,
    AutoScalingGroupName: greenGroupName,
    ...(StartTime && !isPast(StartTime) && { StartTime }),
  };
}

/** Says whether an action is there already as it is wanted. */
export function isScheduleAs(
  wanted: PutScheduledUpdateGroupActionCommandInput,
  found: ScheduledUpdateGroupAction | undefined,
): boolean {
  return found !== undefined && hasWanted(comparable(wanted), comparable(found));
}

/** AWS moves the start of a recurring action to its next time, so that it says nothing. */
export function comparable<Action extends ScheduledUpdateGroupAction>(action: Action) {
  const { StartTime, ...rest } = action;
  return action.Recurrence || !StartTime ? rest : { ...rest, StartTime };
}
