/**
 * Scaling activities: what a group did, why, and how it ended. They outlive their group.
 */
import type {
  Activity,
  DescribeScalingActivitiesCommandInput,
  ScalingActivityStatusCode,
} from '@aws-sdk/client-auto-scaling';
import { pageOfGroupThings } from './paging.ts';
import { uuid } from './uuid.ts';
import type { Kernel } from '../../kernel/kernel.ts';

/** Six weeks. @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
const MEMORY_MILLISECONDS = 42 * 24 * 3_600_000;
const STATUS_MESSAGE_LENGTH = 255;
const CAUSE_LENGTH = 1023;

/** Kept at most, the newest: a group that fails for weeks must not fill the memory. */
const ACTIVITY_LIMIT = 10_000;

/** One activity; times are epoch milliseconds of region time. */
export interface ActivityRecord {
  readonly id: string;
  readonly groupName: string;
  readonly groupArn: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: number;
  /** Subnet and zone, by AWS's names for them. */
  readonly details: Readonly<Record<string, string>>;
  readonly instanceId?: string;
  endedAt?: number;
  statusCode: ScalingActivityStatusCode;
  statusMessage?: string;
  /** Percent. */
  progress: number;
}

/** Keeps activities for six weeks, which is how long AWS describes them. */
export interface ActivityLog {
  start(activity: {
    group: { readonly name: string; readonly arn: string };
    description: string;
    cause: string;
    details: Readonly<Record<string, string>>;
    statusCode: ScalingActivityStatusCode;
    progress: number;
    instanceId?: string;
  }): ActivityRecord;
  end(
    activity: ActivityRecord,
    statusCode: 'Successful' | 'Failed' | 'Cancelled',
    statusMessage?: string,
  ): void;
  /** Whether anything is in progress in a group. */
  isBusy(groupArn: string): boolean;
  describe(
    input: DescribeScalingActivitiesCommandInput,
    groupExists: (groupArn: string) => boolean,
  ): { Activities: Activity[]; NextToken?: string | undefined };
}

/** A log without activities. */
export function createActivityLog(kernel: Kernel): ActivityLog {
  let activities: ActivityRecord[] = [];
  return {
    start: ({ group, cause, ...rest }) => {
      const now = kernel.clock.now();
      const activity: ActivityRecord = {
        id: uuid(kernel),
        groupName: group.name,
        groupArn: group.arn,
        cause: cause.slice(0, CAUSE_LENGTH),
        startedAt: now,
        ...rest,
      };
      const oldest = activities[0];
      const isFull = activities.length >= ACTIVITY_LIMIT;
      if (isFull || (oldest && oldest.startedAt < now - MEMORY_MILLISECONDS)) {
        activities = activities.slice(1);
      }
      activities.push(activity);
      return activity;
    },
    end: (activity, statusCode, statusMessage) => {
      activity.statusCode = statusCode;
      activity.endedAt = kernel.clock.now();
      activity.progress = 100;
      if (statusMessage) activity.statusMessage = statusMessage.slice(0, STATUS_MESSAGE_LENGTH);
    },
    isBusy: (groupArn) =>
      activities.some(
        (activity) => activity.groupArn === groupArn && activity.endedAt === undefined,
      ),
    describe: (input, groupExists) => {
      const chosen = activities
        .filter((activity) => isWanted(activity, input, groupExists(activity.groupArn)))
        .toReversed();
      const running = chosen.filter((activity) => activity.endedAt === undefined);
      const ended = chosen.filter((activity) => activity.endedAt !== undefined);
      const page = pageOfGroupThings([...running, ...ended], input, { default: 100, max: 100 });
      return {
        Activities: page.items.map((activity) =>
          describeActivity(activity, groupExists(activity.groupArn)),
        ),
        NextToken: page.nextToken,
      };
    },
  };
}

function isWanted(
  activity: ActivityRecord,
  input: DescribeScalingActivitiesCommandInput,
  groupExists: boolean,
): boolean {
  const { AutoScalingGroupName: name, ActivityIds: ids } = input;
  if (!groupExists && !input.IncludeDeletedGroups) return false;
  if (name !== undefined && activity.groupName !== name && activity.groupArn !== name) return false;
  if (ids?.length && !ids.includes(activity.id)) return false;
  return (input.Filters ?? []).every((filter) => passesFilter(activity, filter));
}

function passesFilter(
  activity: ActivityRecord,
  filter: { Name?: string | undefined; Values?: string[] | undefined },
): boolean {
  const values = filter.Values ?? [];
  const tests: Readonly<Record<string, () => boolean>> = {
    StartTimeLowerBound: () =>
      values.every((value) => activity.startedAt >= new Date(value).getTime()),
    StartTimeUpperBound: () =>
      values.every((value) => activity.startedAt <= new Date(value).getTime()),
    Status: () => values.includes(activity.statusCode),
  };
  return tests[filter.Name ?? '']?.() ?? false;
}

/** An activity as the API answers it. */
export function describeActivity(activity: ActivityRecord, groupExists: boolean): Activity {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    ...(!groupExists && { AutoScalingGroupState: 'Deleted' }),
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt),
    ...(activity.endedAt !== undefined && { EndTime: new Date(activity.endedAt) }),
    StatusCode: activity.statusCode,
    ...(activity.statusMessage !== undefined && { StatusMessage: activity.statusMessage }),
    Progress: activity.progress,
    Details: JSON.stringify(activity.details),
  };
}

/** A moment as causes write it: without milliseconds. */
export function causeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
