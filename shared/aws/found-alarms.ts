/**
 * The alarms of a plan before anything is written: how long each takes to see, and whether it names
 * blue and will go blind with it.
 * Not for: reading states while a deployment runs (see `alarms.ts`).
 */
import {
  type CloudWatchClient,
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { FoundAlarm } from '../core/estate.ts';
import type { Seconds } from '../core/units.ts';
import { type DescribedAlarm, describeByName, toReading } from './alarms.ts';
import { call } from './call.ts';
import { namesBlue } from './clone/green-names.ts';
import { readPages } from './pages.ts';

/** What the metrics of blue call it. */
export interface BlueNames {
  readonly blueGroupName: string;
  /** `targetgroup/<name>/<id>`; absent when blue has no target group, or several. */
  readonly blueTargetGroup?: string;
}

/** Levels of composite alarms below one another that are followed; deeper ones are not looked at. */
const DEPTH_MAX = 5;

/** Facts about one alarm that do not change with its state. */
type Sight = Pick<FoundAlarm, 'windowSeconds' | 'namesBlueAs'>;

/**
 * One for each name, in the order asked for; unknown names are absent.
 * @throws AwsUnavailable, AwsRefused
 */
export async function findAlarms(
  client: CloudWatchClient,
  alarmNames: readonly string[],
  blue: BlueNames,
): Promise<readonly FoundAlarm[]> {
  const described = await describeByName(client, alarmNames);
  const found: FoundAlarm[] = [];
  for (const alarmName of alarmNames) {
    const one = described.get(alarmName);
    const reading = toReading(alarmName, one);
    found.push(
      one ? { ...reading, type: one.type, ...(await readSight(client, one, blue, 1)) } : reading,
    );
  }
  return found;
}

/** A composite alarm sees what the alarms in its rule see, and takes as long as the slowest. */
async function readSight(
  client: CloudWatchClient,
  { type, alarm }: DescribedAlarm,
  blue: BlueNames,
  depth: number,
): Promise<Sight> {
  if (type === 'metric') return sightOf(alarm, blue);
  if (type !== 'composite' || depth > DEPTH_MAX) return {};
  const children = await describeByName(client, await listChildren(client, alarm));
  const sights: Sight[] = [];
  for (const child of children.values()) {
    sights.push(await readSight(client, child, blue, depth + 1));
  }
  const windows = sights.flatMap(({ windowSeconds }) => windowSeconds ?? []);
  const namesBlueAs = sights.find((sight) => sight.namesBlueAs !== undefined)?.namesBlueAs;
  return {
    ...(windows.length > 0 && { windowSeconds: Math.max(...windows) }),
    ...(namesBlueAs !== undefined && { namesBlueAs }),
  };
}

/** Names of the alarms in a composite alarm's rule. @throws AwsUnavailable, AwsRefused */
async function listChildren(
  client: CloudWatchClient,
  { AlarmName = '' }: CompositeAlarm,
): Promise<readonly string[]> {
  return readPages(async (NextToken) => {
    const command = new DescribeAlarmsCommand({ ChildrenOfAlarmName: AlarmName, NextToken });
    const output = await call('DescribeAlarms', AlarmName, () => client.send(command));
    const children = [...(output.MetricAlarms ?? []), ...(output.CompositeAlarms ?? [])];
    return { items: children.map((child) => child.AlarmName ?? ''), next: output.NextToken };
  });
}

function sightOf(alarm: MetricAlarm, blue: BlueNames): Sight {
  const window = windowOf(alarm);
  const namesBlueAs = namesBlue(alarm, blue);
  return {
    ...(window !== undefined && { windowSeconds: window }),
    ...(namesBlueAs !== undefined && { namesBlueAs }),
  };
}

/**
 * Periods that must be bad, times the longest of them. Absent for alarms on a query, which have no
 * period of their own.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export function windowOf(alarm: MetricAlarm): Seconds | undefined {
  const { Period, Metrics = [], DatapointsToAlarm, EvaluationPeriods } = alarm;
  const periods = Metrics.map((query) => query.Period ?? query.MetricStat?.Period ?? 0);
  const period = Math.max(Period ?? 0, ...periods);
  return period > 0 ? period * (DatapointsToAlarm ?? EvaluationPeriods ?? 1) : undefined;
}
