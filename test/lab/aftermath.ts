/**
 * What becomes of a deployment whose execution is gone: until somebody has cleaned up, when the
 * execution is redriven, and when people ask for one more recovery than there was a need for.
 */
import { RedriveExecutionCommand } from '@aws-sdk/client-sfn';
import { hasEnded, type Progress } from '../../shared/core/progress.ts';
import type { Outcome } from './kill.ts';
import type { Lab } from './lab.ts';
import type { LawWatch } from './law-watch.ts';
import { leftovers } from './leftovers.ts';
import { type Possessions, readPossessions } from './possessions.ts';
import { isEstateWrite } from './watched-call.ts';
import { currentInvocation } from './invocations.ts';

/** When an execution that was stopped is redriven. */
export type RedriveTime = 'atOnce' | 'duringRecovery' | 'afterRecovery';

/** What came of a redrive. */
export interface Redriven {
  /** AWS's refusal, or the status and error with which the execution ended once more. */
  readonly ended: string;
  /** What its functions changed in the estate. */
  readonly writes: readonly string[];
}

/** What is true when everything is over. */
export interface Aftermath {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly lost: number;
  /** Region seconds from the end of the execution until nothing was frozen and all was told. */
  readonly seconds: number;
  /** What is left over, and what was against a law while it was played. */
  readonly left: readonly string[];
  readonly possessions: Possessions;
  readonly redriven: Redriven;
}

/** Region seconds between two looks, and for how long there are any. */
const LOOK_SECONDS = 5;
const PATIENCE_SECONDS = 7200;

/** Region seconds within which a recovery has taken over wherever there is one. */
const TAKE_OVER_SECONDS = 900;

/**
 * Waits until somebody has cleaned up after an execution that ends or has ended, redrives it when
 * it is time for that, and asks for one more recovery.
 */
export async function awaitAftermath(
  lab: Lab,
  id: string,
  { laws, time = 'afterRecovery' }: { readonly laws: LawWatch; readonly time?: RedriveTime },
): Promise<Aftermath> {
  await lab.until(() => !lab.isRunning(id));
  const goneAt = lab.clock.now();
  if (time === 'duringRecovery') await untilTakenOver(lab, id);
  const early = time === 'afterRecovery' ? undefined : await redrive(lab, id);
  const progress = await untilFree(lab, id);
  const seconds = (lab.clock.now() - goneAt) / 1000;
  const redriven = early ?? (await redrive(lab, id));
  await lab.start('by-hand', { directive: { type: 'recover' }, deploymentId: id });
  await lab.end('by-hand');
  const left = await leftovers(lab);
  laws.stop();
  return {
    outcome: outcomeOf(progress),
    reason: progress?.reason ?? '',
    seconds,
    left: [...left, ...laws.violations()],
    lost: lab.traffic.count().lost,
    possessions: await lab.act(() => readPossessions(lab)),
    redriven,
  };
}

/** Waits until another execution has the deployment, wherever one ever will. */
async function untilTakenOver(lab: Lab, id: string): Promise<void> {
  const own = lab.executionArn(id);
  for (let passed = 0; passed < TAKE_OVER_SECONDS; passed += 1) {
    const [record] = await lab.act(() => lab.items('RECORD'));
    if (record && record['executionArn'] !== own) return;
    await lab.pass(1);
  }
}

/** Redrives an execution, as somebody does in the console, and waits until it is over again. */
async function redrive(lab: Lab, id: string): Promise<Redriven> {
  const executionArn = lab.executionArn(id);
  const writes: string[] = [];
  const stop = lab.region.endpoint.onCall((record, input) => {
    const invocation = currentInvocation();
    if (invocation?.executionArn !== executionArn) return;
    if (isEstateWrite({ ...record, input })) writes.push(`${invocation.task} ${record.operation}`);
  });
  try {
    const command = new RedriveExecutionCommand({ executionArn });
    await lab.act(() => lab.aws.stepFunctions().send(command));
    const { status, error = '' } = await lab.end(id);
    return { ended: `${status} ${error}`.trim(), writes };
  } catch (refusal) {
    if (refusal instanceof Error && refusal.name === 'ExecutionNotRedrivable') {
      return { ended: refusal.name, writes };
    }
    throw refusal;
  } finally {
    stop();
  }
}

async function untilFree(lab: Lab, id: string): Promise<Progress | undefined> {
  for (let passed = 0; passed < PATIENCE_SECONDS; passed += LOOK_SECONDS) {
    await lab.pass(LOOK_SECONDS);
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
