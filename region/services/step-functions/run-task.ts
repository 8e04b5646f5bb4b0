/**
 * What a Task state does: attempts, retries between them, and a catch after the last.
 * Not for: a single attempt (see `attempt-task.ts`).
 */
import { attemptTask } from './attempt-task.ts';
import type { Catcher, Retrier, TaskState } from './definition.ts';
import type { Position } from './execution.ts';
import { caughtName, matchesError, StatesError } from './states-error.ts';
import { leave, type Outcome, type Run, type Visit } from './visit.ts';

/** Runs a Task state that was just entered. */
export async function runTask(visit: Visit, state: TaskState): Promise<Outcome> {
  const used = new Map<Retrier, number>();
  for (let retryCount = 0; ; retryCount += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- attempts follow each other
      const result = await attemptTask(visit, state, retryCount);
      // oxlint-disable-next-line no-await-in-loop -- its failure counts as the attempt's
      return await leave(visit, state, {
        fallback: result,
        extras: { result, retryCount },
        next: state.next,
      });
    } catch (error) {
      visit.run.signal.throwIfAborted();
      if (!(error instanceof StatesError)) throw error;
      const retrier = state.retry.find((entry) => matchesError(entry.errorEquals, error));
      const uses = retrier ? (used.get(retrier) ?? 0) : 0;
      if (!retrier || uses >= retrier.maxAttempts) {
        return catchError(visit, state, { failure: error, retryCount });
      }
      used.set(retrier, uses + 1);
      // oxlint-disable-next-line no-await-in-loop -- attempts follow each other
      await beforeRetry(visit, retrier, uses);
    }
  }
}

/** Runs a Task state again where a redriven execution failed in it: it is not entered again. */
export function resumeTask(run: Run, position: Position, state: TaskState): Promise<Outcome> {
  const { history } = run.execution;
  const entered = history.events.findLast(
    (event) => event.stateEnteredEventDetails?.name === position.state,
  );
  return runTask(
    {
      run,
      name: position.state,
      type: 'Task',
      input: position.input,
      enteredAt: run.kernel.clock.now(),
      enteredId: entered?.id ?? history.previous(),
      beforeId: history.previous(),
    },
    state,
  );
}

/** Waits as long as the retrier says after `uses` earlier uses; each retry is a transition. */
async function beforeRetry({ run }: Visit, retrier: Retrier, uses: number): Promise<void> {
  const seconds = Math.min(
    retrier.intervalSeconds * retrier.backoffRate ** uses,
    retrier.maxDelaySeconds ?? Infinity,
  );
  const share = retrier.hasFullJitter ? run.kernel.random() : 1;
  await run.kernel.clock.sleep(seconds * share * 1000, run.signal);
  run.signal.throwIfAborted();
  run.execution.transitions += 1;
}

function catchError(
  visit: Visit,
  state: TaskState,
  { failure, retryCount }: { failure: StatesError; retryCount: number },
): Promise<Outcome> {
  const index = state.catch.findIndex((entry) => matchesError(entry.errorEquals, failure));
  const catcher: Catcher | undefined = state.catch[index];
  if (!catcher) throw failure;
  const errorOutput = {
    Error: caughtName(catcher.errorEquals, failure),
    Cause: failure.reason ?? '',
  };
  return leave(visit, catcher, {
    fallback: errorOutput,
    field: `Catch[${index}]/`,
    extras: { errorOutput, retryCount },
    next: catcher.next,
  });
}
