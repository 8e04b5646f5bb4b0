/** AwaitGreen: watches green come up. One run watches for minutes, so that waiting costs little. */
import { countHealthyReadings, decideAwaitGreen } from '../shared/core/decide-await-green.ts';
import type { GreenDirective } from '../shared/core/directive.ts';
import { noteRecovered } from '../shared/core/judge-alarms.ts';
import type { AlarmsReading } from '../shared/core/observation.ts';
import { countUnderWay, pauseSeconds } from '../shared/core/polling.ts';
import type { Progress } from '../shared/core/progress.ts';
import { countUnreadableAlarms } from '../shared/core/reasons-to-stop.ts';
import { type IsoInstant, secondsBetween } from '../shared/core/units.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Leases } from '../shared/ports/ledger.ts';
import type { Timepiece } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import {
  advance,
  type Journal,
  openDeployment,
  type PlannedDeployment,
  type TaskInput,
} from './_journal.ts';
import * as world from './_ports.ts';

/** Seconds one run watches at the most: what its timeout of 300 s leaves after slow last calls. */
const WATCH_SECONDS_MAX = 240;

/** The deployment whose green is coming up; its deadline is in the record, not here. */
export type AwaitGreenInput = TaskInput;

/** Sight of green, and time to look again before the function's own timeout. */
export interface AwaitGreenPorts extends Journal {
  readonly observer: Observer;
  readonly timepiece: Timepiece;
  readonly leases: Pick<Leases, 'list'>;
}

/**
 * Seconds that a reading of the alarms, and the number of deployments, stay good while green is looked at more often: CloudWatch
 * answers nine DescribeAlarms a second for the whole account.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const ALARMS_GOOD_SECONDS = 5;

/** What one look at green came to. */
interface Look {
  readonly directive: GreenDirective;
  readonly progress: Progress;
  readonly alarms: AlarmsReading;
  readonly alarmsReadAt: IsoInstant;
  /** Deployments under way when the alarms were read, this one included. */
  readonly deployments: number;
}

/** Makes the task. */
export const awaitGreen = (ports: AwaitGreenPorts) => async (input: AwaitGreenInput) => {
  const startedAt = ports.timepiece.now();
  let record = await openDeployment(ports, input);
  let latest = await look(ports, record, undefined);
  while (latest.directive.type === 'wait') {
    const { seconds } = latest.directive;
    const watched = secondsBetween(startedAt, ports.timepiece.now());
    if (watched + seconds >= WATCH_SECONDS_MAX) break;
    await ports.timepiece.sleep(seconds);
    record = await openDeployment(ports, input);
    latest = await look(ports, record, latest);
  }
  const { directive, progress } = latest;
  const now = ports.timepiece.now();
  const isReady = directive.type === 'advance';
  await advance(ports, record, {
    state: 'AwaitGreen',
    now,
    event: directive.type,
    progress: {
      ...progress,
      reason: directive.reason,
      ...(isReady && { greenReadyAt: progress.greenReadyAt ?? now }),
    },
  });
  return { directive };
};

async function look(
  { observer, timepiece, leases }: AwaitGreenPorts,
  record: PlannedDeployment,
  before: Look | undefined,
): Promise<Look> {
  const { plan, abort } = record;
  const now = timepiece.now();
  const isFresh =
    before !== undefined && secondsBetween(before.alarmsReadAt, now) < ALARMS_GOOD_SECONDS;
  const counts = before && {
    unreadableAlarms: before.progress.unreadableAlarms,
    healthyReadings: before.progress.healthyReadings,
    ...(before.progress.recoveredAlarms && { recoveredAlarms: before.progress.recoveredAlarms }),
  };
  const seen = { ...record.progress, ...counts };
  const deployments = isFresh ? before.deployments : countUnderWay(await leases.list());
  const scope = { alarms: !isFresh, blue: false, green: true, routes: false };
  const readings = await observer.observe(plan, seen, scope);
  const alarms = isFresh ? before.alarms : readings.alarms;
  const observation = { ...readings, alarms, at: now, abort };
  const situation = { plan, progress: seen, observation, now };
  const progress = {
    ...seen,
    unreadableAlarms: isFresh ? seen.unreadableAlarms : countUnreadableAlarms(situation),
    healthyReadings: countHealthyReadings(situation),
    ...noteRecovered(situation),
  };
  const directive = decideAwaitGreen({ ...situation, progress });
  return {
    directive: slowDown(directive, { deploymentId: plan.deploymentId, deployments }),
    progress,
    alarms,
    alarmsReadAt: isFresh ? before.alarmsReadAt : now,
    deployments,
  };
}

/** Waits are longer while others look as well. */
function slowDown(
  directive: GreenDirective,
  among: Parameters<typeof pauseSeconds>[1],
): GreenDirective {
  if (directive.type !== 'wait') return directive;
  return { ...directive, seconds: pauseSeconds(directive.seconds, among) };
}

export const handler = withStack(
  awaitGreen({
    ...world.journal(),
    observer: world.observer(),
    timepiece: world.timepiece(),
    leases: world.leases(),
  }),
);
