/**
 * The state of a group's traffic sources: from attached to in service, from detached to gone.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/load-balancer-status.html
 */
import { isSuspended } from './state.ts';
import type { TargetRegistry } from '../../kernel/contracts.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member, TrafficSource } from './state.ts';

/** Region milliseconds for which a detached source is still described, as `Removed`. */
const REMOVED_MEMORY_MILLISECONDS = 60_000;

/** Target health by instance id; empty when the target group was deleted meanwhile. */
export function targetHealth({ registry }: Engine, identifier: string): TargetHealth {
  return registry.targetGroup(identifier) ? registry.targetHealth(identifier) : new Map();
}
type TargetHealth = ReturnType<TargetRegistry['targetHealth']>;

/** Moves every traffic source on, as far as its targets let it. */
export function advanceTrafficSources(engine: Engine, group: GroupRecord): void {
  const now = engine.kernel.clock.now();
  for (const source of group.trafficSources) {
    const next = nextState(engine, group, source);
    if (next === source.state) continue;
    source.state = next;
    source.since = now;
  }
  group.trafficSources = group.trafficSources.filter(
    (source) => source.state !== 'Removed' || now - source.since < REMOVED_MEMORY_MILLISECONDS,
  );
}

/** Whether no traffic source is on its way to another state by the group's doing. */
export function isTrafficSettled(group: GroupRecord): boolean {
  return group.trafficSources.every(
    (source) => source.state === 'InService' || source.state === 'Removed',
  );
}

function nextState(
  engine: Engine,
  group: GroupRecord,
  source: TrafficSource,
): TrafficSource['state'] {
  const health = targetHealth(engine, source.identifier);
  const serving = inService(group);
  if (source.state === 'Adding') {
    const all = serving.every((member) => health.has(member.instanceId));
    return all || isSuspended(group, 'AddToLoadBalancer') ? 'Added' : 'Adding';
  }
  if (source.state === 'Added') {
    const passed = serving.some((member) => health.get(member.instanceId)?.state === 'healthy');
    return passed ? 'InService' : 'Added';
  }
  if (source.state === 'Removing') {
    const members = [...group.members.keys()];
    const drains = members.some((id) => health.get(id)?.state === 'draining');
    return drains ? 'Removing' : 'Removed';
  }
  return source.state;
}

/** Instances that traffic sources are to have as targets. */
export function inService(group: GroupRecord): Member[] {
  return [...group.members.values()].filter((member) => member.phase === 'inService');
}
