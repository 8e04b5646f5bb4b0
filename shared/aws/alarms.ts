/**
 * The states of CloudWatch alarms, read by name.
 * Not for: what a state means for a deployment.
 */
import {
  AlarmType,
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmReading } from '../core/observation.ts';
import { call } from './call.ts';
import { chunksOf, readPages } from './pages.ts';

/**
 * Names in one call, and alarms on one page.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
 */
const NAMES_PER_CALL_MAX = 100;

/** All of them: without a list AWS answers metric alarms only. */
const ALARM_TYPES = [AlarmType.MetricAlarm, AlarmType.CompositeAlarm, AlarmType.LogAlarm];

/**
 * One reading for each name, in the order asked for. AWS leaves out the names that it does not
 * know; they read as absent.
 * @throws AwsUnavailable, AwsRefused
 */
export async function readAlarms(
  client: CloudWatchClient,
  alarmNames: readonly string[],
): Promise<readonly AlarmReading[]> {
  const found = new Map<string, AlarmReading>();
  for (const names of chunksOf(alarmNames, NAMES_PER_CALL_MAX)) {
    for (const reading of await describe(client, names)) found.set(reading.alarmName, reading);
  }
  return alarmNames.map((alarmName) => found.get(alarmName) ?? { alarmName, state: 'absent' });
}

function describe(
  client: CloudWatchClient,
  names: readonly string[],
): Promise<readonly AlarmReading[]> {
  return readPages(async (NextToken) => {
    const command = new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ALARM_TYPES,
      MaxRecords: NAMES_PER_CALL_MAX,
      NextToken,
    });
    const output = await call('DescribeAlarms', names.join(', '), () => client.send(command));
    return { items: toReadings(output), next: output.NextToken };
  });
}

function toReadings(output: DescribeAlarmsCommandOutput): AlarmReading[] {
  const alarms = [
    ...(output.MetricAlarms ?? []),
    ...(output.CompositeAlarms ?? []),
    ...(output.LogAlarms ?? []),
  ];
  return alarms.flatMap(({ AlarmName, StateValue, StateReason }) =>
    AlarmName && StateValue
      ? [
          {
            alarmName: AlarmName,
            state: StateValue,
            ...(StateReason !== undefined && { stateReason: StateReason }),
          },
        ]
      : [],
  );
}
