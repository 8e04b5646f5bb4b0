/**
 * All that a deployment makes or changes, as far as it is the same in every run, so that two runs
 * can be compared down to what is frozen.
 */
import {
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribePoliciesCommand,
  DescribeScheduledActionsCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Lab } from './lab.ts';
import { type Belongings, nameOf } from './sight.ts';

/** All that a deployment makes or changes, as far as it is the same in every run. */
export interface Possessions extends Belongings {
  /** Groups down to what is frozen in them. */
  readonly details: readonly Readonly<Record<string, unknown>>[];
  readonly alarms: readonly string[];
  /** Scaling policies and scheduled actions, by group and name. */
  readonly hangings: readonly string[];
}

/** How AWS tells the alarms of target tracking apart. */
const RANDOM_END = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads all that a deployment makes or changes. */
export async function readPossessions(lab: Lab): Promise<Possessions> {
  const { aws } = lab;
  const { AutoScalingGroups = [] } = await aws
    .autoScaling()
    .send(new DescribeAutoScalingGroupsCommand({}));
  const { MetricAlarms = [] } = await aws.cloudWatch().send(new DescribeAlarmsCommand({}));
  const { ScalingPolicies = [] } = await aws.autoScaling().send(new DescribePoliciesCommand({}));
  const { ScheduledUpdateGroupActions = [] } = await aws
    .autoScaling()
    .send(new DescribeScheduledActionsCommand({}));
  return {
    ...(await lab.belongings()),
    details: AutoScalingGroups.map(describeGroup),
    alarms: MetricAlarms.map(({ AlarmName = '' }) => AlarmName.replace(RANDOM_END, '')).toSorted(),
    hangings: [
      ...ScalingPolicies.map((one) => `${one.AutoScalingGroupName} ${one.PolicyName}`),
      ...ScheduledUpdateGroupActions.map(
        (one) => `${one.AutoScalingGroupName} ${one.ScheduledActionName}`,
      ),
    ].toSorted(),
  };
}

/** A group without what differs from run to run: times, and ids of instances. */
function describeGroup(group: AutoScalingGroup): Record<string, unknown> {
  const { SuspendedProcesses = [], TargetGroupARNs = [], Tags = [], Instances = [] } = group;
  return {
    name: group.AutoScalingGroupName,
    suspended: SuspendedProcesses.map(({ ProcessName = '' }) => ProcessName).toSorted(),
    targetGroups: TargetGroupARNs.map(nameOf),
    tags: Tags.map(({ Key, Value }) => `${Key}=${Value}`).toSorted(),
    launchTemplate: group.LaunchTemplate?.Version,
    isScaleInProtected: group.NewInstancesProtectedFromScaleIn,
    instances: Instances.map(({ LifecycleState }) => LifecycleState),
    status: group.Status,
  };
}

/** What is not as a whole run leaves it. */
export function differences(found: Possessions, expected: Possessions): readonly string[] {
  const names = Object.keys(expected) as (keyof Possessions)[];
  return names
    .map((name) => ({ name, is: JSON.stringify(found[name]), was: JSON.stringify(expected[name]) }))
    .filter(({ is, was }) => is !== was)
    .map(({ name, is, was }) => `${name} ${is} instead of ${was}`);
}
