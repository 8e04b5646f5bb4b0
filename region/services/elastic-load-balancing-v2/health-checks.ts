/**
 * Health checks: questions to the machines at the target group's interval, from the moment a rule
 * uses the target group, and what their answers make of a target.
 * Not for: registering and draining (see `target-health.ts`).
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import type { Kernel } from '../../kernel/kernel.ts';
import type { Answer, Machines } from '../../kernel/machines.ts';
import { matchesCode } from './health-check-settings.ts';
import type { HealthCheck } from './model.ts';
import type { Group, Target, TargetGroupFacts } from './target-life.ts';
import { halt } from './target-life.ts';
import type { Phase } from './target-states.ts';

/** User agent of AWS's health checks. */
const USER_AGENT = 'ELB-HealthChecker/2.0';

/** Region milliseconds that a registration takes at most; AWS names no number, seconds are usual. */
const REGISTRATION_MILLISECONDS = 3000;

/** The checking of targets, which goes on by itself once a target is settled. */
export interface HealthChecks {
  /** Brings a target into or out of checking as the target group's use demands. */
  settle(group: Group, target: Target, now: TargetGroupFacts): void;
}

/** What checks depend on. */
export interface HealthCheckWorld {
  readonly kernel: Kernel;
  readonly machines: Machines;
  /** Undefined when there is no such target group. */
  readonly facts: (targetGroupArn: string) => TargetGroupFacts | undefined;
  /** Ends the connections that a target still has. */
  readonly endFlows: (targetGroupArn: string, instanceId: string) => void;
  /** Called for a target whose instance does not exist any more. */
  readonly remove: (group: Group, target: Target) => void;
}

/** Starts without any check. */
export function createHealthChecks(world: HealthCheckWorld): HealthChecks {
  const { kernel, machines, facts } = world;
  const { clock } = kernel;

  const later = (target: Target, delay: number, task: () => void | Promise<void>): void => {
    target.cancel();
    target.cancel = clock.schedule(clock.now() + delay, task);
  };

  const begin = (group: Group, target: Target): void => {
    startOver(target);
    enter(group, target, 'registering');
    later(target, REGISTRATION_MILLISECONDS * (0.5 + kernel.random() / 2), () => {
      enter(group, target, 'checking');
      const interval = facts(group.arn)?.healthCheck.intervalSeconds ?? 0;
      later(target, interval * 1000 * kernel.random(), () => start(group, target));
    });
  };

  const start = async (group: Group, target: Target): Promise<void> => {
    const { round } = target;
    const startedAt = clock.now();
    await checkOnce(world, group, target);
    const interval = facts(group.arn)?.healthCheck.intervalSeconds;
    if (target.round !== round || interval === undefined) return;
    const next = startedAt + interval * 1000;
    later(target, Math.max(0, next - clock.now()), () => start(group, target));
  };

  return {
    settle: (group, target, now) => {
      if (target.phase === 'draining') return;
      const zone = machines.placement(target.instanceId)?.availabilityZone;
      const outside = now.inUse && zone !== undefined && now.zones?.has(zone) === false;
      if (outside || !now.inUse) {
        halt(target);
        enter(group, target, outside ? 'outside' : 'unused');
      } else if (target.phase === 'unused' || target.phase === 'outside') {
        begin(group, target);
      }
    },
  };
}

function enter(group: Group, target: Target, phase: Phase): void {
  target.phase = phase;
  group.pool = undefined;
}

function startOver(target: Target): void {
  target.passes = 0;
  target.failures = 0;
  target.fault = {};
}

async function checkOnce(world: HealthCheckWorld, group: Group, target: Target): Promise<void> {
  const { round } = target;
  const placement = world.machines.placement(target.instanceId);
  const now = world.facts(group.arn);
  if (!now) return;
  if (!placement) {
    world.remove(group, target);
    return;
  }
  if (placement.state === 'stopped' || placement.state === 'stopping') {
    startOver(target);
    enter(group, target, 'stopped');
    return;
  }
  if (target.phase === 'stopped') enter(group, target, 'checking');
  const answer = await world.machines.ask(target.instanceId, {
    path: now.healthCheck.path ?? '/',
    host: `${placement.privateIp}:${now.port}`,
    userAgent: USER_AGENT,
    timeoutMilliseconds: now.healthCheck.timeoutSeconds * 1000,
  });
  if (target.round !== round) return;
  const phase = judge(target, answer, now.healthCheck);
  if (phase === target.phase) return;
  enter(group, target, phase);
  if (phase === 'unhealthy') fail(world, group, target, now);
}

/** What becomes of the connections that a target still has when it turns out unhealthy. */
function fail(
  { kernel, endFlows }: HealthCheckWorld,
  group: Group,
  target: Target,
  { unhealthyDrainingSeconds, endsUnhealthyFlows }: TargetGroupFacts,
): void {
  target.drainsUntil = kernel.clock.now() + unhealthyDrainingSeconds * 1000;
  if (endsUnhealthyFlows) endFlows(group.arn, target.instanceId);
}

/** What one answer makes of a target; a new target needs one pass, a failed one several. */
function judge(target: Target, answer: Answer, check: HealthCheck): Phase {
  if (passes(answer, check)) {
    target.passes += 1;
    target.failures = 0;
    const needed = target.phase === 'checking' ? 1 : check.healthyThresholdCount;
    return target.passes >= needed ? 'healthy' : target.phase;
  }
  target.passes = 0;
  target.failures += 1;
  target.fault = faultOf(answer);
  return target.failures >= check.unhealthyThresholdCount ? 'unhealthy' : target.phase;
}

/** A check over TCP is content with any answer: somebody was there to give it. */
function passes(answer: Answer, { matcher }: HealthCheck): boolean {
  if (answer.type !== 'response') return false;
  return matcher === undefined || matchesCode(matcher, answer.status);
}

function faultOf(answer: Answer): Target['fault'] {
  if (answer.type === 'timeout') {
    return { reason: 'Target.Timeout', description: 'Request timed out' };
  }
  if (answer.type === 'refused') {
    return { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
  }
  return {
    reason: 'Target.ResponseCodeMismatch',
    description: `Health checks failed with these codes: [${answer.status}]`,
  };
}
