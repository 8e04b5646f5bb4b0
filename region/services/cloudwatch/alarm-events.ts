/**
 * What CloudWatch tells EventBridge about an alarm.
 * Not for: delivering it.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
import type { RegionEvent } from '../../kernel/kernel.ts';
import { timestampText } from './alarm-reason.ts';
import type { Alarm, AlarmState, MetricAlarm } from './alarms.ts';
import type { Source } from './queries.ts';

/** The event of a transition. */
export function stateChangeEvent(
  alarm: Alarm,
  change: { from: AlarmState; to: AlarmState; newId: () => string },
): RegionEvent {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      configuration: configuration(alarm, change.newId),
      previousState: stateDetail(change.from),
      state: stateDetail(change.to),
    },
  };
}

/** The event of an alarm that was created, updated or deleted. */
export function configurationChangeEvent(
  alarm: Alarm,
  change: { operation: 'create' | 'update' | 'delete'; newId: () => string },
): RegionEvent {
  return {
    source: 'aws.cloudwatch',
    detailType: 'CloudWatch Alarm Configuration Change',
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      operation: change.operation,
      state: stateDetail(alarm.state),
      configuration: {
        ...thresholds(alarm),
        ...configuration(alarm, change.newId),
        alarmName: alarm.name,
        actionsEnabled: alarm.actionsEnabled,
        alarmActions: alarm.actions.ALARM,
        okActions: alarm.actions.OK,
        insufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
        timestamp: timestampText(alarm.configuredAt),
      },
    },
  };
}

function stateDetail(state: AlarmState): Record<string, unknown> {
  return {
    value: state.value,
    reason: state.reason,
    ...(state.reasonData === undefined ? {} : { reasonData: state.reasonData }),
    timestamp: timestampText(state.updatedAt),
  };
}

function configuration(alarm: Alarm, newId: () => string): Record<string, unknown> {
  return {
    ...(alarm.description === undefined ? {} : { description: alarm.description }),
    ...(alarm.type === 'composite'
      ? { alarmRule: alarm.ruleText }
      : { metrics: metrics(alarm, newId) }),
  };
}

function thresholds(alarm: Alarm): Record<string, unknown> {
  if (alarm.type === 'composite') return {};
  const { watch } = alarm;
  return {
    evaluationPeriods: watch.evaluationPeriods,
    datapointsToAlarm: watch.datapointsToAlarm,
    threshold: watch.threshold,
    comparisonOperator: watch.comparison,
    treatMissingData: watch.treatMissingData,
  };
}

/** An alarm on one metric has no query ids of its own: AWS makes one up for the event. */
function metrics(alarm: MetricAlarm, newId: () => string): readonly object[] {
  const { sources, watched } = alarm.watch;
  const single = alarm.described['MetricName'] !== undefined;
  return sources.map((source) => ({
    id: single ? newId() : source.id,
    ...sourceDetail(source),
    ...(source.label === undefined ? {} : { label: source.label }),
    returnData: source === watched,
  }));
}

function sourceDetail(source: Source): object {
  if (source.type === 'expression') return { expression: source.expression };
  return {
    metricStat: {
      metric: {
        namespace: source.metric.namespace,
        name: source.metric.metricName,
        dimensions: source.metric.dimensions,
      },
      period: source.periodSeconds,
      stat: source.statisticName,
      ...(source.unit === undefined ? {} : { unit: source.unit }),
    },
  };
}
