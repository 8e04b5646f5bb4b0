/**
 * The life of targets: registered, checked, healthy or not, draining, gone.
 * Not for: the checks themselves (see `health-checks.ts`) or choosing a target for a request (see
 * `routing.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { Machines } from '../../kernel/machines.ts';
import { createHealthChecks } from './health-checks.ts';
import type { Group, Target, TargetGroupFacts, TargetPool } from './target-life.ts';
import { halt, nothing } from './target-life.ts';
import type { Phase, TargetState } from './target-states.ts';
import { report } from './target-states.ts';

/** The targets of all target groups. */
export interface TargetHealth {
  /** Adds targets; one that is draining starts anew. */
  register(targetGroupArn: string, instanceIds: readonly string[]): void;
  /** Starts draining. A target that no rule ever led to is gone at once. */
  deregister(targetGroupArn: string, instanceIds: readonly string[]): void;
  /** State and reason of every registered or draining target. */
  states(targetGroupArn: string): ReadonlyMap<string, TargetState>;
  pool(targetGroupArn: string): TargetPool;
  /** Looks again at which target groups are in use, after any change of rules. */
  refresh(): void;
  /** Forgets a target group once the data plane cannot refer to it any more. */
  drop(targetGroupArn: string): void;
  /** Target groups with targets. */
  groups(): readonly string[];
  /** Stops every check. */
  close(): void;
}

const EMPTY_POOL: TargetPool = { healthy: [], open: [] };

/** What the life of targets depends on. */
export interface TargetHealthWorld {
  readonly kernel: Kernel;
  readonly machines: Machines;
  /** Undefined when there is no such target group. */
  readonly facts: (targetGroupArn: string) => TargetGroupFacts | undefined;
  /** Region milliseconds for which the data plane may still refer to a deleted target group. */
  readonly lingerMilliseconds: number;
  /** Ends the connections that a target still has; called when it is unhealthy. */
  readonly endFlows: (targetGroupArn: string, instanceId: string) => void;
  /** Called when a target's time is over: requests that it still has must end now. */
  readonly onGone: (targetGroupArn: string, instanceId: string) => void;
}

/** Starts without targets. */
export function createTargetHealth(world: TargetHealthWorld): TargetHealth {
  const { kernel, facts, onGone } = world;
  const { clock } = kernel;
  const groups = new Map<string, Group>();
  const remove = (group: Group, target: Target): void => {
    halt(target);
    if (group.targets.get(target.instanceId) === target) group.targets.delete(target.instanceId);
    group.pool = undefined;
    onGone(group.arn, target.instanceId);
  };
  const checks = createHealthChecks({ ...world, remove });
  const refreshGroup = (group: Group): void => {
    const now = facts(group.arn);
    if (now) for (const target of group.targets.values()) checks.settle(group, target, now);
  };
  const leave = (group: Group, target: Target, delay: number): void => {
    if (target.phase === 'draining') return;
    if (delay === 0 || NOT_SERVING.has(target.phase)) return remove(group, target);
    halt(target);
    target.phase = 'draining';
    group.pool = undefined;
    target.cancel = clock.schedule(clock.now() + delay, () => remove(group, target));
  };

  return {
    register: (arn, instanceIds) => {
      const group = groups.get(arn) ?? { arn, targets: new Map(), pool: undefined };
      groups.set(arn, group);
      for (const instanceId of instanceIds) add(group, instanceId);
      refreshGroup(group);
    },
    deregister: (arn, instanceIds) => {
      const group = groups.get(arn);
      const delay = (facts(arn)?.deregistrationDelaySeconds ?? 0) * 1000;
      for (const instanceId of instanceIds) {
        const target = group?.targets.get(instanceId);
        if (group && target) leave(group, target, delay);
      }
    },
    states: (arn) => statesOf(groups.get(arn), clock.now()),
    pool: (arn) => {
      const group = groups.get(arn);
      return group ? (group.pool ??= poolOf(group)) : EMPTY_POOL;
    },
    refresh: () => groups.forEach(refreshGroup),
    drop: (arn) => {
      const group = groups.get(arn);
      if (!group) return;
      // Draining goes on: requests under way do not end because their target group is deleted.
      for (const target of group.targets.values()) if (target.phase !== 'draining') halt(target);
      clock.schedule(clock.now() + world.lingerMilliseconds, () => void groups.delete(arn));
    },
    groups: () => [...groups.keys()].filter((arn) => groups.get(arn)?.targets.size),
    close: () => {
      for (const group of groups.values()) group.targets.forEach(halt);
    },
  };
}

/** A target that is draining starts anew; requests that it still has may go on. */
function add(group: Group, instanceId: string): void {
  const existing = group.targets.get(instanceId);
  if (existing && existing.phase !== 'draining') return;
  if (existing) halt(existing);
  group.targets.set(instanceId, newTarget(instanceId));
  group.pool = undefined;
}

function statesOf(group: Group | undefined, now: number): ReadonlyMap<string, TargetState> {
  const targets = [...(group?.targets.values() ?? [])];
  return new Map(
    targets.map((target) => {
      const state = report(target.phase, target.fault);
      const drains = target.phase === 'unhealthy' && now < target.drainsUntil;
      return [target.instanceId, drains ? { ...state, state: 'unhealthy.draining' } : state];
    }),
  );
}

/** Phases in which a target has never had a request that draining could wait for. */
const NOT_SERVING: ReadonlySet<Phase> = new Set(['unused', 'outside', 'registering', 'stopped']);

function newTarget(instanceId: string): Target {
  return {
    instanceId,
    inFlight: 0,
    phase: 'unused',
    passes: 0,
    failures: 0,
    fault: {},
    drainsUntil: 0,
    round: 0,
    cancel: nothing,
  };
}

function poolOf(group: Group): TargetPool {
  const targets = [...group.targets.values()];
  return {
    healthy: targets.filter(({ phase }) => phase === 'healthy'),
    open: targets.filter(({ phase }) => OPEN.has(phase)),
  };
}

const OPEN: ReadonlySet<Phase> = new Set(['healthy', 'unhealthy', 'checking']);
