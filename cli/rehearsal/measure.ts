/**
 * The figures of one deployment, asked of the region as anybody could ask AWS.
 */
import {
  type AlarmHistoryItem,
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
} from '@aws-sdk/client-cloudwatch';
import { paginateGetExecutionHistory, SFNClient } from '@aws-sdk/client-sfn';
import type { Stage } from './deploy.ts';
import {
  countCalls,
  type DeploymentReport,
  firstExit,
  type HistoryEvent,
  readSteps,
  realMilliseconds,
} from './report.ts';
import type { RunningRegion } from './start-region.ts';
import type { Deployment, TimelineEntry } from '../answers.ts';

/** The figures that do not come from the traffic. */
export type Figures = Pick<
  DeploymentReport,
  'steps' | 'stateTransitions' | 'awsCalls' | 'greenHealthyToFirstShiftMs' | 'alarmToBlueFullMs'
>;

/** Measures a deployment that began at region time `since` and has ended. */
export async function measure(
  { running, estate, health }: Pick<Stage, 'running' | 'estate' | 'health'>,
  { executionArn, progress }: Deployment,
  entries: readonly TimelineEntry[],
  since: number,
): Promise<Figures> {
  const { region, settings } = running;
  const history = await readHistory(settings, executionArn);
  const raisedAt = await readAlarmTime(settings, estate.alarmNames, since);
  // An alarm that came after the decision did not lead to it.
  const rollbackStartedAt = Date.parse(progress.rollbackStartedAt ?? '');
  const isCause = raisedAt !== undefined && raisedAt <= rollbackStartedAt;
  const healthyAt = health.healthySince(progress.greenTargetGroupArn);
  const speed = Number(region.clock.speed);
  const between = (from: number | undefined, state: string): number | null =>
    realMilliseconds(from, firstExit(history, state), speed);
  return {
    steps: readSteps(entries),
    stateTransitions: region.stepFunctions.billedTransitions(executionArn),
    awsCalls: countCalls(callsOfFunctions(running, since)),
    greenHealthyToFirstShiftMs: between(healthyAt, 'ConfirmTraffic'),
    alarmToBlueFullMs: between(isCause ? raisedAt : undefined, 'ConfirmRollback'),
  };
}

/** Calls under a role, less those of the API, which the rehearsal itself keeps busy. */
function callsOfFunctions({ region }: RunningRegion, since: number) {
  return region.endpoint
    .calls()
    .filter(({ at, roleArn }) => at >= since && roleArn && !/api/i.test(roleArn));
}

async function readHistory(
  settings: RunningRegion['settings'],
  executionArn: string,
): Promise<HistoryEvent[]> {
  const client = new SFNClient(settings);
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory({ client }, { executionArn })) {
    events.push(...(page.events ?? []));
  }
  return events;
}

/** When one of the alarms went into ALARM first after `since`; undefined when none did. */
async function readAlarmTime(
  settings: RunningRegion['settings'],
  alarmNames: readonly string[],
  since: number,
): Promise<number | undefined> {
  const client = new CloudWatchClient(settings);
  const histories = await Promise.all(
    alarmNames.map((AlarmName) =>
      client.send(
        new DescribeAlarmHistoryCommand({
          AlarmName,
          HistoryItemType: 'StateUpdate',
          StartDate: new Date(since),
        }),
      ),
    ),
  );
  const raises = histories
    .flatMap(({ AlarmHistoryItems = [] }) => AlarmHistoryItems.filter(isRaise))
    .flatMap(({ Timestamp }) => Timestamp?.getTime() ?? []);
  return raises.length > 0 ? Math.min(...raises) : undefined;
}

function isRaise({ HistorySummary }: AlarmHistoryItem): boolean {
  return HistorySummary?.endsWith('to ALARM') ?? false;
}
