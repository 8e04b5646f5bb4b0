/**
 * Carries an execution from state to state until it ends.
 * Not for: starting one (see `start-execution.ts`) and what the states do (see `run-state.ts`).
 */
import type { Functions } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { announce, endExecution } from './end-execution.ts';
import type { Execution } from './execution.ts';
import type { Expressions } from './expressions.ts';
import { OPEN_LIMIT_MILLISECONDS } from './limits.ts';
import { runState } from './run-state.ts';
import { StatesError } from './states-error.ts';
import type { TaskTokens } from './task-tokens.ts';
import type { Run } from './visit.ts';

/** What every execution needs. */
export interface Engine {
  readonly kernel: Kernel;
  readonly functions: Functions;
  readonly tokens: TaskTokens;
  readonly expressions: Expressions;
}

/**
 * Lets an execution run from where it stands. Answers at once; the first state is entered when the
 * caller has had its answer.
 */
export function launch(
  engine: Engine,
  execution: Execution,
  options = { isRedriven: false },
): void {
  const { clock } = engine.kernel;
  const { signal } = execution.over;
  announce(engine.kernel, execution);
  limitTime(engine.kernel, execution);
  clock.schedule(clock.now(), () => carry({ ...engine, execution, signal }, options.isRedriven));
}

/** Ends the execution at the timeout of the state machine, or after a year. */
function limitTime(kernel: Kernel, execution: Execution): void {
  const { clock } = kernel;
  const { timeoutSeconds = Infinity } = execution.revision.definition;
  const end = Math.min(
    clock.now() + timeoutSeconds * 1000,
    execution.startedAt + OPEN_LIMIT_MILLISECONDS,
  );
  const cancel = clock.schedule(end, () => {
    endExecution(kernel, execution, { status: 'TIMED_OUT', error: 'States.Timeout' });
  });
  execution.over.signal.addEventListener('abort', cancel, { once: true });
}

async function carry(run: Run, isRedriven: boolean): Promise<void> {
  const { execution, kernel, signal } = run;
  try {
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      // oxlint-disable-next-line no-await-in-loop -- states follow each other
      const outcome = await runState(run, execution.position, {
        isRedriven: isFirst && isRedriven,
      });
      signal.throwIfAborted();
      if (outcome.next === undefined) {
        const output = JSON.stringify(outcome.output);
        endExecution(kernel, execution, { status: 'SUCCEEDED', output });
        return;
      }
      execution.position = { state: outcome.next, input: outcome.output };
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof StatesError)) throw error;
    endExecution(kernel, execution, {
      status: 'FAILED',
      ...(error.error === undefined ? {} : { error: error.error }),
      ...(error.reason === undefined ? {} : { cause: error.reason }),
    });
  }
}
