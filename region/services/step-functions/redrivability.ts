/**
 * Whether a closed execution can be taken up again where it stopped.
 * Not for: doing so (see `run-execution.ts`).
 *
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
import type { ExecutionRedriveStatus } from '@aws-sdk/client-sfn';
import type { Execution } from './execution.ts';
import { OPEN_LIMIT_MILLISECONDS, REDRIVE_WINDOW_MILLISECONDS } from './limits.ts';

/** Says whether an execution can be redriven at a time, and if not, why. */
export function redrivability(
  execution: Execution,
  now: number,
): { redriveStatus: ExecutionRedriveStatus; redriveStatusReason?: string } {
  const reason = REASONS.find((candidate) => candidate.holds(execution, now));
  return reason
    ? { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason.words(execution) }
    : { redriveStatus: 'REDRIVABLE' };
}

interface Reason {
  holds(execution: Execution, now: number): boolean;
  words(execution: Execution): string;
}

const REASONS: readonly Reason[] = [
  {
    holds: ({ status }) => status === 'RUNNING' || status === 'SUCCEEDED',
    words: ({ status }) => `Execution is ${status} and cannot be redriven`,
  },
  {
    holds: ({ history }) => history.isFull(),
    words: () => 'Execution history event limit exceeded',
  },
  {
    holds: ({ startedAt }, now) => now - startedAt >= OPEN_LIMIT_MILLISECONDS,
    words: () => 'Execution has exceeded the max execution time',
  },
  {
    holds: ({ stoppedAt }, now) =>
      stoppedAt !== undefined && now - stoppedAt > REDRIVE_WINDOW_MILLISECONDS,
    words: () => 'Execution redrivable period exceeded',
  },
];
