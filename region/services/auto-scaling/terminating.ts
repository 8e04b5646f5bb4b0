/**
 * An instance's way out of a group: deregistered, drained, held by lifecycle hooks, terminated.
 */
import { hookVerdict, openHooks } from './hook-actions.ts';
import { reportActivity } from './notifications.ts';
import { targetHealth } from './traffic.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/** How a termination came about. */
export interface Termination {
  readonly cause: string;
  /** Whether another instance takes its place, because it is unhealthy. */
  readonly replaced: boolean;
  /** Skips draining and lifecycle hooks, as a forced deletion does. Default false. */
  readonly forced?: boolean;
  /** Puts the instance into the warm pool instead of ending it. Default false. */
  readonly toPool?: boolean;
}

/** Starts to take an instance out. */
export function beginTermination(
  engine: Engine,
  group: GroupRecord,
  member: Member,
  termination: Termination,
): void {
  const { activities, ec2 } = engine;
  const { instanceId } = member;
  if (member.activity.endedAt === undefined) {
    activities.end(member.activity, 'Cancelled', 'Instance is being terminated.');
  }
  const registeredWith = leaveTargetGroups(engine, group, instanceId);
  const runs = ec2.instance(instanceId)?.state === 'running';
  const drains = runs && !termination.forced && registeredWith.length > 0;
  member.replaced = termination.replaced;
  member.activity = activities.start({
    group,
    description: `Terminating EC2 instance: ${instanceId}`,
    cause: termination.cause,
    details: {
      'Subnet ID': ec2.instance(instanceId)?.subnetId ?? '',
      'Availability Zone': member.availabilityZone,
    },
    statusCode: drains ? 'WaitingForELBConnectionDraining' : 'InProgress',
    progress: drains ? 20 : 50,
    instanceId,
  });
  member.returnsToPool = termination.toPool ?? false;
  member.drainingFrom = drains ? registeredWith : [];
  member.phase = 'draining';
  if (termination.forced) stopInstance(engine, member);
}

/** Takes an instance out of every target group; answers those in which it drains now. */
export function leaveTargetGroups(
  engine: Engine,
  group: GroupRecord,
  instanceId: string,
): readonly string[] {
  const registeredWith = group.trafficSources
    .map((source) => source.identifier)
    .filter((identifier) => targetHealth(engine, identifier).has(instanceId));
  for (const identifier of registeredWith) {
    engine.registry.deregister(identifier, [instanceId]);
  }
  return registeredWith;
}

/** Whether an instance still drains in a target group that it left. */
export function isDraining(engine: Engine, member: Member): boolean {
  return member.drainingFrom.some(
    (identifier) => targetHealth(engine, identifier).get(member.instanceId)?.state === 'draining',
  );
}

/** Takes an instance that is on its way out one step further, when it can go further. */
export function advanceTermination(engine: Engine, group: GroupRecord, member: Member): void {
  if (member.phase === 'draining' && !isDraining(engine, member)) {
    endDraining(engine, group, member);
  }
  if (member.phase === 'terminateHook') {
    const verdict = hookVerdict(member, engine.kernel.clock.now());
    if (verdict === 'ABANDON' && retainsAbandoned(group)) retain(engine, member);
    // Otherwise it is terminated, whatever the hook answers; only waiting holds it.
    else if (verdict !== 'WAIT') leave(engine, member);
  }
  if (member.phase === 'stopping' && isGone(engine, member)) {
    engine.activities.end(member.activity, 'Successful');
    group.members.delete(member.instanceId);
    reportActivity(engine, group, 'EC2 Instance Terminate Successful', member.activity);
  }
}

function endDraining(engine: Engine, group: GroupRecord, member: Member): void {
  const runs = engine.ec2.instance(member.instanceId)?.state === 'running';
  member.hookActions = runs
    ? openHooks(engine, group, member, 'autoscaling:EC2_INSTANCE_TERMINATING')
    : [];
  if (member.hookActions.length === 0) {
    leave(engine, member);
    return;
  }
  member.phase = 'terminateHook';
  member.activity.statusCode = 'MidLifecycleAction';
  member.activity.progress = 40;
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/configure-instance-retention.html */
function retainsAbandoned({ settings }: GroupRecord): boolean {
  return settings.InstanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
}

/** It stays in the group, without counting as capacity, until somebody terminates it. */
function retain({ activities }: Engine, member: Member): void {
  member.phase = 'retained';
  activities.end(member.activity, 'Successful');
}

/** Ends an instance that was retained; its hooks have had their say. */
export function endRetained(
  engine: Engine,
  group: GroupRecord,
  member: Member,
  cause: string,
): void {
  member.activity = engine.activities.start({
    group,
    description: `Terminating EC2 instance: ${member.instanceId}`,
    cause,
    details: { 'Availability Zone': member.availabilityZone },
    statusCode: 'InProgress',
    progress: 50,
    instanceId: member.instanceId,
  });
  stopInstance(engine, member);
}

/** To the warm pool where it was meant to go there and still runs, otherwise to its end. */
function leave(engine: Engine, member: Member): void {
  const runs = engine.ec2.instance(member.instanceId)?.state === 'running';
  if (!member.returnsToPool || !runs) {
    stopInstance(engine, member);
    return;
  }
  member.inPool = true;
  member.returnsToPool = false;
  member.phase = 'cooling';
}

function stopInstance({ ec2 }: Engine, member: Member): void {
  member.phase = 'stopping';
  member.activity.statusCode = 'InProgress';
  member.activity.progress = 60;
  ec2.terminate(member.instanceId, {
    code: 'Server.UserInitiatedShutdown',
    message: 'Server.UserInitiatedShutdown: User initiated shutdown',
  });
}

function isGone({ ec2 }: Engine, member: Member): boolean {
  const instance = ec2.instance(member.instanceId);
  return instance === undefined || instance.state === 'terminated';
}
