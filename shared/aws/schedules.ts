/**
 * Scheduled actions: how they are read, and the sizes that they leave behind when they were at rest.
 * Not for: copying them to green; see `clone/schedules.ts`.
 */
import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-auto-scaling';
import { makeUpFor, type ScheduleReading, type Sizes } from '../core/missed-schedules.ts';
import type { Plan } from '../core/plan.ts';
import type { IsoInstant } from '../core/units.ts';
import { call } from './call.ts';
import { readPages } from './pages.ts';

/** The process that carries scheduled actions out. */
const SCHEDULES = 'ScheduledActions';

/** The scheduled actions of a group. @throws AwsUnavailable, AwsRefused */
export async function readSchedules(
  client: AutoScalingClient,
  autoScalingGroupName: string,
): Promise<readonly ScheduleReading[]> {
  const actions = await readPages(async (NextToken) => {
    const command = new DescribeScheduledActionsCommand({
      AutoScalingGroupName: autoScalingGroupName,
      NextToken,
    });
    const output = await call('DescribeScheduledActions', autoScalingGroupName, () =>
      client.send(command),
    );
    return { items: output.ScheduledUpdateGroupActions, next: output.NextToken };
  });
  return actions.map((action) => ({
    name: action.ScheduledActionName ?? '',
    ...(action.StartTime && { startTime: action.StartTime.toISOString() }),
    ...(action.EndTime && { endTime: action.EndTime.toISOString() }),
    ...(action.Recurrence !== undefined && { recurrence: action.Recurrence }),
    ...(action.TimeZone !== undefined && { timeZone: action.TimeZone }),
    ...(action.MinSize !== undefined && { minSize: action.MinSize }),
    ...(action.MaxSize !== undefined && { maxSize: action.MaxSize }),
    ...(action.DesiredCapacity !== undefined && { desiredCapacity: action.DesiredCapacity }),
  }));
}

/**
 * The sizes with which a group comes out of a deployment: `before`, and what the schedules that the
 * deployment laid to rest would have made of them. Where they act again already, because a task is
 * repeated, the desired capacity is no longer the deployment's to set.
 */
export function sizesAfterRest(
  before: Sizes,
  group: AutoScalingGroup,
  rest: { readonly plan: Plan; readonly resting: readonly string[]; readonly now: IsoInstant },
): Sizes {
  const { plan, resting, now } = rest;
  const { schedules = [], suspendedProcesses } = plan.blue;
  if (suspendedProcesses.includes(SCHEDULES)) return before;
  const made = makeUpFor(schedules, before, { since: plan.createdAt, now });
  if (!made || resting.includes(SCHEDULES)) return made ?? before;
  const { minSize, maxSize } = made;
  const { DesiredCapacity = made.desiredCapacity } = group;
  return {
    minSize,
    maxSize,
    desiredCapacity: Math.min(maxSize, Math.max(minSize, DesiredCapacity)),
  };
}
