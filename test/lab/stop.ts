/**
 * One deployment whose execution somebody stops in the console, and redrives after it was recovered,
 * judged by what the region has in it then, and by the requests that its load balancer answered.
 * Not for: functions that die (see `kill.ts`); here the function that was at work goes on.
 */
import { RedriveExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { hasEnded, type Progress } from '../../shared/core/progress.ts';
import type { Around } from './in-process.ts';
import { differences, type Outcome, type Possessions, readPossessions } from './kill.ts';
import { createLab, type Lab } from './lab.ts';
import { leftovers } from './leftovers.ts';
import { PROGRAMS } from './programs.ts';

/** How the deployment would go if nobody stopped it. */
export type StopStory = 'success' | 'rollback';

/** A visit of a state. */
export interface Visit {
  readonly state: string;
  /** Counts from 1. */
  readonly number: number;
}

/** Where an execution is stopped. */
export interface Stop extends Visit {
  readonly story: StopStory;
  /**
   * Of a Task, while its function works or right after it answered; of a state that waits, while
   * it does.
   */
  readonly when: 'entered' | 'answered';
  /** True when nobody is told that the execution has ended. */
  readonly isEventLost: boolean;
}

/** What came of it. */
export interface Stopped {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly lost: number;
  /** Region seconds from the stop until there was an outcome and nothing was frozen. */
  readonly seconds: number;
  readonly left: readonly string[];
  readonly possessions: Possessions;
}

/** A story as it goes without a stop. */
export interface Whole {
  readonly story: StopStory;
  readonly visits: readonly Visit[];
  readonly outcome: Outcome;
  readonly possessions: Possessions;
}

/** States in which time passes outside a function, or that a stop can find an execution in. */
const STOPPABLE = /^(?!How|Is[A-Z]|What|Succeeded$|RolledBack$|Failed$|Refused$|NothingToRecover$)/;

/** States that wait: no function is called in them. */
const WAITING = /^Await(?!Green$)/;

const PROGRAMS_OF = { success: PROGRAMS.sound, rollback: PROGRAMS.broken } as const;

/** Region seconds between two looks, and for how long there are any. */
const LOOK_SECONDS = 5;
const PATIENCE_SECONDS = 7200;

const SEED = 1;

/** Plays a story to its end, and tells which states it visited. */
export async function playWhole(story: StopStory): Promise<Whole> {
  const lab = await createLab({ seed: SEED, estate: { hasRule: true } });
  try {
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS_OF[story] });
    const { status } = await lab.end(id);
    await leftovers(lab);
    const visits = new Map<string, number>();
    const states = (await lab.act(() => lab.states(id))).filter((state) => STOPPABLE.test(state));
    return {
      story,
      visits: states.map((state) => {
        const number = (visits.get(state) ?? 0) + 1;
        visits.set(state, number);
        return { state, number };
      }),
      outcome: status === 'SUCCEEDED' ? 'succeeded' : 'rolledBack',
      possessions: await lab.act(() => readPossessions(lab)),
    };
  } finally {
    await lab.stop();
  }
}

/** Every stop that a story can meet, each with the event of the end told and lost. */
export function stopsOf({ story, visits }: Whole): readonly Stop[] {
  return visits.flatMap((visit) =>
    (['entered', 'answered'] as const)
      .filter((when) => when === 'entered' || !WAITING.test(visit.state))
      .flatMap((when) =>
        [false, true].map((isEventLost) => ({ ...visit, story, when, isEventLost })),
      ),
  );
}

/** Plays a story, stops its execution, and waits until somebody has cleaned up. */
export async function playStopped(stop: Stop): Promise<Stopped> {
  let lab: Lab | undefined;
  let stoppedAt: number | undefined;
  const id = 'web-v2';
  const end = async () => {
    if (!lab || stoppedAt !== undefined) return;
    stoppedAt = lab.clock.now();
    const command = new StopExecutionCommand({ executionArn: lab.executionArn(id) });
    await lab.aws.stepFunctions().send(command);
  };
  lab = await createLab({
    seed: SEED,
    estate: { hasRule: true },
    around: stopAround(stop, end),
    // Only the first end is lost: that of the execution which was stopped.
    deliveryFaults: ({ source }) =>
      stop.isEventLost && source === 'aws.states' ? 'drop' : 'deliver',
  });
  try {
    await lab.deploy({ version: 'v2', name: id, program: PROGRAMS_OF[stop.story] });
    if (WAITING.test(stop.state)) await stopWaiting(lab, id, stop, end);
    const progress = await untilRecovered(lab, id, () => stoppedAt !== undefined);
    const seconds = (lab.clock.now() - (stoppedAt ?? Number.NaN)) / 1000;
    await disturb(lab, id);
    return {
      outcome: outcomeOf(progress),
      reason: progress?.reason ?? '',
      seconds,
      left: await leftovers(lab),
      lost: lab.traffic.count().lost,
      possessions: await lab.act(() => readPossessions(lab)),
    };
  } finally {
    await lab.stop();
  }
}

/** What a stop broke, in words; empty when nothing is wrong. */
export function judgeStopped(stopped: Stopped, wholes: readonly Whole[]): readonly string[] {
  const { outcome, reason, lost, left, possessions, seconds } = stopped;
  // What was refused has changed nothing, which is how it is after a rollback.
  const expected = wholes.find((whole) =>
    outcome === 'succeeded' ? whole.outcome === 'succeeded' : whole.outcome === 'rolledBack',
  );
  const changed = expected ? differences(alike(possessions), alike(expected.possessions)) : [];
  const laws: readonly (readonly [isKept: boolean, complaint: string])[] = [
    [!Number.isNaN(seconds), 'nobody stopped it'],
    [['succeeded', 'rolledBack', 'refused'].includes(outcome), `it ended as ${outcome}: ${reason}`],
    [reason !== '', 'it gave no reason'],
    [lost === 0, `${lost} requests had no answer`],
    [changed.length === 0, `it left behind ${changed.join(', ')}`],
  ];
  return [...laws.filter(([isKept]) => !isKept).map(([, complaint]) => complaint), ...left];
}

/** A target group that stands alone has all of the traffic, whatever its weight. */
function alike(possessions: Possessions): Possessions {
  const routes = Object.entries(possessions.routes).map(([arn, weights]) => {
    const names = Object.keys(weights);
    return [arn, names.length === 1 ? { [names[0] as string]: 1 } : weights] as const;
  });
  return { ...possessions, routes: Object.fromEntries(routes) };
}

/** A stop as people name it. */
export function describeStop({ story, state, number, when, isEventLost }: Stop): string {
  return `${story}: ${state} ${number}, ${when}${isEventLost ? ', event lost' : ''}`;
}

function stopAround({ state, number, when }: Stop, end: () => Promise<void>): Around {
  const file = state.replaceAll(/(?<!^)([A-Z])/g, '-$1').toLowerCase();
  let calls = 0;
  return async ({ task }, run) => {
    if (task !== file) return run();
    calls += 1;
    if (calls === number && when === 'entered') await end();
    const answer = await run();
    if (calls === number && when === 'answered') await end();
    return answer;
  };
}

/** What people do afterwards: they redrive the execution, and ask for a recovery once more. */
async function disturb(lab: Lab, id: string): Promise<void> {
  const redrive = new RedriveExecutionCommand({ executionArn: lab.executionArn(id) });
  await lab.act(() => lab.aws.stepFunctions().send(redrive));
  await lab.end(id);
  await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
  await lab.end('by-hand');
}

async function stopWaiting(
  lab: Lab,
  id: string,
  { state, number }: Visit,
  end: () => Promise<void>,
): Promise<void> {
  await lab.until(async () => {
    const states = await lab.states(id);
    return states.filter((name) => name === state).length >= number;
  });
  await lab.act(end);
}

async function untilRecovered(
  lab: Lab,
  id: string,
  isStopped: () => boolean,
): Promise<Progress | undefined> {
  for (let passed = 0; passed < PATIENCE_SECONDS; passed += LOOK_SECONDS) {
    await lab.pass(LOOK_SECONDS);
    if (!isStopped()) continue;
    const progress = await lab.act(() => lab.progress(id));
    const open = await lab.act(() => lab.leases());
    const isOver = progress ? hasEnded(progress) : true;
    if (isOver && open.length === 0) return progress;
  }
  return lab.act(() => lab.progress(id));
}

/** A deployment that left no record has changed nothing either. */
function outcomeOf(progress: Progress | undefined): Outcome {
  if (!progress) return 'refused';
  const { phase } = progress;
  return phase === 'succeeded' ||
    phase === 'rolledBack' ||
    phase === 'refused' ||
    phase === 'failed'
    ? phase
    : 'stuck';
}
