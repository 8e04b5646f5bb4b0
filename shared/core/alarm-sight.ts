/**
 * How long an alarm takes to see anything, and holds that are over before it could.
 */
import { type AlarmWish, isLeftOut, toAlarmTerms } from './alarm-terms.ts';
import type { FoundAlarm } from './estate.ts';
import type { Strategy } from './spec.ts';
import type { Seconds } from './units.ts';

/**
 * Seconds by which an alarm is later than its periods: a fault begins in the middle of a minute, a
 * load balancer reports once a minute, and an alarm is evaluated once a minute. An alarm on one
 * period of a minute has been seen to take four.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export const METRIC_DELAY_SECONDS = 180;

/** One of the plan's steps, as far as it matters here. */
interface Held {
  readonly greenWeightPercent: number;
  readonly holdSeconds: Seconds;
}

/** Seconds after which an alarm has seen what began; undefined where CloudWatch does not say. */
export function secondsToSee({
  windowSeconds,
}: Pick<FoundAlarm, 'windowSeconds'>): Seconds | undefined {
  return windowSeconds === undefined ? undefined : windowSeconds + METRIC_DELAY_SECONDS;
}

/**
 * Holds that have to be refused. The bake is the last time that blue can take everything back, so
 * every alarm must be able to speak in it, whatever the strategy. The one hold of a canary or of
 * linear steps is the pace at which green is judged, so it must be long enough as well. A hold in an
 * explicit list was chosen for its weight by a person, 0 included: it is only warned about.
 * Waiting longer than the plan says never hurts, so sessions that lengthen the bake do not count.
 */
export function complainAboutHolds(
  { strategy, alarms }: { readonly strategy: Strategy; readonly alarms: readonly AlarmWish[] },
  steps: readonly Held[],
  found: readonly FoundAlarm[],
): readonly string[] {
  const slowest = findSlowest(alarms, found);
  const bake = steps.at(-1);
  if (!slowest || !bake) return [];
  const { alarmName, seconds } = slowest;
  const why = `alarm ${alarmName} takes up to ${seconds} s to see anything`;
  const complaints: string[] = [];
  if (bake.holdSeconds < seconds) {
    complaints.push(
      `The bake time of ${bake.holdSeconds} s is too short, because ${why}; make it ${seconds} s or more.`,
    );
  }
  const first = steps.length > 1 && strategy.type !== 'steps' ? steps[0] : undefined;
  if (first && first.holdSeconds < seconds) {
    complaints.push(
      `The hold of ${first.holdSeconds} s is too short, because ${why}; make it ${seconds} s or more, or list the steps one by one.`,
    );
  }
  return complaints;
}

/** Holds of an explicit list in which not every alarm can see what green does. */
export function warnAboutHolds(
  { strategy, alarms }: { readonly strategy: Strategy; readonly alarms: readonly AlarmWish[] },
  steps: readonly Held[],
  found: readonly FoundAlarm[],
): readonly string[] {
  const slowest = findSlowest(alarms, found);
  if (!slowest || strategy.type !== 'steps') return [];
  const { alarmName, seconds } = slowest;
  const short = steps.slice(0, -1).filter(({ holdSeconds }) => holdSeconds < seconds);
  if (short.length === 0) return [];
  const weights = short.map(({ greenWeightPercent }) => `${greenWeightPercent} %`).join(', ');
  return [
    `Alarm ${alarmName} takes up to ${seconds} s to see anything, so what green does at ${weights} may be seen only after the next step.`,
  ];
}

/** The watched alarm that takes longest. An alarm that is out of this deployment does not count. */
function findSlowest(
  wishes: readonly AlarmWish[],
  found: readonly FoundAlarm[],
): { readonly alarmName: string; readonly seconds: Seconds } | undefined {
  const terms = new Map(wishes.map((wish) => [toAlarmTerms(wish).name, toAlarmTerms(wish)]));
  const [slowest] = found
    .filter((alarm) => !isLeftOut(terms.get(alarm.alarmName), alarm))
    .flatMap((alarm) => {
      const seconds = secondsToSee(alarm);
      return seconds === undefined ? [] : [{ alarmName: alarm.alarmName, seconds }];
    })
    .toSorted((left, right) => right.seconds - left.seconds);
  return slowest;
}
