/**
 * The states of CloudWatch alarms, read by name, and what became of them meanwhile.
 * Not for: what a state means for a deployment, nor what a plan wants to know (see `found-alarms.ts`).
 */
import {
  AlarmType,
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type LogAlarm,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmReading, AlarmState, AlarmTransition } from '../core/observation.ts';
import { type IsoInstant, secondsBetween } from '../core/units.ts';
import { call } from './call.ts';
import { chunksOf, readPages } from './pages.ts';

/**
 * Names in one call, and alarms on one page.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
const NAMES_PER_CALL_MAX = 100;

/** All of them: without a list AWS answers metric alarms only. */
const ALARM_TYPES = [AlarmType.MetricAlarm, AlarmType.CompositeAlarm, AlarmType.LogAlarm];

/** An alarm as CloudWatch describes it, and of which kind it is. */
export type DescribedAlarm =
  | { readonly type: 'metric'; readonly alarm: MetricAlarm }
  | { readonly type: 'composite'; readonly alarm: CompositeAlarm }
  | { readonly type: 'log'; readonly alarm: LogAlarm };

/**
 * One reading for each name, in the order asked for. AWS leaves out the names that it does not
 * know; they read as absent.
 * @throws AwsUnavailable, AwsRefused
 */
export async function readAlarms(
  client: CloudWatchClient,
  alarmNames: readonly string[],
): Promise<readonly AlarmReading[]> {
  const described = await describeByName(client, alarmNames);
  return alarmNames.map((alarmName) => toReading(alarmName, described.get(alarmName)));
}

/**
 * Adds what became of each alarm from an instant on; undefined asks nothing. History is read only
 * where the alarm has changed since, which its own time stamp tells for nothing.
 * @throws AwsUnavailable, AwsRefused
 */
export async function addTransitions(
  client: CloudWatchClient,
  readings: readonly AlarmReading[],
  fromOf: (alarmName: string) => IsoInstant | undefined,
): Promise<readonly AlarmReading[]> {
  const added: AlarmReading[] = [];
  for (const reading of readings) {
    const { alarmName, since } = reading;
    const from = fromOf(alarmName);
    const hasChanged =
      from !== undefined && since !== undefined && secondsBetween(from, since) >= 0;
    added.push(
      hasChanged
        ? { ...reading, transitions: await readTransitions(client, alarmName, from) }
        : reading,
    );
  }
  return added;
}

/** Alarms of every kind by their names; unknown ones are missing. @throws AwsUnavailable, AwsRefused */
export async function describeByName(
  client: CloudWatchClient,
  alarmNames: readonly string[],
): Promise<ReadonlyMap<string, DescribedAlarm>> {
  const found = new Map<string, DescribedAlarm>();
  for (const names of chunksOf(alarmNames, NAMES_PER_CALL_MAX)) {
    const described = await readPages(async (NextToken) => {
      const command = new DescribeAlarmsCommand({
        AlarmNames: [...names],
        AlarmTypes: ALARM_TYPES,
        MaxRecords: NAMES_PER_CALL_MAX,
        NextToken,
      });
      const output = await call('DescribeAlarms', names.join(', '), () => client.send(command));
      const items: readonly DescribedAlarm[] = [
        ...(output.MetricAlarms ?? []).map((alarm) => ({ type: 'metric', alarm }) as const),
        ...(output.CompositeAlarms ?? []).map((alarm) => ({ type: 'composite', alarm }) as const),
        ...(output.LogAlarms ?? []).map((alarm) => ({ type: 'log', alarm }) as const),
      ];
      return { items, next: output.NextToken };
    });
    for (const one of described) found.set(one.alarm.AlarmName ?? '', one);
  }
  return found;
}

/** What CloudWatch says of one alarm now; without a description it is absent. */
export function toReading(alarmName: string, described: DescribedAlarm | undefined): AlarmReading {
  const alarm = described?.alarm;
  if (!alarm?.StateValue) return { alarmName, state: 'absent' };
  // A composite alarm has no evaluation of its own that could be broken.
  const evaluationState = 'EvaluationState' in alarm ? alarm.EvaluationState : undefined;
  const { StateValue: state, StateReason, StateTransitionedTimestamp } = alarm;
  return {
    alarmName,
    state,
    ...(StateReason !== undefined && { stateReason: StateReason }),
    ...(StateTransitionedTimestamp && { since: StateTransitionedTimestamp.toISOString() }),
    ...(evaluationState !== undefined && { evaluationState }),
  };
}

/**
 * Every state that an alarm was given from an instant on, oldest first.
 * @throws AwsUnavailable, AwsRefused
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
async function readTransitions(
  client: CloudWatchClient,
  alarmName: string,
  from: IsoInstant,
): Promise<readonly AlarmTransition[]> {
  const items = await readPages(async (NextToken) => {
    const command = new DescribeAlarmHistoryCommand({
      AlarmName: alarmName,
      AlarmTypes: ALARM_TYPES,
      HistoryItemType: 'StateUpdate',
      ScanBy: 'TimestampAscending',
      StartDate: new Date(from),
      NextToken,
    });
    const output = await call('DescribeAlarmHistory', alarmName, () => client.send(command));
    return { items: output.AlarmHistoryItems, next: output.NextToken };
  });
  return items.flatMap(({ Timestamp, HistoryData = '{}' }) => {
    const { newState } = JSON.parse(HistoryData) as {
      readonly newState?: { readonly stateValue?: AlarmState; readonly stateReason?: string };
    };
    if (!Timestamp || !newState?.stateValue) return [];
    const { stateValue: to, stateReason } = newState;
    return [
      {
        at: Timestamp.toISOString(),
        to,
        ...(stateReason !== undefined && { reason: stateReason }),
      },
    ];
  });
}
