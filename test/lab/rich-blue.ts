/**
 * A blue with everything that can hang on a group, made with ordinary calls.
 * Not for: the group itself.
 */
import {
  CreateOrUpdateTagsCommand,
  EnableMetricsCollectionCommand,
  PutLifecycleHookCommand,
  PutNotificationConfigurationCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  PutWarmPoolCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import type { Clients } from '../../shared/aws/clients.ts';
import type { Lab } from './lab.ts';

/** The end of an ARN that CloudWatch and Auto Scaling know a load balancer's part by. */
const after = (arn: string, word: string) => arn.slice(arn.indexOf(word));

/** What is given more, and through which clients. */
export interface Poor {
  readonly clients: Pick<Clients, 'autoScaling' | 'cloudWatch' | 'sns'>;
  readonly autoScalingGroupName: string;
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
}

/** Gives blue one of everything that a group can have. */
export async function enrich(poor: Poor): Promise<void> {
  const { clients, autoScalingGroupName: AutoScalingGroupName } = poor;
  const { TopicArn: TopicARN = '' } = await clients.sns.send(
    new CreateTopicCommand({ Name: 'people' }),
  );
  await addPolicies(poor, TopicARN);
  const { autoScaling } = clients;
  await autoScaling.send(
    new PutScheduledUpdateGroupActionCommand({
      AutoScalingGroupName,
      ScheduledActionName: 'new-year',
      Recurrence: '0 3 1 1 *',
      MinSize: 0,
      MaxSize: 1,
    }),
  );
  // More than fit into the request that makes a group.
  await autoScaling.send(
    new CreateOrUpdateTagsCommand({
      Tags: Array.from({ length: 25 }, (_, index) => ({
        ResourceId: AutoScalingGroupName,
        ResourceType: 'auto-scaling-group',
        Key: `label-${index}`,
        Value: 'x',
        PropagateAtLaunch: index < 5,
      })),
    }),
  );
  await autoScaling.send(
    new PutLifecycleHookCommand({
      AutoScalingGroupName,
      LifecycleHookName: 'drain',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      HeartbeatTimeout: 30,
      DefaultResult: 'CONTINUE',
    }),
  );
  await autoScaling.send(
    new PutNotificationConfigurationCommand({
      AutoScalingGroupName,
      TopicARN,
      NotificationTypes: [
        'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
        'autoscaling:EC2_INSTANCE_LAUNCH',
      ],
    }),
  );
  await autoScaling.send(
    new EnableMetricsCollectionCommand({
      AutoScalingGroupName,
      Metrics: ['GroupInServiceInstances'],
      Granularity: '1Minute',
    }),
  );
  await autoScaling.send(
    new PutWarmPoolCommand({ AutoScalingGroupName, MinSize: 1, MaxGroupPreparedCapacity: 3 }),
  );
  await autoScaling.send(
    new SuspendProcessesCommand({
      AutoScalingGroupName,
      ScalingProcesses: ['AlarmNotification', 'AZRebalance'],
    }),
  );
}

/** Does so in a lab. */
export async function enrichBlueOf(lab: Lab): Promise<void> {
  const { aws, estate } = lab;
  const { autoScalingGroupName, loadBalancerArn, blueTargetGroupArn: targetGroupArn } = estate;
  const clients = {
    autoScaling: aws.autoScaling(),
    cloudWatch: aws.cloudWatch(),
    sns: aws.sns(),
  };
  await lab.act(() => enrich({ clients, autoScalingGroupName, loadBalancerArn, targetGroupArn }));
}

/** One policy whose alarms AWS makes, and one whose alarm is the owner's. */
async function addPolicies(
  { clients, autoScalingGroupName: AutoScalingGroupName, loadBalancerArn, targetGroupArn }: Poor,
  topicArn: string,
): Promise<void> {
  const { autoScaling, cloudWatch } = clients;
  const balancer = after(loadBalancerArn, 'loadbalancer/').replace('loadbalancer/', '');
  await autoScaling.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName,
      PolicyName: 'requests',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingConfiguration: {
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ALBRequestCountPerTarget',
          ResourceLabel: `${balancer}/${after(targetGroupArn, 'targetgroup/')}`,
        },
        TargetValue: 100_000,
      },
    }),
  );
  const { PolicyARN = '' } = await autoScaling.send(
    new PutScalingPolicyCommand({
      AutoScalingGroupName,
      PolicyName: 'out',
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      Enabled: false,
    }),
  );
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'cpu-high',
      AlarmActions: [PolicyARN, topicArn],
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: AutoScalingGroupName }],
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 99,
      ComparisonOperator: 'GreaterThanThreshold',
      Tags: [{ Key: 'team', Value: 'shop' }],
    }),
  );
}
