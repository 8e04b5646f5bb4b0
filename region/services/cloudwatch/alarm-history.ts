/**
 * What happened to alarms, for `DescribeAlarmHistory`.
 * Not for: the state itself.
 */
import type { AlarmHistoryItem } from '@aws-sdk/client-cloudwatch';
import type { Alarm, AlarmState } from './alarms.ts';

/** The record of what happened to alarms, and how to add to it. */
export interface AlarmHistory {
  created(alarm: Alarm, at: number): void;
  updated(alarm: Alarm, at: number): void;
  deleted(alarm: Alarm, at: number): void;
  stateChanged(alarm: Alarm, change: { from: AlarmState; to: AlarmState }): void;
  /** What became of an action; `failure` absent means that it was carried out. */
  actionTaken(alarm: Alarm, action: { arn: string; at: number; failure?: string }): void;
  /** Oldest first. */
  items(): readonly AlarmHistoryItem[];
}

/**
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
const RETENTION_MILLISECONDS = 30 * 24 * 3_600_000;

/** Items kept for the whole account; older ones go first. */
const ITEM_LIMIT = 10_000;

type Entry = Pick<AlarmHistoryItem, 'HistoryItemType' | 'HistorySummary'> & {
  readonly at: number;
  readonly data: object;
};

/** Keeps alarm history. */
export function createAlarmHistory(): AlarmHistory {
  let items: AlarmHistoryItem[] = [];

  const add = (alarm: Alarm, { at, data, ...entry }: Entry): void => {
    items.push({
      ...entry,
      AlarmName: alarm.name,
      AlarmType: alarm.type === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
      Timestamp: new Date(at),
      HistoryData: JSON.stringify({ version: '1.0', ...data }),
    });
    if (items.length > ITEM_LIMIT) items = youngest(items, at);
  };

  return {
    created: (alarm, at) => add(alarm, configurationEntry(alarm, { verb: 'created', at })),
    updated: (alarm, at) => add(alarm, configurationEntry(alarm, { verb: 'updated', at })),
    deleted: (alarm, at) => add(alarm, configurationEntry(alarm, { verb: 'deleted', at })),
    stateChanged: (alarm, { from, to }) =>
      add(alarm, {
        at: to.updatedAt,
        HistoryItemType: 'StateUpdate',
        HistorySummary: `Alarm updated from ${from.value} to ${to.value}`,
        data: { oldState: stateData(from), newState: stateData(to) },
      }),
    actionTaken: (alarm, action) => add(alarm, actionEntry(action)),
    items: () => items,
  };
}

/** Halves a list that has become too long, so that this is rarely done. */
function youngest(items: readonly AlarmHistoryItem[], now: number): AlarmHistoryItem[] {
  const oldest = now - RETENTION_MILLISECONDS;
  return items.slice(-ITEM_LIMIT / 2).filter((item) => (item.Timestamp?.getTime() ?? 0) >= oldest);
}

const CONFIGURATION_TYPES = { created: 'Create', updated: 'Update', deleted: 'Delete' } as const;

function configurationEntry(
  alarm: Alarm,
  { verb, at }: { verb: keyof typeof CONFIGURATION_TYPES; at: number },
): Entry {
  return {
    at,
    HistoryItemType: 'ConfigurationUpdate',
    HistorySummary: `Alarm "${alarm.name}" ${verb}`,
    data: { type: CONFIGURATION_TYPES[verb], [`${verb}Alarm`]: alarm.described },
  };
}

function actionEntry({ arn, at, failure }: { arn: string; at: number; failure?: string }): Entry {
  const failed = failure !== undefined;
  return {
    at,
    HistoryItemType: 'Action',
    HistorySummary: failed
      ? `Failed to execute action ${arn}. Received error: "${failure}"`
      : `Successfully executed action ${arn}`,
    data: {
      actionState: failed ? 'Failed' : 'Succeeded',
      notificationResource: arn,
      ...(failed ? { error: failure } : {}),
    },
  };
}

function stateData(state: AlarmState): object {
  const { reasonData } = state;
  return {
    stateValue: state.value,
    stateReason: state.reason,
    ...(reasonData === undefined ? {} : { stateReasonData: JSON.parse(reasonData) as unknown }),
  };
}
