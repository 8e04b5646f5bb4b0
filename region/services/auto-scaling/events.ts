/**
 * What Auto Scaling tells EventBridge.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
import { ec2Arn } from '../ec2/tags.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { ActivityRecord } from './activities.ts';
import type { GroupRecord, HookAction, Member } from './state.ts';

/** Events about the end of an activity. */
export type ActivityEvent =
  | 'EC2 Instance Launch Successful'
  | 'EC2 Instance Launch Unsuccessful'
  | 'EC2 Instance Terminate Successful';

/** Which of the two moments of an instance's life a lifecycle hook waits in. */
export type LifecycleTransition =
  | 'autoscaling:EC2_INSTANCE_LAUNCHING'
  | 'autoscaling:EC2_INSTANCE_TERMINATING';

/** Reports the end of an activity. A success is still called `InProgress` in it, as on AWS. */
export function emitActivity(
  kernel: Kernel,
  detailType: ActivityEvent,
  activity: ActivityRecord,
  place: 'AutoScalingGroup' | 'WarmPool' = 'AutoScalingGroup',
): void {
  const isLaunch = detailType.startsWith('EC2 Instance Launch');
  const { instanceId } = activity;
  kernel.emit({
    source: 'aws.autoscaling',
    detailType,
    resources: [
      activity.groupArn,
      ...(instanceId === undefined ? [] : [ec2Arn('instance', instanceId)]),
    ],
    detail: {
      StatusCode: detailType.endsWith('Unsuccessful') ? 'Failed' : 'InProgress',
      Description: activity.description,
      AutoScalingGroupName: activity.groupName,
      ActivityId: activity.id,
      Details: activity.details,
      RequestId: activity.id,
      StatusMessage: activity.statusMessage ?? '',
      StartTime: new Date(activity.startedAt).toISOString(),
      EndTime: new Date(activity.endedAt ?? activity.startedAt).toISOString(),
      EC2InstanceId: instanceId ?? '',
      Cause: activity.cause,
      Origin: isLaunch ? 'EC2' : place,
      Destination: isLaunch ? place : 'EC2',
    },
  });
}

/** Reports that an instance waits for a lifecycle hook. */
export function emitLifecycleAction(
  kernel: Kernel,
  group: GroupRecord,
  member: Member,
  hook: {
    action: HookAction;
    transition: LifecycleTransition;
    metadata: string | undefined;
  },
): void {
  const { action, transition, metadata } = hook;
  const isLaunch = transition === 'autoscaling:EC2_INSTANCE_LAUNCHING';
  const place = member.inPool ? 'WarmPool' : 'AutoScalingGroup';
  kernel.emit({
    source: 'aws.autoscaling',
    detailType: `EC2 Instance-${isLaunch ? 'launch' : 'terminate'} Lifecycle Action`,
    resources: [group.arn],
    detail: {
      LifecycleActionToken: action.token,
      AutoScalingGroupName: group.name,
      LifecycleHookName: action.hookName,
      EC2InstanceId: member.instanceId,
      LifecycleTransition: transition,
      ...(metadata !== undefined && { NotificationMetadata: metadata }),
      Origin: isLaunch ? 'EC2' : place,
      Destination: isLaunch ? place : member.returnsToPool ? 'WarmPool' : 'EC2',
    },
  });
}
