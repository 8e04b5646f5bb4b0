/**
 * Deployments as Step Functions shows them: started, followed, and timed by AWS's own timestamps.
 */
import { DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { World } from './world.ts';

/** A deployment that runs, or has run. */
export interface Execution {
  readonly deploymentId: string;
  readonly executionArn: string;
  /** Region time of its start, epoch milliseconds. */
  readonly startedAt: number;
}

/** Events of a history that are enough to see where an execution is. */
const LATEST_EVENTS = 8;

/** Starts a deployment the way an operator does in the console. */
export async function startDeployment(
  world: World,
  request: { service: string; imageId: string },
  deploymentId: string,
): Promise<Execution> {
  const startedAt = world.region.clock.now();
  const { executionArn = '' } = await world.run(() =>
    world.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: world.stateMachineArn,
        name: deploymentId,
        input: JSON.stringify(request),
      }),
    ),
  );
  return { deploymentId, executionArn, startedAt };
}

/** RUNNING, SUCCEEDED, FAILED and so on, and the error of one that failed. */
export async function readStatus(
  { run, stepFunctions }: World,
  { executionArn }: Execution,
): Promise<{ readonly status: string; readonly error: string; readonly cause: string }> {
  const command = new DescribeExecutionCommand({ executionArn });
  const { status = '', error = '', cause = '' } = await run(() => stepFunctions.send(command));
  return { status, error, cause };
}

/** Waits until an execution is over, looking every so many region seconds. */
export async function waitForEnd(
  world: World,
  execution: Execution,
  everySeconds: number,
): Promise<{ readonly status: string; readonly error: string; readonly cause: string }> {
  let now = await readStatus(world, execution);
  while (now.status === 'RUNNING') {
    await world.pass(everySeconds);
    now = await readStatus(world, execution);
  }
  return now;
}

/**
 * Waits until an execution has entered a state for the first time and handed its task over.
 * @throws Error when the execution ends before
 */
export async function waitForTask(
  world: World,
  execution: Execution,
  { state, everySeconds }: { state: string; everySeconds: number },
): Promise<void> {
  while (!(await isWaitingIn(world, execution, state))) {
    const { status, error, cause } = await readStatus(world, execution);
    if (status !== 'RUNNING') {
      throw new Error(
        `${execution.deploymentId} ended before ${state}: ${status} ${error} ${cause}`,
      );
    }
    await world.pass(everySeconds);
  }
}

async function isWaitingIn(
  { run, stepFunctions }: World,
  { executionArn }: Execution,
  state: string,
): Promise<boolean> {
  const { events = [] } = await run(() =>
    stepFunctions.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: LATEST_EVENTS,
      }),
    ),
  );
  const entered = events.find(({ type }) => type?.endsWith('StateEntered'));
  return entered?.stateEnteredEventDetails?.name === state && events[0]?.type === 'TaskSubmitted';
}

/** The whole history, oldest event first. */
export async function readHistory(
  { run, stepFunctions }: World,
  { executionArn }: Execution,
): Promise<readonly HistoryEvent[]> {
  return run(async () => {
    const events: HistoryEvent[] = [];
    const pages = paginateGetExecutionHistory({ client: stepFunctions }, { executionArn });
    for await (const page of pages) events.push(...(page.events ?? []));
    return events;
  });
}

/** Region time at which a state was left for the first time; undefined when it never was. */
export function firstExit(history: readonly HistoryEvent[], state: string): number | undefined {
  const exit = history.find(
    ({ stateExitedEventDetails }) => stateExitedEventDetails?.name === state,
  );
  return exit?.timestamp?.getTime();
}

/** Region time at which an alarm went into ALARM first after `since`; undefined when it did not. */
export async function readAlarmTime(
  { run, cloudWatch }: World,
  alarmName: string,
  since: number,
): Promise<number | undefined> {
  const command = new DescribeAlarmHistoryCommand({
    AlarmName: alarmName,
    HistoryItemType: 'StateUpdate',
    StartDate: new Date(since),
    ScanBy: 'TimestampAscending',
  });
  const { AlarmHistoryItems = [] } = await run(() => cloudWatch.send(command));
  const raised = AlarmHistoryItems.find(({ HistorySummary }) =>
    HistorySummary?.endsWith('to ALARM'),
  );
  return raised?.Timestamp?.getTime();
}
