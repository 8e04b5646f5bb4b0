/**
 * One deployment whose execution ends by itself where no Catch sees it: at the timeout of the state
 * machine, or with a history that is full. Judged as one that somebody stopped.
 */
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { type Aftermath, awaitAftermath } from './aftermath.ts';
import { createLab, type Lab } from './lab.ts';
import { usualLaws, watchLaws } from './law-watch.ts';
import { PROGRAMS } from './programs.ts';
import type { StopStory, Visit, Whole } from './stop.ts';

/** How an execution ends, and in which visit of a state. */
export interface Expiry extends Visit {
  readonly story: StopStory;
  /** A timeout only ends what takes time. */
  readonly by: 'timeout' | 'history';
  /** True when nobody is told that the execution has ended. */
  readonly isEventLost: boolean;
}

/** What came of it. */
export interface Expired extends Aftermath {
  /** Status and error with which the execution ended first. */
  readonly ended: string;
  /** States that it had visited by then. */
  readonly states: readonly string[];
}

const PROGRAMS_OF = { success: PROGRAMS.sound, rollback: PROGRAMS.broken } as const;

/** Region seconds after a state was entered at which the execution times out. */
const SECONDS_INTO = 5;

/** Events of a visit that still fit; those of a hold, until it is over. */
const EVENTS_INTO = 2;
const EVENTS_INTO_HOLD = 4;

/** Plays a story until its execution expires, and waits until somebody has cleaned up. */
export async function playExpired(
  { story, by, state, number, isEventLost }: Expiry,
  wholes: readonly Whole[],
): Promise<Expired> {
  const visit = wholes
    .find((whole) => whole.story === story)
    ?.visits.find((one) => one.state === state && one.number === number);
  if (!visit) throw new Error(`${story} has no visit ${number} of ${state}.`);
  const seconds = Math.round(visit.second) + SECONDS_INTO;
  const events = visit.event + (state === 'Hold' ? EVENTS_INTO_HOLD : EVENTS_INTO);
  // Read when an execution starts, so that what recovers it has the room that AWS gives everybody.
  const quotas: { 'execution-history-events'?: number } = {};
  const lab = await createLab({
    seed: 1,
    estate: { hasRule: true },
    quotas,
    deliveryFaults: ({ source }) => (isEventLost && source === 'aws.states' ? 'drop' : 'deliver'),
  });
  const laws = watchLaws(lab, usualLaws(lab));
  try {
    const id = 'web-v2';
    if (by === 'history') quotas['execution-history-events'] = events;
    const before = by === 'timeout' ? await limitTime(lab, seconds) : undefined;
    await lab.deploy({ version: 'v2', name: id, program: PROGRAMS_OF[story] });
    delete quotas['execution-history-events'];
    // What runs goes on under the definition that it began with.
    if (before !== undefined) await define(lab, before);
    await lab.until(() => !lab.isRunning(id));
    const { status, error = '' } = await lab.act(() => lab.execution(id));
    const states = await lab.act(() => lab.states(id));
    const aftermath = await awaitAftermath(lab, id, { laws });
    return { ...aftermath, ended: `${status} ${error}`.trim(), states };
  } finally {
    await lab.stop();
  }
}

/** Gives the state machine a timeout, and answers its definition from before. */
async function limitTime(lab: Lab, seconds: number): Promise<string> {
  const { stateMachineArn } = lab.stack;
  const command = new DescribeStateMachineCommand({ stateMachineArn });
  const { definition = '{}' } = await lab.act(() => lab.aws.stepFunctions().send(command));
  const timed = { ...(JSON.parse(definition) as object), TimeoutSeconds: seconds };
  await define(lab, JSON.stringify(timed));
  return definition;
}

async function define(lab: Lab, definition: string): Promise<void> {
  const { stateMachineArn } = lab.stack;
  const command = new UpdateStateMachineCommand({ stateMachineArn, definition });
  await lab.act(() => lab.aws.stepFunctions().send(command));
}
