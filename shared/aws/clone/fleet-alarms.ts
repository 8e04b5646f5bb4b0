/**
 * Deletes the alarms that a deployment made for a fleet, when the fleet goes. AWS deletes an alarm
 * with its group only where the alarm has no other action left.
 */
import { type CloudWatchClient, DeleteAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  alarmNamePrefix,
  DEPLOYMENT_TAG,
  toTagValue,
  mirroredAlarmPrefix,
} from '../../core/names.ts';
import type { FleetAlarms } from '../../ports/fleets.ts';
import { call, unlessRefused } from '../call.ts';
import { tagValue } from '../groups.ts';
import { chunksOf } from '../pages.ts';
import { describeAlarms, readAlarmTags } from './reading.ts';

/**
 * Alarms in one call.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
 */
const NAMES_PER_CALL_MAX = 100;

/** How CloudWatch says that an alarm is not there. */
const NO_SUCH_ALARM = ['ResourceNotFound', 'ResourceNotFoundException'];

/** Makes the remover of alarms of the account's region. */
export function createFleetAlarms(client: CloudWatchClient): FleetAlarms {
  return {
    remove: ({ autoScalingGroupName, createdBy }) =>
      removeOwn(client, alarmNamePrefix(autoScalingGroupName), createdBy),
    removeMirrored: ({ autoScalingGroupName, createdBy }) =>
      removeOwn(client, mirroredAlarmPrefix(autoScalingGroupName), createdBy),
  };
}

/** Only alarms that carry a deployment's tag, of any deployment unless one is named. */
async function removeOwn(
  client: CloudWatchClient,
  AlarmNamePrefix: string,
  createdBy: string | undefined,
): Promise<void> {
  const names: string[] = [];
  for (const alarm of await describeAlarms(client, { AlarmNamePrefix })) {
    const reading = unlessRefused(NO_SUCH_ALARM, readAlarmTags(client, alarm));
    const maker = tagValue((await reading) ?? [], DEPLOYMENT_TAG);
    const isOurs =
      maker !== undefined && (createdBy === undefined || maker === toTagValue(createdBy));
    if (isOurs && alarm.AlarmName) names.push(alarm.AlarmName);
  }
  for (const AlarmNames of chunksOf(names, NAMES_PER_CALL_MAX)) {
    const command = new DeleteAlarmsCommand({ AlarmNames: [...AlarmNames] });
    const calling = call('DeleteAlarms', AlarmNames.join(', '), () => client.send(command));
    await unlessRefused(NO_SUCH_ALARM, calling);
  }
}
