/**
 * An instance's way into service: launched, booted, held by lifecycle hooks, registered.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { hookVerdict, openHooks } from './hook-actions.ts';
import { resolveAlternative } from './launch-template.ts';
import { nextLifecycle, rankedAlternatives } from './mixed-instances.ts';
import { reportActivity } from './notifications.ts';
import { attachedSources, isSuspended, launchSource } from './state.ts';
import { beginTermination } from './terminating.ts';
import type { Ec2Fleet } from '../ec2/ec2.ts';
import type { InstanceRecord } from '../ec2/state.ts';
import type { ActivityRecord } from './activities.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member, TemplateChoice } from './state.ts';

/**
 * Region milliseconds to wait after a failed launch, doubled with each further failure. AWS tries
 * again for as long as the group exists but does not publish how often.
 */
const FIRST_BACKOFF_MILLISECONDS = 30_000;
const LONGEST_BACKOFF_MILLISECONDS = 600_000;

/** Codes of EC2 after which another alternative may still be launched. */
const OUT_OF_CAPACITY = ['InsufficientInstanceCapacity', 'SpotMaxPriceTooLow', 'Unsupported'];

/** Never seen by callers: it tells one reason of a failed launch from EC2's own. */
const LOAD_BALANCER_INVALID = 'LoadBalancerConfiguration';

/** One launch, once it was decided that and where it is to happen. */
export interface LaunchOrder {
  readonly subnetId: string;
  readonly cause: string;
  /** Whether the instance is for the warm pool. Default false. */
  readonly forPool?: boolean;
}

/** Launches one instance; undefined when EC2 did not take the launch. */
export function launchMember(
  engine: Engine,
  group: GroupRecord,
  order: LaunchOrder,
): Member | undefined {
  const { ec2, kernel } = engine;
  const { subnetId, cause, forPool = false } = order;
  const zone = ec2.network.subnet(subnetId)?.availabilityZone ?? '';
  const details = { 'Subnet ID': subnetId, 'Availability Zone': zone };
  const where = forPool ? ' into a warm pool' : '';
  try {
    requireTargetGroups(engine, group);
    const lifecycle = nextLifecycle(group);
    const { instance, choice } = tryAlternatives(engine, group, { subnetId, lifecycle });
    group.launchFailures = 0;
    group.failedZones.clear();
    const activity = engine.activities.start({
      group,
      description: `Launching a new EC2 instance${where}: ${instance.id}`,
      cause,
      details,
      statusCode: 'PreInService',
      progress: 30,
      instanceId: instance.id,
    });
    const member = newMember(group, { instance, choice, lifecycle, activity, forPool });
    group.members.set(instance.id, member);
    return member;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const status = failureText(error);
    const activity = engine.activities.start({
      group,
      description: `Launching a new EC2 instance${where}.  Status Reason: ${status}`,
      cause,
      details,
      statusCode: 'PreInService',
      progress: 0,
    });
    group.failedZones.add(zone);
    failLaunch(engine, group, activity, status);
    kernel.log(`auto-scaling: ${group.name}: ${status}`);
    return undefined;
  }
}

/** Tries what the group may launch, in its order, for as long as capacity is what is missing. */
function tryAlternatives(
  { ec2 }: Engine,
  group: GroupRecord,
  where: { readonly subnetId: string; readonly lifecycle: Member['lifecycle'] },
): { instance: InstanceRecord; choice: TemplateChoice } {
  const alternatives = rankedAlternatives(launchSource(group), where.lifecycle);
  let lacking: AwsError | undefined;
  for (const alternative of alternatives) {
    try {
      // `$Latest` and `$Default` mean what they mean at this launch.
      const resolved = resolveAlternative(ec2, alternative);
      const instance = ec2.launch({
        ...resolved,
        subnetId: where.subnetId,
        tags: launchTags(group),
        ...(where.lifecycle === 'spot' && { lifecycle: 'spot' }),
        ...reservationOf(group),
      });
      const Version = String(resolved.version.number);
      return { instance, choice: { ...alternative.launchTemplate, Version } };
    } catch (error) {
      if (!(error instanceof AwsError) || !OUT_OF_CAPACITY.includes(error.code)) throw error;
      lacking ??= error;
    }
  }
  throw lacking ?? new Error(`The group ${group.name} has nothing to launch.`);
}

/** What the group wants of Capacity Reservations; nothing where its template decides. */
function reservationOf({ settings }: GroupRecord): Partial<Parameters<Ec2Fleet['launch']>[0]> {
  const { CapacityReservationPreference: preference, CapacityReservationTarget: target } =
    settings.CapacityReservationSpecification;
  if (preference === undefined || preference === 'default') return {};
  return {
    reservation: {
      isRequired: preference === 'capacity-reservations-only',
      isRefused: preference === 'none',
      ids: target?.CapacityReservationIds ?? [],
    },
  };
}

/** Takes an instance that is on its way into service one step further, when it can go further. */
export function advanceLaunch(engine: Engine, group: GroupRecord, member: Member): void {
  if (member.phase === 'booting') advanceBoot(engine, group, member);
  if (member.phase === 'launchHook') advanceHook(engine, group, member);
}

function advanceBoot(engine: Engine, group: GroupRecord, member: Member): void {
  const instance = engine.ec2.instance(member.instanceId);
  if (instance?.state === 'pending') return;
  if (instance?.state !== 'running') {
    group.members.delete(member.instanceId);
    const reason = instance?.stateReason;
    failLaunch(
      engine,
      group,
      member.activity,
      'Instance became unhealthy while waiting for instance to be in InService state. ' +
        `Termination Reason: ${reason ? `${reason.code}: ${reason.message}` : 'unknown'}`,
    );
    return;
  }
  member.hookActions = openHooks(engine, group, member, 'autoscaling:EC2_INSTANCE_LAUNCHING');
  if (member.hookActions.length === 0) {
    enterService(engine, group, member);
    return;
  }
  member.phase = 'launchHook';
  member.activity.statusCode = 'MidLifecycleAction';
}

function advanceHook(engine: Engine, group: GroupRecord, member: Member): void {
  const verdict = hookVerdict(member, engine.kernel.clock.now());
  if (verdict === 'CONTINUE') enterService(engine, group, member);
  if (verdict !== 'ABANDON') return;
  failLaunch(
    engine,
    group,
    member.activity,
    "Instance failed to complete user's Lifecycle Action: Lifecycle Action was abandoned.",
  );
  beginTermination(engine, group, member, {
    cause: `An instance was abandoned by a lifecycle hook: ${member.instanceId}.`,
    replaced: false,
  });
}

function enterService(engine: Engine, group: GroupRecord, member: Member): void {
  if (!isSuspended(group, 'AddToLoadBalancer')) {
    for (const { identifier } of attachedSources(group)) {
      // A target group may have been deleted while the instance booted.
      if (!engine.registry.targetGroup(identifier)) continue;
      engine.registry.register(identifier, [member.instanceId]);
    }
  }
  member.phase = 'inService';
  member.inServiceAt = engine.kernel.clock.now();
  engine.activities.end(member.activity, 'Successful');
  reportActivity(engine, group, 'EC2 Instance Launch Successful', member.activity);
}

/** Ends a launch without an instance; the next one waits, longer each time. */
export function failLaunch(
  engine: Engine,
  group: GroupRecord,
  activity: ActivityRecord,
  status: string,
): void {
  engine.activities.end(activity, 'Failed', status);
  reportActivity(engine, group, 'EC2 Instance Launch Unsuccessful', activity);
  const wait = Math.min(
    FIRST_BACKOFF_MILLISECONDS * 2 ** group.launchFailures,
    LONGEST_BACKOFF_MILLISECONDS,
  );
  group.launchFailures += 1;
  group.launchNotBefore = engine.kernel.clock.now() + wait;
}

function requireTargetGroups({ registry }: Engine, group: GroupRecord): void {
  const found = attachedSources(group).every((source) => registry.targetGroup(source.identifier));
  if (!found) throw new AwsError(LOAD_BALANCER_INVALID, 'One or more target groups not found.');
}

function failureText(error: AwsError): string {
  const what =
    error.code === LOAD_BALANCER_INVALID
      ? 'Validating load balancer configuration failed.'
      : 'Launching EC2 instance failed.';
  return `${error.message.replace(/\.?$/, '.')} ${what}`;
}

function newMember(
  group: GroupRecord,
  launched: {
    readonly instance: InstanceRecord;
    readonly choice: TemplateChoice;
    readonly lifecycle: Member['lifecycle'];
    readonly activity: ActivityRecord;
    readonly forPool: boolean;
  },
): Member {
  const { instance, choice, lifecycle, activity, forPool } = launched;
  return {
    instanceId: instance.id,
    instanceType: instance.instanceType,
    imageId: instance.imageId,
    availabilityZone: instance.availabilityZone,
    launchTemplate: choice,
    lifecycle,
    launchedAt: instance.launchedAt,
    phase: forPool ? 'warming' : 'booting',
    inPool: forPool,
    returnsToPool: false,
    activity,
    healthStatus: 'Healthy',
    protectedFromScaleIn: group.settings.NewInstancesProtectedFromScaleIn,
    drainingFrom: [],
    hookActions: [],
    replaced: false,
  };
}

/** Tags that the group gives the instances it launches. */
export function launchTags(group: GroupRecord): Map<string, string> {
  const own = [...group.tags].filter(([, tag]) => tag.propagateAtLaunch);
  return new Map([
    ...own.map(([key, tag]): [string, string] => [key, tag.value]),
    ['aws:autoscaling:groupName', group.name],
  ]);
}
