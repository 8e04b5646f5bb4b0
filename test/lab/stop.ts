/**
 * One deployment whose execution somebody stops in the console, and redrives, judged by what the
 * region has in it then, and by the requests that its load balancer answered.
 * Not for: functions that die (see `kill.ts`); here the function that was at work goes on. Nor for
 * executions that end by themselves (see `expire.ts`).
 */
import { type HistoryEvent, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { type Aftermath, awaitAftermath, type RedriveTime } from './aftermath.ts';
import type { Around } from './in-process.ts';
import type { Outcome } from './kill.ts';
import { createLab, type Lab } from './lab.ts';
import { usualLaws, watchLaws } from './law-watch.ts';
import { leftovers } from './leftovers.ts';
import { differences, type Possessions, readPossessions } from './possessions.ts';
import { PROGRAMS } from './programs.ts';

/** How the deployment would go if nobody stopped it. */
export type StopStory = 'success' | 'rollback';

/** A visit of a state. */
export interface Visit {
  readonly state: string;
  /** Counts from 1. */
  readonly number: number;
}

/** A visit as it was made. */
export interface Visited extends Visit {
  /** Region seconds from the start of the execution until the state was entered. */
  readonly second: number;
  /** Id of that event in the execution's history. */
  readonly event: number;
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
  /** When it is redriven; absent means after its recovery. */
  readonly redrive?: RedriveTime;
}

/** A story as it goes without a stop. */
export interface Whole {
  readonly story: StopStory;
  readonly visits: readonly Visited[];
  readonly outcome: Outcome;
  readonly possessions: Possessions;
}

/** States in which time passes outside a function, or that a stop can find an execution in. */
const STOPPABLE =
  /^(?!How|Is[A-Z]|May|What|Succeeded$|RolledBack$|Failed$|Refused$|NothingToRecover$)/;

/** States that wait: no function is called in them. */
const WAITING = /^Await(?!Green$)/;

const PROGRAMS_OF = { success: PROGRAMS.sound, rollback: PROGRAMS.broken } as const;

const SEED = 1;

/** Plays a story to its end, and tells which states it visited. */
export async function playWhole(story: StopStory): Promise<Whole> {
  const lab = await createLab({ seed: SEED, estate: { hasRule: true } });
  try {
    const id = await lab.deploy({ version: 'v2', program: PROGRAMS_OF[story] });
    const { status } = await lab.end(id);
    await leftovers(lab);
    return {
      story,
      visits: toVisits(await lab.act(() => lab.history(id))),
      outcome: status === 'SUCCEEDED' ? 'succeeded' : 'rolledBack',
      possessions: await lab.act(() => readPossessions(lab)),
    };
  } finally {
    await lab.stop();
  }
}

function toVisits(history: readonly HistoryEvent[]): readonly Visited[] {
  const startedAt = history[0]?.timestamp?.getTime() ?? 0;
  const numbers = new Map<string, number>();
  return history.flatMap(({ id = 0, timestamp, stateEnteredEventDetails: entered }) => {
    const state = entered?.name;
    if (!state || !STOPPABLE.test(state)) return [];
    const number = (numbers.get(state) ?? 0) + 1;
    numbers.set(state, number);
    const second = ((timestamp?.getTime() ?? 0) - startedAt) / 1000;
    return [{ state, number, second, event: id }];
  });
}

/** Every stop that a story can meet, each with the event of the end told and lost. */
export function stopsOf({ story, visits }: Whole): readonly Stop[] {
  return visits.flatMap((visit) =>
    (['entered', 'answered'] as const)
      .filter((when) => when === 'entered' || !WAITING.test(visit.state))
      .flatMap((when) =>
        [false, true].map((isEventLost) => ({
          state: visit.state,
          number: visit.number,
          story,
          when,
          isEventLost,
        })),
      ),
  );
}

/** Plays a story, stops its execution, and waits until somebody has cleaned up. */
export async function playStopped(stop: Stop): Promise<Aftermath> {
  let lab: Lab | undefined;
  let isStopped = false;
  const id = 'web-v2';
  const end = async () => {
    if (!lab || isStopped) return;
    isStopped = true;
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
  const laws = watchLaws(lab, usualLaws(lab));
  try {
    await lab.deploy({ version: 'v2', name: id, program: PROGRAMS_OF[stop.story] });
    if (WAITING.test(stop.state)) await stopWaiting(lab, id, stop, end);
    await lab.until(() => isStopped);
    return await awaitAftermath(lab, id, { laws, ...(stop.redrive && { time: stop.redrive }) });
  } finally {
    await lab.stop();
  }
}

/** What a stop broke, in words; empty when nothing is wrong. */
export function judgeStopped(
  stopped: Aftermath,
  wholes: readonly Whole[],
  redrive: RedriveTime = 'afterRecovery',
): readonly string[] {
  const { outcome, reason, lost, left, possessions, redriven } = stopped;
  // What was refused has changed nothing, which is how it is after a rollback.
  const expected = wholes.find((whole) =>
    outcome === 'succeeded' ? whole.outcome === 'succeeded' : whole.outcome === 'rolledBack',
  );
  const changed = expected ? differences(alike(possessions), alike(expected.possessions)) : [];
  // Before anybody has recovered it, a redriven execution simply goes on.
  const isHarmless = redriven.writes.length === 0 || redrive !== 'afterRecovery';
  const laws: readonly (readonly [isKept: boolean, complaint: string])[] = [
    [['succeeded', 'rolledBack', 'refused'].includes(outcome), `it ended as ${outcome}: ${reason}`],
    [reason !== '', 'it gave no reason'],
    [lost === 0, `${lost} requests had no answer`],
    [changed.length === 0, `it left behind ${changed.join(', ')}`],
    [isHarmless, `its redrive called ${redriven.writes.join(', ')}`],
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
export function describeStop(stop: Stop): string {
  const { story, state, number, when, isEventLost, redrive } = stop;
  const rest = `${isEventLost ? ', event lost' : ''}${redrive ? `, redriven ${redrive}` : ''}`;
  return `${story}: ${state} ${number}, ${when}${rest}`;
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
