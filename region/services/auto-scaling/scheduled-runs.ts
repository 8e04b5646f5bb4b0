/**
 * Carrying out scheduled actions when their time comes.
 * Not for: the operations on them; see `scheduled-actions.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html
 */
import type { ScheduledUpdateGroupAction } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { causeTime } from './activities.ts';
import { noteChange } from './desired.ts';
import { readRecurrence } from './recurrence.ts';
import { updatedSizes } from './sizes.ts';
import { isSuspended } from './state.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

/** Carries out what is due. While `ScheduledActions` is suspended, what is due is lost. */
export function runScheduledActions(engine: Engine, group: GroupRecord): void {
  const now = engine.kernel.clock.now();
  for (const [name, action] of group.scheduledActions) {
    const at = action.StartTime?.getTime();
    if (at === undefined || at > now) continue;
    if (!isSuspended(group, 'ScheduledActions')) carryOut(engine, group, action);
    const next = nextRun(action, now);
    if (next) group.scheduledActions.set(name, next);
    else group.scheduledActions.delete(name);
  }
}

/** The same action with its next time; undefined when it never runs again. */
function nextRun(
  action: ScheduledUpdateGroupAction,
  now: number,
): ScheduledUpdateGroupAction | undefined {
  if (action.Recurrence === undefined) return undefined;
  const at = readRecurrence(action.Recurrence, action.TimeZone)?.(now);
  if (at === undefined || at > (action.EndTime?.getTime() ?? Infinity)) return undefined;
  return { ...action, StartTime: new Date(at), Time: new Date(at) };
}

function carryOut(engine: Engine, group: GroupRecord, action: ScheduledUpdateGroupAction): void {
  const { settings } = group;
  const before = settings.DesiredCapacity;
  try {
    Object.assign(settings, updatedSizes(settings, action));
  } catch (error) {
    // Sizes that fitted when the action was put may contradict the group's by now.
    if (!(error instanceof AwsError)) throw error;
    const name = action.ScheduledActionName;
    engine.kernel.log(`auto-scaling: ${group.name}: scheduled action ${name}: ${error.message}`);
    return;
  }
  const { MinSize, MaxSize, DesiredCapacity } = settings;
  if (DesiredCapacity === before) return;
  noteChange(
    engine,
    group,
    `At ${causeTime(engine.kernel.clock.now())} a scheduled action update of AutoScalingGroup ` +
      `constraints to min: ${MinSize}, max: ${MaxSize}, desired: ${DesiredCapacity} changing the ` +
      `desired capacity from ${before} to ${DesiredCapacity}.`,
  );
}
