/**
 * Telling topics what happens to a group's instances.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-sns-notifications.html
 */
import type {
  DeleteNotificationConfigurationCommandInput,
  DescribeNotificationConfigurationsCommandInput,
  PutNotificationConfigurationCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { validationError } from './errors.ts';
import { emitActivity } from './events.ts';
import { pageOfGroupThings } from './paging.ts';
import { describeOperation, findGroup, groupOperation } from './store.ts';
import { uuid } from './uuid.ts';
import type { ActivityRecord } from './activities.ts';
import type { Engine } from './engine.ts';
import type { ActivityEvent } from './events.ts';
import type { GroupRecord } from './state.ts';

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html */
const TOPICS_PER_GROUP = 10;
const TEST = 'autoscaling:TEST_NOTIFICATION';
const TYPES = [
  'autoscaling:EC2_INSTANCE_LAUNCH',
  'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
  'autoscaling:EC2_INSTANCE_TERMINATE',
  'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
  TEST,
];

const TYPE_OF_EVENT: Readonly<Record<ActivityEvent, { type: string; verb: string }>> = {
  'EC2 Instance Launch Successful': { type: 'autoscaling:EC2_INSTANCE_LAUNCH', verb: 'launch' },
  'EC2 Instance Launch Unsuccessful': {
    type: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
    verb: 'failed launch',
  },
  'EC2 Instance Terminate Successful': {
    type: 'autoscaling:EC2_INSTANCE_TERMINATE',
    verb: 'termination',
  },
};

/** Put, describe and delete notification configurations. */
export function notificationOperations(engine: Engine) {
  const { groups } = engine;
  return {
    PutNotificationConfiguration: groupOperation(
      groups,
      'PutNotificationConfiguration',
      (group, input: PutNotificationConfigurationCommandInput) =>
        putConfiguration(engine, group, input),
    ),
    DeleteNotificationConfiguration: groupOperation(
      groups,
      'DeleteNotificationConfiguration',
      (group, input: DeleteNotificationConfigurationCommandInput) => {
        group.notifications.delete(input.TopicARN ?? '');
        return {};
      },
    ),
    DescribeNotificationConfigurations: describeOperation(
      'DescribeNotificationConfigurations',
      (input: DescribeNotificationConfigurationsCommandInput) => {
        const names = input.AutoScalingGroupNames ?? [];
        const owners =
          names.length === 0 ? [...groups.values()] : names.map((name) => findGroup(groups, name));
        const page = pageOfGroupThings(owners.flatMap(describeGroup), input);
        return { NotificationConfigurations: page.items, NextToken: page.nextToken };
      },
    ),
    DescribeAutoScalingNotificationTypes: describeOperation(
      'DescribeAutoScalingNotificationTypes',
      () => ({ AutoScalingNotificationTypes: [...TYPES] }),
    ),
  };
}

/** Reports the end of an activity: to EventBridge always, to topics that asked for it. */
export function reportActivity(
  engine: Engine,
  group: GroupRecord,
  event: ActivityEvent,
  activity: ActivityRecord,
  place: 'AutoScalingGroup' | 'WarmPool' = 'AutoScalingGroup',
): void {
  emitActivity(engine.kernel, event, activity, place);
  const { type, verb } = TYPE_OF_EVENT[event];
  for (const [topicArn, types] of group.notifications) {
    if (!types.has(type)) continue;
    const notice = {
      subject: `Auto Scaling: ${verb} for group "${group.name}"`,
      message: JSON.stringify(messageOf(engine, group, { type, activity })),
    };
    const failure = attemptToNotify(engine, topicArn, notice);
    if (failure) engine.kernel.log(`auto-scaling: ${group.name}: ${failure.message}`);
  }
}

/** Publishes; what the topic's service refused, or undefined. */
export function attemptToNotify(
  engine: Engine,
  topicArn: string,
  notice: { readonly subject: string; readonly message: string },
): AwsError | undefined {
  try {
    engine.notify(topicArn, notice);
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
}

/** One row for each topic and type, as AWS lists them. */
function describeGroup(group: GroupRecord) {
  return [...group.notifications].flatMap(([TopicARN, types]) =>
    [...types].map((NotificationType) => ({
      AutoScalingGroupName: group.name,
      TopicARN,
      NotificationType,
    })),
  );
}

/** What was there for the topic is replaced; a test message must reach it first. */
function putConfiguration(
  engine: Engine,
  group: GroupRecord,
  input: PutNotificationConfigurationCommandInput,
): object {
  const { TopicARN: topicArn = '', NotificationTypes: types = [] } = input;
  const unknown = types.find((type) => !TYPES.includes(type));
  if (unknown !== undefined || types.length === 0) {
    throw validationError(`"${unknown ?? ''}" is not a valid Notification Type.`);
  }
  if (!group.notifications.has(topicArn) && group.notifications.size >= TOPICS_PER_GROUP) {
    throw new AwsError(
      'LimitExceeded',
      `The group ${group.name} cannot notify more than ${TOPICS_PER_GROUP} topics.`,
    );
  }
  const failure = attemptToNotify(engine, topicArn, {
    subject: `Auto Scaling: test notification for group "${group.name}"`,
    message: JSON.stringify(messageOf(engine, group, { type: TEST })),
  });
  if (failure) {
    throw validationError(
      `Unable to publish test message to notification target ${topicArn}: ${failure.message}. ` +
        'Please check your target and try to put notification configuration again.',
    );
  }
  group.notifications.set(topicArn, new Set(types));
  return {};
}

function messageOf(
  { kernel }: Engine,
  group: GroupRecord,
  { type, activity }: { type: string; activity?: ActivityRecord },
) {
  const common = {
    AccountId: ACCOUNT_ID,
    RequestId: activity?.id ?? uuid(kernel),
    AutoScalingGroupARN: group.arn,
    AutoScalingGroupName: group.name,
    Service: 'AWS Auto Scaling',
    Event: type,
    Time: new Date(kernel.clock.now()).toISOString(),
  };
  if (!activity) return common;
  return {
    ...common,
    ActivityId: activity.id,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt).toISOString(),
    EndTime: new Date(activity.endedAt ?? activity.startedAt).toISOString(),
    StatusCode: activity.statusCode === 'Failed' ? 'Failed' : 'InProgress',
    StatusMessage: activity.statusMessage ?? '',
    Progress: 50,
    EC2InstanceId: activity.instanceId ?? '',
    Details: activity.details,
  };
}
