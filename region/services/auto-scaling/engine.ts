/**
 * The loop that keeps every group as its settings want it: it looks at a group, does what is due,
 * and comes back soon while something is under way and later while nothing is.
 * Not for: what is done at each look; see `launching.ts`, `terminating.ts`, `health.ts`,
 * `capacity.ts` and `traffic.ts`.
 */
import { scaleToDesired } from './capacity.ts';
import { findUnhealthy, replaceUnhealthy } from './health.ts';
import { advanceRefresh } from './instance-refresh.ts';
import { advanceLaunch } from './launching.ts';
import { replaceOverdue } from './lifetime.ts';
import { recordGroupMetrics } from './metrics.ts';
import { rebalanceZones } from './rebalancing.ts';
import { runScheduledActions } from './scheduled-runs.ts';
import { advanceStandby } from './standby.ts';
import { activeRefresh } from './state.ts';
import { advanceTermination } from './terminating.ts';
import { advanceTrafficSources, isTrafficSettled } from './traffic.ts';
import { advanceWarming, maintainWarmPool } from './warm-pool.ts';
import type { Cancel } from '../../kernel/clock.ts';
import type { ScalingAlarms, TargetRegistry } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Ec2Fleet } from '../ec2/ec2.ts';
import type { ActivityLog } from './activities.ts';
import type { GroupRecord } from './state.ts';
import type { GroupStore } from './store.ts';

/** Region milliseconds from a change that somebody asked for to the first look at it. */
const REACTION_MILLISECONDS = 1000;
/** Region milliseconds between looks while something is under way. */
const BUSY_MILLISECONDS = 2000;
/** Region milliseconds between looks while nothing is. */
const IDLE_MILLISECONDS = 10_000;

/** A message to a topic: a line for people and JSON text for programs. */
export interface Notice {
  readonly subject: string;
  readonly message: string;
}

/** What the steps of the loop work with. */
export interface Engine {
  readonly kernel: Kernel;
  readonly ec2: Ec2Fleet;
  readonly registry: TargetRegistry;
  readonly groups: GroupStore;
  readonly activities: ActivityLog;
  readonly alarms: ScalingAlarms;
  /** Publishes to a topic. @throws AwsError what the topic's service throws */
  notify(topicArn: string, notice: Notice): void;
  /** Looks at a group soon, because something about it changed. */
  wake(group: GroupRecord): void;
}

/** Makes a loop that runs for each group from its first `wake` until it is deleted. */
export function createEngine(parts: Omit<Engine, 'wake'>): Engine {
  const { clock } = parts.kernel;
  const due = new Map<GroupRecord, { readonly at: number; readonly cancel: Cancel }>();
  const lookAfter = (group: GroupRecord, milliseconds: number): void => {
    const at = clock.now() + milliseconds;
    const planned = due.get(group);
    if (planned && planned.at <= at) return;
    planned?.cancel();
    const cancel = clock.schedule(at, () => {
      due.delete(group);
      look(engine, group);
      if (parts.groups.get(group.name) !== group) return;
      lookAfter(group, isBusy(engine, group) ? BUSY_MILLISECONDS : IDLE_MILLISECONDS);
    });
    due.set(group, { at, cancel });
  };
  const engine: Engine = { ...parts, wake: (group) => lookAfter(group, REACTION_MILLISECONDS) };
  return engine;
}

function look(engine: Engine, group: GroupRecord): void {
  for (const member of group.members.values()) {
    advanceLaunch(engine, group, member);
    advanceTermination(engine, group, member);
    advanceStandby(engine, group, member);
    advanceWarming(engine, group, member);
  }
  advanceTrafficSources(engine, group);
  recordGroupMetrics(engine, group);
  if (group.deleteAt !== undefined) {
    finishDeletion(engine, group);
    return;
  }
  runScheduledActions(engine, group);
  findUnhealthy(engine, group);
  replaceOverdue(engine, group);
  replaceUnhealthy(engine, group);
  advanceRefresh(engine, group);
  scaleToDesired(engine, group);
  rebalanceZones(engine, group);
  maintainWarmPool(engine, group);
}

function finishDeletion({ kernel, groups }: Engine, group: GroupRecord): void {
  const isDue = group.deleteAt !== undefined && kernel.clock.now() >= group.deleteAt;
  if (!isDue || group.members.size > 0) return;
  groups.delete(group.name);
  kernel.log(`auto-scaling: deleted group ${group.name}`);
}

function isBusy({ activities }: Engine, group: GroupRecord): boolean {
  if (activeRefresh(group)) return true;
  return group.deleteAt !== undefined || activities.isBusy(group.arn) || !isTrafficSettled(group);
}
