/**
 * The alarms that drive green's step and simple policies, as copies of those that drive blue's.
 * Alarms of target tracking are never copied: AWS makes them itself.
 * Not for: calling AWS, nor the alarms that a deployment watches.
 */
import type { MetricAlarm, PutMetricAlarmCommandInput, Tag } from '@aws-sdk/client-cloudwatch';
import { ALARM_MEMBERS } from '../../core/clone/scaling-ledgers.ts';
import { alarmNamePrefix, greenAlarmName } from '../../core/names.ts';
import type { Plan } from '../../core/plan.ts';
import { deploymentTags, isForeignTag } from '../deployment-tags.ts';
import { type FleetNames, toGreenNames } from './green-names.ts';
import { copyMembers, isSet } from './members.ts';

/** How the ARN of any scaling policy looks. */
const POLICY_ARN = /^arn:[^:]+:autoscaling:[^:]*:[^:]*:scalingPolicy:/;

/** Lists of actions of an alarm. */
const ACTION_LISTS = ['OKActions', 'AlarmActions', 'InsufficientDataActions'] as const;

/** What a copy of an alarm needs to know besides the alarm. */
export interface AlarmContext {
  readonly plan: Plan;
  readonly names: FleetNames;
  /** ARNs of green's policies by those of blue's. */
  readonly policyArns: ReadonlyMap<string, string>;
  readonly blueTags: readonly Tag[];
}

/** The name of green's copy of an alarm of blue; a copy of a copy has the original's name in it. */
export function toGreenAlarmName(alarmName: string, { blueGroupName, greenGroupName }: FleetNames) {
  const prefix = alarmNamePrefix(blueGroupName);
  const original = alarmName.startsWith(prefix) ? alarmName.slice(prefix.length) : alarmName;
  return greenAlarmName(greenGroupName, original);
}

/**
 * The request that makes green's alarm. Actions that scale another group are left out: two alarms
 * would scale it twice. Topics and functions hear of both.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function toGreenAlarm(blue: MetricAlarm, context: AlarmContext): PutMetricAlarmCommandInput {
  const { names, plan, policyArns, blueTags } = context;
  const { Dimensions, Metrics, EvaluationCriteria } = toGreenNames(blue, names);
  const actions = ACTION_LISTS.map((list) => [list, toGreenActions(blue[list] ?? [], policyArns)]);
  return {
    ...copyMembers(ALARM_MEMBERS, blue),
    AlarmName: toGreenAlarmName(blue.AlarmName ?? '', names),
    ...(isSet(Dimensions) && { Dimensions }),
    ...(isSet(Metrics) && { Metrics }),
    ...(isSet(EvaluationCriteria) && { EvaluationCriteria }),
    ...Object.fromEntries(actions),
    Tags: [...blueTags.filter(isForeignTag), ...deploymentTags(plan)],
  } as PutMetricAlarmCommandInput;
}

function toGreenActions(actions: readonly string[], policyArns: ReadonlyMap<string, string>) {
  return actions.flatMap((action) => {
    const green = policyArns.get(action);
    if (green !== undefined) return [green];
    return POLICY_ARN.test(action) ? [] : [action];
  });
}
