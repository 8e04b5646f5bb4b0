/**
 * One deployment during which one function dies at one call, judged by what the region has in it
 * afterwards and by the requests that its load balancer answered.
 * Not for: what Teal itself says of the deployment.
 */
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { Around } from './in-process.ts';
import { STORIES, type Story } from './kill-stories.ts';
import { createLab, type Lab } from './lab.ts';
import { usualLaws, watchLaws } from './law-watch.ts';
import { leftovers } from './leftovers.ts';
import { type Death, describePosition, type Position, watchCalls } from './positions.ts';
import { differences, type Possessions, readPossessions } from './possessions.ts';
import { enrichBlueOf } from './rich-blue.ts';
import type { ExecutionSight } from './sight.ts';

/** How a deployment can end. */
export type Outcome = 'succeeded' | 'rolledBack' | 'failed' | 'stuck' | 'refused';

/** What was in the region when it was over. */
export interface Played {
  readonly story: Story;
  /** What was killed; absent when nothing was. */
  readonly death?: Death;
  readonly hasKilled: boolean;
  readonly positions: readonly Position[];
  readonly outcome: Outcome;
  /** The execution's own sentence; empty when it succeeded. */
  readonly cause: string;
  /** Requests without an answer. */
  readonly lost: number;
  /** Errors that blue answered with; it has none of its own. */
  readonly blueErrors: number;
  readonly executions: number;
  /** What is left over, and what was against a law while it was played. */
  readonly left: readonly string[];
  readonly possessions: Possessions;
}

/** What whole runs leave behind: runs in which nobody died. */
export type References = Readonly<Partial<Record<Story, Possessions>>>;

/** What a broken version must never come to is `succeeded`. */
const ALLOWED: Readonly<Record<Story, readonly Outcome[]>> = {
  success: ['succeeded', 'rolledBack'],
  rollback: ['rolledBack'],
  recovery: ['rolledBack'],
  retain: ['succeeded'],
  takeBack: ['succeeded', 'rolledBack'],
};

/** Executions of each story: deployments, what recovers one, and what ends a retention. */
const EXECUTIONS: Readonly<Record<Story, number>> = {
  success: 1,
  rollback: 1,
  recovery: 2,
  retain: 2,
  takeBack: 3,
};

/**
 * The story whose whole run has left behind what a run must. A way back that was itself taken back
 * is as if nobody had gone back, once the time is over for which blue was kept.
 */
const EXPECTED: Readonly<Record<Story, Readonly<Partial<Record<Outcome, Story>>>>> = {
  success: { succeeded: 'success', rolledBack: 'rollback' },
  rollback: { rolledBack: 'rollback' },
  recovery: { rolledBack: 'rollback' },
  retain: { succeeded: 'retain' },
  takeBack: { succeeded: 'takeBack', rolledBack: 'retain' },
};

const SEED = 1;

/** Plays a story in a lab of its own; a rich blue has one of everything that hangs on a group. */
export async function play(story: Story, death?: Death, { isRich = false } = {}): Promise<Played> {
  const { armedAt, service, tell } = STORIES[story];
  const watch = watchCalls(death);
  const around: Around = (call, run) => {
    if (call.task === armedAt) watch.arm();
    return watch.around(call, run);
  };
  // A rule besides the default action, so that a weight can be written to one route of two.
  const estate = { hasRule: true };
  const lab = await createLab({ seed: SEED, around, wire: watch.wire, estate, service });
  const laws = watchLaws(lab, usualLaws(lab));
  try {
    if (isRich) await enrichBlueOf(lab);
    const ended = await tell(lab, { arm: () => watch.arm(), laws });
    const isTakenBack = story === 'takeBack';
    const left = ended.status === 'RUNNING' ? [] : await leftovers(lab, { isTakenBack });
    const { lost, byVersion } = lab.traffic.count();
    laws.stop();
    return {
      story,
      ...(death && { death }),
      hasKilled: watch.hasKilled(),
      positions: watch.positions(),
      outcome: outcomeOf(ended),
      cause: ended.cause ?? '',
      lost,
      blueErrors: byVersion['v1']?.errors ?? 0,
      executions: await countExecutions(lab),
      left: [...left, ...laws.violations()],
      possessions: await lab.act(() => readPossessions(lab)),
    };
  } finally {
    await lab.stop();
  }
}

/** What a killed function changed that it must not, in words; empty when it is as it should be. */
export function judge(played: Played, references: References): readonly string[] {
  const { story, outcome, cause, lost, blueErrors, executions, left, possessions } = played;
  const expected = EXPECTED[story][outcome];
  const whole = expected && references[expected];
  const changed = whole ? differences(possessions, whole) : [];
  const laws: readonly (readonly [isKept: boolean, complaint: string])[] = [
    [!played.death || played.hasKilled, 'nobody died'],
    [ALLOWED[story].includes(outcome), `it ended as ${outcome}: ${cause || 'without a reason'}`],
    [outcome === 'succeeded' || cause !== '', 'it gave no reason'],
    [lost === 0, `${lost} requests had no answer`],
    [blueErrors === 0, `blue answered ${blueErrors} requests with an error`],
    [executions === EXECUTIONS[story], `there were ${executions} executions`],
    [changed.length === 0, `it left behind ${changed.join(', ')}`],
  ];
  return [...laws.filter(([isKept]) => !isKept).map(([, complaint]) => complaint), ...left];
}

/** A death as people name it. */
export function describeDeath({ position, when }: Death): string {
  return `${when} ${describePosition(position)}`;
}

function outcomeOf({ status, error }: ExecutionSight): Outcome {
  if (status === 'SUCCEEDED') return 'succeeded';
  if (status === 'RUNNING') return 'stuck';
  if (status === 'REFUSED') return 'refused';
  return error === 'RolledBack' ? 'rolledBack' : 'failed';
}

async function countExecutions(lab: Lab): Promise<number> {
  const { stateMachineArn } = lab.stack;
  const command = new ListExecutionsCommand({ stateMachineArn });
  const { executions = [] } = await lab.act(() => lab.aws.stepFunctions().send(command));
  return executions.length;
}
