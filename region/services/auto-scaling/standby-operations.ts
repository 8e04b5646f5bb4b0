/**
 * EnterStandby, ExitStandby, AttachInstances, DetachInstances: instances that leave and join a
 * group without being launched or terminated.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-detach-attach-instances.html
 */
import type {
  AttachInstancesCommandInput,
  DetachInstancesCommandInput,
  EnterStandbyCommandInput,
  ExitStandbyCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { causeTime, describeActivity } from './activities.ts';
import { noteChange } from './desired.ts';
import { validationError } from './errors.ts';
import { launchTags } from './launching.ts';
import { isSuspended } from './state.ts';
import { groupOperation } from './store.ts';
import { leaveTargetGroups } from './terminating.ts';
import type { InstanceRecord } from '../ec2/state.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member, Phase } from './state.ts';

const INSTANCES_PER_CALL = 20;

/** The four operations. */
export function standbyOperations(engine: Engine) {
  const { groups } = engine;
  return {
    EnterStandby: groupOperation(groups, 'EnterStandby', (group, input: EnterStandbyCommandInput) =>
      moveOut(engine, group, { ...input, to: 'enteringStandby' }),
    ),
    DetachInstances: groupOperation(
      groups,
      'DetachInstances',
      (group, input: DetachInstancesCommandInput) =>
        moveOut(engine, group, { ...input, to: 'detaching' }),
    ),
    ExitStandby: groupOperation(groups, 'ExitStandby', (group, input: ExitStandbyCommandInput) =>
      exitStandby(engine, group, readIds(input.InstanceIds)),
    ),
    AttachInstances: groupOperation(
      groups,
      'AttachInstances',
      (group, input: AttachInstancesCommandInput) =>
        attach(engine, group, readIds(input.InstanceIds)),
    ),
  };
}

interface MovingOut {
  readonly InstanceIds?: readonly string[] | undefined;
  readonly ShouldDecrementDesiredCapacity: boolean | undefined;
  readonly to: 'enteringStandby' | 'detaching';
}

function moveOut(engine: Engine, group: GroupRecord, input: MovingOut) {
  const { to } = input;
  const allowed: readonly Phase[] = to === 'detaching' ? ['inService', 'standby'] : ['inService'];
  const members = readIds(input.InstanceIds).map((id) => requireMember(group, id, allowed));
  const { settings } = group;
  const active = members.filter((member) => member.phase === 'inService').length;
  const decrements = input.ShouldDecrementDesiredCapacity ?? false;
  const left = settings.DesiredCapacity - active;
  if (decrements && left < settings.MinSize) {
    throw validationError(
      `AutoScalingGroup '${group.name}' has min size=${settings.MinSize}, max ` +
        `size=${settings.MaxSize}, and desired size=${settings.DesiredCapacity}. To place into ` +
        `standby or detach ${active} instance(s), please update the AutoScalingGroup sizes ` +
        'appropriately.',
    );
  }
  const now = causeTime(engine.kernel.clock.now());
  const verb = to === 'detaching' ? 'detached' : 'moved to standby';
  const shrinking = decrements
    ? `, shrinking the capacity from ${settings.DesiredCapacity} to ${left}`
    : '';
  const cause =
    `At ${now} instances ${members.map((member) => member.instanceId).join(', ')} were ` +
    `${verb} in response to a user request${shrinking}.`;
  if (decrements && active > 0) {
    settings.DesiredCapacity = left;
    noteChange(engine, group, cause);
  }
  for (const member of members) leave(engine, group, member, { to, cause });
  engine.wake(group);
  return { Activities: members.map((member) => describeActivity(member.activity, true)) };
}

function leave(
  engine: Engine,
  group: GroupRecord,
  member: Member,
  { to, cause }: { readonly to: MovingOut['to']; readonly cause: string },
): void {
  const { instanceId } = member;
  const what = to === 'detaching' ? 'Detaching EC2 instance' : 'Moving EC2 instance to Standby';
  member.drainingFrom = leaveTargetGroups(engine, group, instanceId);
  member.phase = to;
  member.activity = engine.activities.start({
    group,
    description: `${what}: ${instanceId}`,
    cause,
    details: detailsOf(engine, member.instanceId),
    statusCode: member.drainingFrom.length > 0 ? 'WaitingForELBConnectionDraining' : 'InProgress',
    progress: 50,
    instanceId,
  });
}

function exitStandby(engine: Engine, group: GroupRecord, ids: readonly string[]) {
  refuseWithoutLaunch(group, 'ExitStandby');
  const members = ids.map((id) => requireMember(group, id, ['standby']));
  const cause = grow(engine, group, { count: members.length, verb: 'moved out of standby' });
  for (const member of members) {
    join(engine, group, member, { what: 'Moving EC2 instance out of Standby', cause });
  }
  engine.wake(group);
  return { Activities: members.map((member) => describeActivity(member.activity, true)) };
}

function attach(engine: Engine, group: GroupRecord, ids: readonly string[]): object {
  refuseWithoutLaunch(group, 'AttachInstances');
  const instances = ids.map((id) => requireAttachable(engine, group, id));
  const cause = grow(engine, group, { count: instances.length, verb: 'attached' });
  for (const instance of instances) {
    const member = attachedMember(engine, group, instance, cause);
    group.members.set(instance.id, member);
    engine.ec2.tag(instance.id, launchTags(group));
  }
  engine.wake(group);
  return {};
}

/** What joins adds to the desired capacity. @throws AwsError ValidationError beyond the maximum */
function grow(
  engine: Engine,
  group: GroupRecord,
  { count, verb }: { readonly count: number; readonly verb: string },
): string {
  const { settings } = group;
  const from = settings.DesiredCapacity;
  if (from + count > settings.MaxSize) {
    throw validationError(
      `AutoScalingGroup '${group.name}' has min size=${settings.MinSize}, max ` +
        `size=${settings.MaxSize}, and desired size=${from}. To add ${count} instance(s), ` +
        'please update the AutoScalingGroup sizes appropriately.',
    );
  }
  const now = causeTime(engine.kernel.clock.now());
  const cause =
    `At ${now} ${count} instance(s) were ${verb} in response to a user request, increasing the ` +
    `capacity from ${from} to ${from + count}.`;
  settings.DesiredCapacity = from + count;
  noteChange(engine, group, cause);
  return cause;
}

function join(
  engine: Engine,
  group: GroupRecord,
  member: Member,
  { what, cause }: { readonly what: string; readonly cause: string },
): void {
  member.phase = 'booting';
  delete member.inServiceAt;
  member.activity = engine.activities.start({
    group,
    description: `${what}: ${member.instanceId}`,
    cause,
    details: detailsOf(engine, member.instanceId),
    statusCode: 'PreInService',
    progress: 30,
    instanceId: member.instanceId,
  });
}

function attachedMember(
  engine: Engine,
  group: GroupRecord,
  instance: InstanceRecord,
  cause: string,
): Member {
  return {
    instanceId: instance.id,
    instanceType: instance.instanceType,
    imageId: instance.imageId,
    availabilityZone: instance.availabilityZone,
    launchTemplate: group.launchTemplate,
    lifecycle: instance.lifecycle ?? 'on-demand',
    launchedAt: instance.launchedAt,
    phase: 'booting',
    inPool: false,
    returnsToPool: false,
    activity: engine.activities.start({
      group,
      description: `Attaching an existing EC2 instance: ${instance.id}`,
      cause,
      details: detailsOf(engine, instance.id),
      statusCode: 'PreInService',
      progress: 30,
      instanceId: instance.id,
    }),
    healthStatus: 'Healthy',
    protectedFromScaleIn: group.settings.NewInstancesProtectedFromScaleIn,
    drainingFrom: [],
    hookActions: [],
    replaced: false,
  };
}

function requireAttachable(engine: Engine, group: GroupRecord, id: string): InstanceRecord {
  const instance = engine.ec2.instance(id);
  if (!instance) throw validationError(`Invalid Instance ID(s): [${id}] specified`);
  const owner = [...engine.groups.values()].find((other) => other.members.has(id));
  const rules: readonly (readonly [boolean, string])[] = [
    [owner !== undefined, `The instance ${id} is already part of Auto Scaling group`],
    [instance.state !== 'running', `The instance ${id} is not in correct state.`],
    [
      !group.settings.AvailabilityZones.includes(instance.availabilityZone),
      `The instance ${id} is not in the Availability Zones of the group.`,
    ],
    [
      !engine.ec2.isImageAvailable(instance.imageId),
      `AMI(s): [${instance.imageId}] provided for the instance do not exist`,
    ],
  ];
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken) throw validationError(`${broken[1]}${owner ? `: ${owner.name}` : ''}`);
  return instance;
}

function requireMember(group: GroupRecord, id: string, phases: readonly Phase[]): Member {
  const member = group.members.get(id);
  if (!member) {
    throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
  }
  if (phases.includes(member.phase)) return member;
  const wanted = phases.map((phase) => (phase === 'standby' ? 'Standby' : 'InService'));
  throw validationError(`The instance ${id} is not in ${wanted.join(' or ')}.`);
}

function readIds(ids: readonly string[] | undefined): readonly string[] {
  const list = [...new Set(ids ?? [])];
  if (list.length === 0) throw validationError('At least one instance ID must be specified.');
  if (list.length > INSTANCES_PER_CALL) {
    throw validationError(
      `At most ${INSTANCES_PER_CALL} instances can be given in one call, not ${list.length}.`,
    );
  }
  return list;
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
function refuseWithoutLaunch(group: GroupRecord, operation: string): void {
  if (!isSuspended(group, 'Launch')) return;
  throw validationError(
    `${operation} is not possible while the Launch process of ${group.name} is suspended.`,
  );
}

function detailsOf({ ec2 }: Engine, instanceId: string): Record<string, string> {
  const instance = ec2.instance(instanceId);
  return {
    'Subnet ID': instance?.subnetId ?? '',
    'Availability Zone': instance?.availabilityZone ?? '',
  };
}
