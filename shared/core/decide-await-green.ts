/**
 * Whether green is ready for production traffic, will be, or never will.
 */
import { neededCapacity } from './capacity.ts';
import type { GreenDirective } from './directive.ts';
import { healthGates } from './gates.ts';
import { classifyLaunchFailure, type LaunchFailure } from './launch-failures.ts';
import { reasonsToStop } from './reasons-to-stop.ts';
import { count, decideBy, type Rule, type Situation } from './situation.ts';
import { secondsBetween } from './units.ts';

/**
 * Failed launches and replaced instances after which green counts as unable to start: more than
 * bad luck with one host, few enough to stop a loop of launches and kills within minutes.
 */
export const GREEN_FAILURES_MAX = 3;

/** Seconds between readings while instances are still being launched. */
const LAUNCH_POLL_SECONDS = 5;

/** Seconds between readings while only health checks are missing; they pass at any moment. */
const HEALTH_POLL_SECONDS = 0.5;

/**
 * Seconds after which a target that no route leads to is no longer a route that takes effect late.
 * Green's place in the routes was written before its first instance was asked for.
 */
const UNROUTED_SECONDS_MAX = 60;

/**
 * How the load balancer says that it will never check a target: no route names the target group,
 * or none in the target's zone.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
 */
const UNROUTED_REASON = 'Target.NotInUse';

/** Failures that no further launch will mend while the deployment waits. */
const HOPELESS: ReadonlySet<LaunchFailure> = new Set(['fatal', 'quota']);

/** Readings in a row, this one included, that found green whole. */
export function countHealthyReadings(situation: Situation): number {
  const isWhole = healthGates.every((gate) => gate(situation) === undefined);
  return isWhole ? situation.progress.healthyReadings + 1 : 0;
}

/** Decides for AwaitGreen. */
export function decideAwaitGreen(situation: Situation): GreenDirective {
  return decideBy<GreenDirective>(
    situation,
    [
      ...reasonsToStop,
      greenIsReady,
      launchIsHopeless,
      greenIsUnrouted,
      greenKeepsFailing,
      deadlineHasPassed,
    ],
    lookAgain,
  );
}

/** Green was whole for as many readings as were asked for; one may be luck. */
const greenIsReady: Rule<GreenDirective> = (situation) => {
  if (situation.progress.healthyReadings < situation.plan.consecutiveReadings) return undefined;
  const needed = neededCapacity(situation);
  return { type: 'advance', reason: `All ${count(needed, 'green instance')} became healthy.` };
};

/** What Auto Scaling says will not change by trying again. */
const launchIsHopeless: Rule<GreenDirective> = ({ observation: { green } }) => {
  const hopeless = green.failures.find((words) => HOPELESS.has(classifyLaunchFailure(words)));
  if (hopeless === undefined) return undefined;
  return { type: 'rollBack', reason: `Green could not be launched: ${hopeless}` };
};

/** A target that the load balancer does not check never becomes healthy, however long one waits. */
const greenIsUnrouted: Rule<GreenDirective> = ({ progress, observation: { green }, now }) => {
  const complaint = green.complaints.find((words) => words.includes(UNROUTED_REASON));
  const since = progress.greenRequestedAt;
  if (complaint === undefined || !since) return undefined;
  if (secondsBetween(since, now) < UNROUTED_SECONDS_MAX) return undefined;
  return { type: 'rollBack', reason: `The load balancer does not check green: ${complaint}.` };
};

/** Capacity comes back by itself, and the deadline bounds the wait for it. */
const greenKeepsFailing: Rule<GreenDirective> = ({ observation: { green } }) => {
  const failures = green.failures.filter((words) => classifyLaunchFailure(words) !== 'capacity');
  if (failures.length < GREEN_FAILURES_MAX) return undefined;
  return {
    type: 'rollBack',
    reason: `Green failed ${failures.length} times to bring up an instance; last: ${failures[0]}`,
  };
};

const deadlineHasPassed: Rule<GreenDirective> = (situation) => {
  const { plan, progress, now } = situation;
  const deadline = plan.greenHealthyDeadlineSeconds;
  if (!progress.greenRequestedAt) return undefined;
  if (secondsBetween(progress.greenRequestedAt, now) < deadline) return undefined;
  return {
    type: 'rollBack',
    reason: `Green was not healthy within ${deadline} s: ${describeGreen(situation)}`,
  };
};

function lookAgain(situation: Situation): GreenDirective {
  const isLaunched = situation.observation.green.inServiceCount >= neededCapacity(situation);
  return {
    type: 'wait',
    seconds: isLaunched ? HEALTH_POLL_SECONDS : LAUNCH_POLL_SECONDS,
    reason: `Green was not ready: ${describeGreen(situation)}`,
  };
}

function describeGreen(situation: Situation): string {
  const { plan, progress, observation } = situation;
  const { green } = observation;
  const needed = neededCapacity(situation);
  // Whole, and still not ready: without this the sentence would contradict itself.
  const readings =
    progress.healthyReadings > 0
      ? `, whole in ${progress.healthyReadings} of ${plan.consecutiveReadings} readings in a row`
      : '';
  const counts = `${green.inServiceCount} of ${needed} in service, ${green.healthyCount} healthy${readings}`;
  const details = [...green.complaints.slice(0, 1), ...green.failures.slice(0, 1)];
  return details.length > 0 ? `${counts}; ${details.join('; ')}.` : `${counts}.`;
}
