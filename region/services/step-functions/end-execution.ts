/**
 * How an execution ends, and how EventBridge hears of every change of its status.
 * Not for: why it ends.
 */
import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Execution } from './execution.ts';
import { byteLength } from './json.ts';
import { CAUSE_LIMIT_CHARACTERS, ERROR_LIMIT_CHARACTERS } from './limits.ts';
import { redrivability } from './redrivability.ts';

/** What ends an execution. */
export interface Ending {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  /** JSON text, of a success only. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** The execution that awaited something is over; nobody reports this. */
export class ExecutionOver extends Error {
  override readonly name = 'ExecutionOver';
}

/** Ends an execution at once: what it waited for is given up, functions it invoked run on. */
export function endExecution(kernel: Kernel, execution: Execution, ending: Ending): void {
  const error = ending.error?.slice(0, ERROR_LIMIT_CHARACTERS);
  const cause = ending.cause?.slice(0, CAUSE_LIMIT_CHARACTERS);
  const failure = {
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
  record(execution, ending, failure);
  execution.status = ending.status;
  execution.stoppedAt = kernel.clock.now();
  if (ending.output !== undefined) execution.output = ending.output;
  Object.assign(execution, failure);
  execution.over.abort(new ExecutionOver(`${execution.arn} is ${ending.status}.`));
  announce(kernel, execution);
  kernel.log(
    `step-functions ${execution.name} ${ending.status}` +
      (error === undefined ? '' : ` ${error}: ${cause ?? ''}`),
  );
}

function record(
  { history }: Execution,
  ending: Ending,
  failure: { error?: string; cause?: string },
): void {
  switch (ending.status) {
    case 'SUCCEEDED':
      history.add('ExecutionSucceeded', {
        executionSucceededEventDetails: {
          output: ending.output ?? '',
          outputDetails: { truncated: false },
        },
      });
      return;
    case 'FAILED':
      history.add('ExecutionFailed', { executionFailedEventDetails: failure });
      return;
    // What ends from outside follows no event of the states.
    case 'TIMED_OUT':
      history.add('ExecutionTimedOut', { executionTimedOutEventDetails: failure }, 0);
      return;
    case 'ABORTED':
      history.add('ExecutionAborted', { executionAbortedEventDetails: failure }, 0);
  }
}

/** Input and output together, above which an event goes without them. */
const EVENT_DATA_LIMIT_BYTES = 248 * 1024;

/**
 * Tells EventBridge the status of an execution.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function announce(kernel: Kernel, execution: Execution): void {
  const { input, output } = execution;
  const escaped = byteLength(JSON.stringify(input)) + byteLength(JSON.stringify(output ?? ''));
  const included = escaped <= EVENT_DATA_LIMIT_BYTES;
  const { redriveStatus, redriveStatusReason } = redrivability(execution, kernel.clock.now());
  kernel.emit({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: execution.stateMachineArn,
      name: execution.name,
      status: execution.status,
      startDate: execution.startedAt,
      stopDate: execution.stoppedAt ?? null,
      input: included ? input : null,
      inputDetails: { included },
      output: included ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redrivenAt ?? null,
      redriveStatus,
      redriveStatusReason: redriveStatusReason ?? null,
      error: execution.error ?? null,
      cause: execution.cause ?? null,
    },
  });
}
