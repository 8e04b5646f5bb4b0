/**
 * The message that an alarm action publishes to a topic.
 * Not for: publishing it.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import { timestampText } from './alarm-reason.ts';
import type { Alarm, AlarmState, MetricAlarm } from './alarms.ts';

/** What is published: a line for people and JSON for programs. */
export interface AlarmNotice {
  readonly subject: string;
  /** JSON text. */
  readonly message: string;
}

/** Name of this region as CloudWatch writes it for people. */
const REGION_LABEL = 'US East (N. Virginia)';

/** Longest subject of a message on a topic. */
const SUBJECT_LIMIT = 99;

/** The message of a transition. */
export function alarmNotice(
  alarm: Alarm,
  { from, to }: { from: AlarmState; to: AlarmState },
): AlarmNotice {
  const name = alarm.name.replaceAll(/[^ -~]/g, '?');
  return {
    subject: `${to.value}: "${name}" in ${REGION_LABEL}`.slice(0, SUBJECT_LIMIT),
    message: JSON.stringify({
      AlarmName: alarm.name,
      AlarmDescription: alarm.description ?? null,
      AWSAccountId: ACCOUNT_ID,
      AlarmConfigurationUpdatedTimestamp: timestampText(alarm.configuredAt),
      NewStateValue: to.value,
      NewStateReason: to.reason,
      StateChangeTime: timestampText(to.updatedAt),
      Region: REGION_LABEL,
      AlarmArn: alarm.arn,
      OldStateValue: from.value,
      OKActions: alarm.actions.OK,
      AlarmActions: alarm.actions.ALARM,
      InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
      ...(alarm.type === 'metric' ? { Trigger: trigger(alarm) } : { AlarmRule: alarm.ruleText }),
    }),
  };
}

function trigger(alarm: MetricAlarm): object {
  const { watch } = alarm;
  const common = {
    Period: watch.periodSeconds,
    EvaluationPeriods: watch.evaluationPeriods,
    DatapointsToAlarm: watch.datapointsToAlarm,
    ComparisonOperator: watch.comparison,
    Threshold: watch.threshold,
    TreatMissingData: watch.treatMissingData,
  };
  if (watch.watched.type === 'expression') {
    return { ...common, Metrics: alarm.described['Metrics'] };
  }
  const { metric, statisticName, unit } = watch.watched;
  return {
    ...common,
    MetricName: metric.metricName,
    Namespace: metric.namespace,
    Statistic: statisticName.toUpperCase(),
    Unit: unit ?? null,
    Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ name, value })),
  };
}
