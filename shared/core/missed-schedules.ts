/**
 * What scheduled actions would have done while they were at rest. AWS does not make up for them:
 * an action whose time passes while its process is suspended is not carried out, and an action
 * that was to run once is gone.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
import { lastRun } from './recurrence.ts';
import type { IsoInstant } from './units.ts';

/** The sizes that an action sets; absent ones stay as they are. */
export interface ScheduledSizes {
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly desiredCapacity?: number;
}

/** One scheduled action, as it was before the deployment. */
export interface ScheduleReading extends ScheduledSizes {
  readonly name: string;
  /** When it runs next; of a recurring action whose beginning is still to come, that. */
  readonly startTime?: IsoInstant;
  /** Absent means that it recurs for ever. */
  readonly endTime?: IsoInstant;
  /** Cron expression of five fields; absent for an action that runs once. */
  readonly recurrence?: string;
  /** Name of the IANA database; absent means UTC. */
  readonly timeZone?: string;
}

/** All three sizes of a group. */
export type Sizes = Required<ScheduledSizes>;

/**
 * The sizes that a group would have by its schedules alone, had they not been at rest: each action
 * that came due is carried out once, at the last of its times, in the order of these times. An
 * action that contradicts the sizes so far is passed over, as AWS refuses it.
 * @param rest when the schedules began to rest, and now
 * @returns undefined when nothing came due
 */
export function makeUpFor(
  schedules: readonly ScheduleReading[],
  sizes: Sizes,
  rest: { readonly since: IsoInstant; readonly now: IsoInstant },
): Sizes | undefined {
  const due = schedules
    .map((schedule) => ({ schedule, at: lastTime(schedule, rest.since, rest.now) }))
    .flatMap(({ schedule, at }) => (at === undefined ? [] : [{ schedule, at }]))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  if (due.length === 0) return undefined;
  return due.reduce((so, { schedule }) => applyTo(so, schedule) ?? so, sizes);
}

/** Instants are all written alike, so that their texts compare as they do. */
function lastTime(
  { recurrence, startTime, endTime, timeZone }: ScheduleReading,
  since: IsoInstant,
  now: IsoInstant,
): IsoInstant | undefined {
  if (recurrence === undefined) {
    return startTime !== undefined && startTime > since && startTime <= now ? startTime : undefined;
  }
  const until = endTime !== undefined && endTime < now ? endTime : now;
  const zone = timeZone === undefined ? {} : { timeZone };
  const at = lastRun({ recurrence, ...zone }, since, until);
  return at !== undefined && (startTime === undefined || at >= startTime) ? at : undefined;
}

/**
 * What AWS makes of the three sizes when some are set: bounds push the desired capacity.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
 */
function applyTo(sizes: Sizes, action: ScheduledSizes): Sizes | undefined {
  const { minSize = sizes.minSize, maxSize = sizes.maxSize } = action;
  if (minSize > maxSize) return undefined;
  const asked = action.desiredCapacity;
  if (asked !== undefined && (asked < minSize || asked > maxSize)) return undefined;
  const desiredCapacity = Math.min(maxSize, Math.max(minSize, asked ?? sizes.desiredCapacity));
  return { minSize, maxSize, desiredCapacity };
}
