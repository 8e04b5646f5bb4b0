/**
 * Auto Scaling of the local region: groups that launch, register, watch, replace and terminate
 * instances by themselves, as time goes on.
 * Not for: launch configurations, weighted capacity, predictive scaling, classic load balancers.
 * What is not here is refused, not pretended.
 */
import type { DescribeScalingActivitiesCommandInput } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import { accountOperations } from './account.ts';
import { createActivityLog } from './activities.ts';
import { describeGroupOperations } from './describe-groups.ts';
import { createEngine } from './engine.ts';
import { tagOperations } from './group-tags.ts';
import { groupOperations } from './groups.ts';
import { lifecycleHookOperations } from './lifecycle-hooks.ts';
import { memberOperations } from './members.ts';
import { metricOperations } from './metrics.ts';
import { notificationOperations } from './notifications.ts';
import { performAlarmAction } from './policy-actions.ts';
import { policyOperations } from './policies.ts';
import { processOperations } from './processes.ts';
import { refreshOperations } from './refresh-operations.ts';
import { scheduledActionOperations } from './scheduled-actions.ts';
import { standbyOperations } from './standby-operations.ts';
import { describeOperation, findGroup } from './store.ts';
import { trafficSourceOperations } from './traffic-sources.ts';
import { warmPoolOperations } from './warm-pool-operations.ts';
import type { ScalingAlarm, ScalingAlarms, TargetRegistry } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import type { Ec2Fleet } from '../ec2/ec2.ts';
import type { Engine } from './engine.ts';
import type { GroupStore } from './store.ts';

/** Auto Scaling as the rest of the region sees it. */
export interface AutoScaling {
  readonly service: Service;
  /**
   * Tags a group as a service of AWS does that manages it, such as CloudFormation: keys that begin
   * with `aws:` are taken. @throws AwsError ValidationError for an unknown group
   */
  tagAsService(groupName: string, tags: Readonly<Record<string, string>>): void;
  /** Carries out the action of an alarm. @throws AwsError ValidationError for an unknown policy */
  performAction(actionArn: string, alarm: ScalingAlarm): void;
}

/** Starts Auto Scaling without groups. */
export function createAutoScaling(options: {
  kernel: Kernel;
  ec2: Ec2Fleet;
  registry: TargetRegistry;
  /** CloudWatch's alarms. Absent means that no alarm exists or comes to exist. */
  alarms?: ScalingAlarms;
  /** Publishes to a topic. Absent means that no topic exists. */
  notify?: Engine['notify'];
  /** Region seconds for which Describe does not know a new group yet. Default 0. */
  describeLagSeconds?: number;
}): AutoScaling {
  const { kernel, ec2, registry, describeLagSeconds = 0 } = options;
  const groups: GroupStore = new Map();
  const activities = createActivityLog(kernel);
  const { alarms = NO_ALARMS, notify = refuseToNotify } = options;
  const engine = createEngine({ kernel, ec2, registry, groups, activities, alarms, notify });
  const groupExists = (groupArn: string): boolean =>
    [...groups.values()].some((group) => group.arn === groupArn);

  return {
    tagAsService: (groupName, tags) => {
      const group = findGroup(groups, groupName);
      for (const [key, value] of Object.entries(tags)) {
        group.tags.set(key, { value, propagateAtLaunch: true });
      }
    },
    performAction: (actionArn, alarm) => performAlarmAction(engine, actionArn, alarm),
    service: {
      name: 'auto-scaling',
      operations: {
        ...accountOperations(engine),
        ...describeGroupOperations(engine, describeLagSeconds),
        ...groupOperations(engine),
        ...lifecycleHookOperations(engine),
        ...memberOperations(engine),
        ...metricOperations(engine),
        ...notificationOperations(engine),
        ...policyOperations(engine),
        ...processOperations(engine),
        ...refreshOperations(engine),
        ...scheduledActionOperations(engine),
        ...standbyOperations(engine),
        ...tagOperations(groups),
        ...trafficSourceOperations(engine),
        ...warmPoolOperations(engine),
        DescribeScalingActivities: describeOperation(
          'DescribeScalingActivities',
          (input: DescribeScalingActivitiesCommandInput) => activities.describe(input, groupExists),
        ),
      },
    },
  };
}

const NO_ALARMS: ScalingAlarms = {
  put: (alarm) => arn('cloudwatch', `alarm:${alarm.AlarmName}`),
  remove: () => {},
  withAction: () => [],
  dropAction: () => {},
};

function refuseToNotify(topicArn: string): never {
  throw new AwsError('NotFound', `Topic does not exist: ${topicArn}`, { httpStatus: 404 });
}
