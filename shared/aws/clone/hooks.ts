/**
 * Green's lifecycle hooks, warm pool and notifications as copies of blue's.
 * Not for: calling AWS.
 */
import type {
  LifecycleHook,
  LifecycleHookSpecification,
  NotificationConfiguration,
  PutNotificationConfigurationCommandInput,
  PutWarmPoolCommandInput,
  WarmPoolConfiguration,
} from '@aws-sdk/client-auto-scaling';
import { HOOK_MEMBERS, WARM_POOL_MEMBERS } from '../../core/clone/group-ledgers.ts';
import { copyMembers } from './members.ts';

/**
 * A hook as a part of the request that makes green, so that its first instances meet it too.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHookSpecification.html
 */
export function toHookSpecification(blue: LifecycleHook): LifecycleHookSpecification {
  return {
    ...copyMembers(HOOK_MEMBERS, blue),
    LifecycleHookName: blue.LifecycleHookName,
    LifecycleTransition: blue.LifecycleTransition,
  };
}

/** The state of a warm pool that AWS is deleting. */
export const POOL_IS_GOING = 'PendingDelete';

/** The request that makes green's warm pool; undefined where blue has none, or is losing it. */
export function toGreenWarmPool(
  blue: WarmPoolConfiguration | undefined,
  greenGroupName: string,
): PutWarmPoolCommandInput | undefined {
  if (!blue || blue.Status === POOL_IS_GOING) return undefined;
  return { ...copyMembers(WARM_POOL_MEMBERS, blue), AutoScalingGroupName: greenGroupName };
}

/**
 * The requests that make green's notifications, one for each topic. AWS describes one line for
 * each topic and type, and a request replaces all types of its topic.
 */
export function toGreenNotifications(
  blue: readonly NotificationConfiguration[],
  greenGroupName: string,
): readonly PutNotificationConfigurationCommandInput[] {
  const topics = [...new Set(blue.map(({ TopicARN }) => TopicARN))];
  return topics.map((TopicARN) => ({
    AutoScalingGroupName: greenGroupName,
    TopicARN,
    NotificationTypes: typesOf(blue, TopicARN),
  }));
}

/** The types of events of which a topic hears, sorted. */
export function typesOf(
  rows: readonly NotificationConfiguration[],
  topicArn: string | undefined,
): string[] {
  return rows
    .filter(({ TopicARN }) => TopicARN === topicArn)
    .flatMap(({ NotificationType }) => NotificationType ?? [])
    .toSorted();
}
