/**
 * Copies of alarms that watch blue alone, which watch green while a deployment runs. They do
 * nothing but change their state, and go with the deployment.
 * Not for: the alarms that drive a fleet's policies (see `alarms.ts`), which stay with the fleet.
 */
import { type CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { Plan } from '../../core/plan.ts';
import type { CloneItem } from '../../ports/fleets.ts';
import { describeByName } from '../alarms.ts';
import { call } from '../call.ts';
import { deploymentTags } from '../deployment-tags.ts';
import { toGreenAlarm } from './alarms.ts';
import type { FleetNames } from './green-names.ts';

/** One item for each copy that the plan names. Writing it again only writes the same. */
export function mirrorItems(
  client: CloudWatchClient,
  plan: Plan,
  names: FleetNames,
): readonly CloneItem[] {
  return (plan.watchedAlarms ?? []).flatMap(({ alarmName, mirrorOf }) =>
    mirrorOf === undefined
      ? []
      : [
          {
            name: `alarm ${mirrorOf} mirrored`,
            make: () => makeMirror(client, { plan, names, alarmName, mirrorOf }),
          },
        ],
  );
}

/**
 * An original that was deleted since the plan was made is not copied: that it is gone is found out
 * at the first look at the alarms, and leads back.
 * @throws AwsUnavailable, AwsRefused
 */
async function makeMirror(
  client: CloudWatchClient,
  mirror: {
    readonly plan: Plan;
    readonly names: FleetNames;
    readonly alarmName: string;
    readonly mirrorOf: string;
  },
): Promise<void> {
  const { plan, names, alarmName, mirrorOf } = mirror;
  const original = (await describeByName(client, [mirrorOf])).get(mirrorOf);
  if (original?.type !== 'metric') return;
  const copy = toGreenAlarm(original.alarm, { plan, names, policyArns: new Map(), blueTags: [] });
  const command = new PutMetricAlarmCommand({
    ...copy,
    AlarmName: alarmName,
    ActionsEnabled: false,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    Tags: [...deploymentTags(plan)],
  });
  await call('PutMetricAlarm', alarmName, () => client.send(command));
}
