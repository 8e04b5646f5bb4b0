/**
 * Warm pools: instances that are launched ahead and wait, stopped or running, until the group
 * scales out.
 * Not for: the operations on pools; see `warm-pool-operations.ts`.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
 */
import { causeTime } from './activities.ts';

import { hookVerdict, openHooks } from './hook-actions.ts';
import { chooseSubnet } from './subnets.ts';
import { failLaunch, launchMember } from './launching.ts';
import { reportActivity } from './notifications.ts';
import { activeRefresh, isSuspended, poolMembers } from './state.ts';
import { beginTermination } from './terminating.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member, Phase, WarmPool } from './state.ts';

const WAITING: readonly Phase[] = ['warming', 'warmHook', 'cooling', 'warmed'];

/** Instances that a pool is to hold now. */
export function poolSize({ warmPool, settings }: GroupRecord): number {
  if (!warmPool || warmPool.isLeaving) return 0;
  const prepared = (warmPool.maxPrepared ?? settings.MaxSize) - settings.DesiredCapacity;
  return Math.max(warmPool.minSize, prepared, 0);
}

/** Fills a pool up, or takes out of it what is too much. */
export function maintainWarmPool(engine: Engine, group: GroupRecord): void {
  const { warmPool } = group;
  if (!warmPool) return;
  const waiting = poolMembers(group).filter((member) => WAITING.includes(member.phase));
  const difference = poolSize(group) - waiting.length;
  const now = engine.kernel.clock.now();
  const at = causeTime(now);
  if (difference < 0 && !isSuspended(group, 'Terminate')) {
    const cause = `At ${at} an instance was taken out of the warm pool to match its size.`;
    for (const member of waiting.slice(difference)) {
      beginTermination(engine, group, member, { cause, replaced: false });
    }
  }
  if (difference > 0 && !isSuspended(group, 'Launch') && now >= group.launchNotBefore) {
    const cause = `At ${at} an instance was started in response to a warm pool of its size.`;
    for (let launched = 0; launched < difference; launched += 1) {
      const subnetId = chooseSubnet(engine, group, poolMembers(group));
      if (!launchMember(engine, group, { subnetId, cause, forPool: true })) return;
    }
  }
  if (warmPool.isLeaving && poolMembers(group).length === 0) delete group.warmPool;
}

/** Takes an instance one step further on its way into the pool. */
export function advanceWarming(engine: Engine, group: GroupRecord, member: Member): void {
  const { ec2, kernel } = engine;
  const state = ec2.instance(member.instanceId)?.state;
  if (member.phase === 'warming' && state === 'running') {
    member.hookActions = openHooks(engine, group, member, 'autoscaling:EC2_INSTANCE_LAUNCHING');
    member.phase = member.hookActions.length > 0 ? 'warmHook' : 'cooling';
  } else if (member.phase === 'warming' && state !== 'pending') {
    group.members.delete(member.instanceId);
    const what = 'Instance became unhealthy while waiting to enter the warm pool.';
    failLaunch(engine, group, member.activity, what);
  }
  if (member.phase === 'warmHook') {
    const verdict = hookVerdict(member, kernel.clock.now());
    if (verdict === 'CONTINUE') member.phase = 'cooling';
    if (verdict === 'ABANDON') {
      const cause = `A lifecycle hook abandoned the instance ${member.instanceId}.`;
      beginTermination(engine, group, member, { cause, replaced: false });
    }
  }
  if (member.phase === 'cooling') cool(engine, group, member);
  if (WAITING.includes(member.phase) && (state === undefined || state === 'terminated')) {
    group.members.delete(member.instanceId);
  }
}

/**
 * Moves a waiting instance of the pool into the group. Answers whether there was one.
 * During an instance refresh the pool keeps its old instances to itself.
 */
export function takeFromPool(engine: Engine, group: GroupRecord, cause: string): boolean {
  if (!group.warmPool || group.warmPool.isLeaving || activeRefresh(group)) return false;
  const member = poolMembers(group).find((candidate) => candidate.phase === 'warmed');
  if (!member) return false;
  engine.ec2.start(member.instanceId);
  member.inPool = false;
  member.phase = 'booting';
  delete member.inServiceAt;
  member.activity = engine.activities.start({
    group,
    description: `Launching a new EC2 instance from warm pool: ${member.instanceId}`,
    cause,
    details: { 'Availability Zone': member.availabilityZone },
    statusCode: 'PreInService',
    progress: 30,
    instanceId: member.instanceId,
  });
  return true;
}

/** A pool as Describe operations answer it. */
export function describePool(pool: WarmPool) {
  return {
    ...(pool.maxPrepared !== undefined && { MaxGroupPreparedCapacity: pool.maxPrepared }),
    MinSize: pool.minSize,
    PoolState: pool.state,
    ...(pool.isLeaving && { Status: 'PendingDelete' as const }),
    InstanceReusePolicy: { ReuseOnScaleIn: pool.reusesOnScaleIn },
  };
}

/** Stops an instance where the pool wants it stopped; it waits from then on. */
function cool(engine: Engine, group: GroupRecord, member: Member): void {
  const state = engine.ec2.instance(member.instanceId)?.state;
  const stops = group.warmPool?.state !== 'Running';
  if (stops && state === 'running') engine.ec2.stop(member.instanceId);
  if (state !== (stops ? 'stopped' : 'running')) return;
  member.phase = 'warmed';
  if (member.activity.endedAt !== undefined) return;
  engine.activities.end(member.activity, 'Successful');
  reportActivity(engine, group, 'EC2 Instance Launch Successful', member.activity, 'WarmPool');
}
