/**
 * What green is given besides its group, as a list of items in the order in which they must be
 * made. Every item is compared before it is written, so that it may be made twice.
 */
import {
  CreateOrUpdateTagsCommand,
  EnableMetricsCollectionCommand,
  PutNotificationConfigurationCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  PutWarmPoolCommand,
  type ScalingPolicy,
} from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { toSuspend } from '../../core/freezes.ts';
import type { Plan } from '../../core/plan.ts';
import type { IsoInstant } from '../../core/units.ts';
import type { CloneItem } from '../../ports/fleets.ts';
import { call } from '../call.ts';
import { TAGS_PER_CALL_MAX } from '../deployment-tags.ts';
import { greenTags } from '../green-group.ts';
import { readSuspended, suspendProcesses } from '../group-processes.ts';
import { toGreenAlarm } from './alarms.ts';
import type { GroupWithAttachments, ReadingClients } from './attachments.ts';
import { metricNamesOf } from './compare-groups.ts';
import type { FleetNames } from './green-names.ts';
import { toGreenNotifications, toGreenWarmPool, typesOf } from './hooks.ts';
import { hasWanted, isSame } from './members.ts';
import { mirrorItems } from './mirrored-alarms.ts';
import { isEnabled, isPolicyAs, pairPolicyArns, toGreenPolicy } from './policies.ts';
import { readAlarmTags } from './reading.ts';
import { isScheduleAs, toGreenSchedule } from './schedules.ts';

/** The only granularity that Auto Scaling has for a group's metrics. */
const METRICS_GRANULARITY = '1Minute';

/** What the items are made from. */
export interface Cloning {
  readonly clients: ReadingClients;
  readonly plan: Plan;
  readonly names: FleetNames;
  readonly blue: GroupWithAttachments;
  readonly green: GroupWithAttachments;
  readonly now: IsoInstant;
}

/**
 * All items in order: green rests before anything can change its size, policies come before the
 * alarms that call them, and what lets the group act by itself comes last.
 */
export function listItems(cloning: Cloning): readonly CloneItem[] {
  // Alarms need the ARNs that AWS gives to policies on the way.
  const policyArns = new Map(
    cloning.green.policies.map(({ PolicyName, PolicyARN }) => [PolicyName ?? '', PolicyARN ?? '']),
  );
  return [
    restItem(cloning),
    ...tagItems(cloning),
    ...metricsItems(cloning),
    ...notificationItems(cloning),
    ...warmPoolItems(cloning),
    ...cloning.blue.policies.map((policy) => policyItem(cloning, policy, policyArns)),
    ...alarmItems(cloning, policyArns),
    ...mirrorItems(cloning.clients.cloudWatch, cloning.plan, cloning.names),
    ...scheduleItems(cloning),
    ...cloning.blue.policies.filter(isEnabled).map((policy) => switchOnItem(cloning, policy)),
    ...suspensionItems(cloning),
  ];
}

function restItem({ clients, green, names }: Cloning): CloneItem {
  return {
    name: 'processes at rest',
    make: () =>
      suspendProcesses(
        clients.autoScaling,
        names.greenGroupName,
        toSuspend(readSuspended(green.group)),
      ),
  };
}

/** Tags for which the request that made green had no room. */
function tagItems({ clients, plan, blue, green, names }: Cloning): readonly CloneItem[] {
  const late = greenTags(blue.group, plan).slice(TAGS_PER_CALL_MAX);
  if (late.length === 0) return [];
  const { Tags: found = [] } = green.group;
  const missing = late.filter((tag) => !found.some((other) => hasWanted(tag, other)));
  const own = { ResourceId: names.greenGroupName, ResourceType: 'auto-scaling-group' };
  const make = async () => {
    if (missing.length === 0) return;
    const command = new CreateOrUpdateTagsCommand({
      Tags: missing.map((tag) => ({ ...tag, ...own })),
    });
    await call('CreateOrUpdateTags', names.greenGroupName, () => clients.autoScaling.send(command));
  };
  return [{ name: 'more tags', make }];
}

function metricsItems({ clients, blue, green, names }: Cloning): readonly CloneItem[] {
  const Metrics = metricNamesOf(blue.group);
  if (Metrics.length === 0) return [];
  const make = async () => {
    if (isSame(Metrics, metricNamesOf(green.group))) return;
    const AutoScalingGroupName = names.greenGroupName;
    const command = new EnableMetricsCollectionCommand({
      AutoScalingGroupName,
      Metrics: [...Metrics],
      Granularity: METRICS_GRANULARITY,
    });
    await call('EnableMetricsCollection', AutoScalingGroupName, () =>
      clients.autoScaling.send(command),
    );
  };
  return [{ name: 'group metrics', make }];
}

function notificationItems({ clients, blue, green, names }: Cloning): readonly CloneItem[] {
  return toGreenNotifications(blue.notifications, names.greenGroupName).map((request) => ({
    name: `notifications of ${request.TopicARN}`,
    make: async () => {
      const found = typesOf(green.notifications, request.TopicARN);
      if (isSame(request.NotificationTypes, found)) return;
      const command = new PutNotificationConfigurationCommand(request);
      await call('PutNotificationConfiguration', names.greenGroupName, () =>
        clients.autoScaling.send(command),
      );
    },
  }));
}

function warmPoolItems({ clients, blue, green, names }: Cloning): readonly CloneItem[] {
  const request = toGreenWarmPool(blue.group.WarmPoolConfiguration, names.greenGroupName);
  if (!request) return [];
  const { AutoScalingGroupName, ...wanted } = request;
  const make = async () => {
    const found = green.group.WarmPoolConfiguration;
    if (found && hasWanted(wanted, found)) return;
    const command = new PutWarmPoolCommand(request);
    await call('PutWarmPool', AutoScalingGroupName ?? '', () => clients.autoScaling.send(command));
  };
  return [{ name: 'warm pool', make }];
}

/** Made switched off: nothing may scale green before everything is there. */
function policyItem(
  { clients, green, names }: Cloning,
  policy: ScalingPolicy,
  policyArns: Map<string, string>,
): CloneItem {
  const name = policy.PolicyName ?? '';
  const found = green.policies.find(({ PolicyName }) => PolicyName === name);
  const request = toGreenPolicy(policy, names, false);
  return {
    name: `policy ${name}`,
    make: async () => {
      if (found && isPolicyAs(request, { ...found, Enabled: false })) return;
      const command = new PutScalingPolicyCommand(request);
      const { PolicyARN = '' } = await call('PutScalingPolicy', name, () =>
        clients.autoScaling.send(command),
      );
      policyArns.set(name, PolicyARN);
    },
  };
}

function switchOnItem({ clients, green, names }: Cloning, policy: ScalingPolicy): CloneItem {
  const name = policy.PolicyName ?? '';
  const request = toGreenPolicy(policy, names, true);
  const found = green.policies.find(({ PolicyName }) => PolicyName === name);
  return {
    name: `policy ${name} switched on`,
    make: async () => {
      if (isPolicyAs(request, found)) return;
      const command = new PutScalingPolicyCommand(request);
      await call('PutScalingPolicy', name, () => clients.autoScaling.send(command));
    },
  };
}

function alarmItems(
  { clients, plan, blue, green, names }: Cloning,
  greenArns: ReadonlyMap<string, string>,
): readonly CloneItem[] {
  return blue.alarms.map((alarm) => ({
    name: `alarm ${alarm.AlarmName}`,
    make: async () => {
      const policyArns = pairPolicyArns(blue.policies, greenArns);
      const blueTags = await readAlarmTags(clients.cloudWatch, alarm);
      const request = toGreenAlarm(alarm, { plan, names, policyArns, blueTags });
      const { Tags: _tags, ...wanted } = request;
      const found = green.alarms.find(({ AlarmName }) => AlarmName === request.AlarmName);
      if (found && hasWanted(wanted, found)) return;
      const command = new PutMetricAlarmCommand(request);
      await call('PutMetricAlarm', request.AlarmName ?? '', () => clients.cloudWatch.send(command));
    },
  }));
}

function scheduleItems({ clients, blue, green, names, now }: Cloning): readonly CloneItem[] {
  return blue.schedules.flatMap((action) => {
    const request = toGreenSchedule(action, names.greenGroupName, now);
    if (!request) return [];
    const name = action.ScheduledActionName ?? '';
    const found = green.schedules.find(({ ScheduledActionName }) => ScheduledActionName === name);
    const make = async () => {
      if (isScheduleAs(request, found)) return;
      const command = new PutScheduledUpdateGroupActionCommand(request);
      await call('PutScheduledUpdateGroupAction', name, () => clients.autoScaling.send(command));
    };
    return [{ name: `scheduled action ${name}`, make }];
  });
}

/** What the owner had suspended on blue stays suspended on green, also when the rest is over. */
function suspensionItems({ clients, plan, green, names }: Cloning): readonly CloneItem[] {
  const { suspendedProcesses } = plan.blue;
  if (suspendedProcesses.length === 0) return [];
  const found = readSuspended(green.group);
  const missing = suspendedProcesses.filter((process) => !found.includes(process));
  const make = () => suspendProcesses(clients.autoScaling, names.greenGroupName, missing);
  return [{ name: `suspended ${suspendedProcesses.join(', ')}`, make }];
}
