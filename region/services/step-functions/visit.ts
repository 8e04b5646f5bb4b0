/**
 * One stay of an execution in one state: entering it, evaluating its fields, leaving it.
 * Not for: what the types of states do in between (see `run-state.ts` and `run-task.ts`).
 */
import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Functions } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Result, State, Template } from './definition.ts';
import type { Execution } from './execution.ts';
import { EvaluationError, type Expressions } from './expressions.ts';
import { byteLength, exceedsDataLimit, type Json, type JsonObject } from './json.ts';
import { ALL_VARIABLES_LIMIT_BYTES } from './limits.ts';
import { StatesError } from './states-error.ts';
import type { TaskTokens } from './task-tokens.ts';

/** An execution on its way, with what it needs. */
export interface Run {
  readonly kernel: Kernel;
  readonly functions: Functions;
  readonly tokens: TaskTokens;
  readonly expressions: Expressions;
  readonly execution: Execution;
  /** Aborts when the execution is over. */
  readonly signal: AbortSignal;
}

/** What is the same for the whole stay. */
export interface Visit {
  readonly run: Run;
  readonly name: string;
  readonly type: State['type'];
  readonly input: Json;
  /** Region time, epoch milliseconds. */
  readonly enteredAt: number;
  /** Id of the event of entering, and of the event before it. */
  readonly enteredId: number;
  readonly beforeId: number;
}

/** What an expression of a state can read besides input and context. */
export interface Extras {
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** Members of the context object for this state alone, such as `Task`. */
  readonly context?: JsonObject;
  /** Retries so far; missing for states that cannot retry. */
  readonly retryCount?: number;
}

/** Where a state leads, with what; missing `next` means that the execution succeeds. */
export interface Outcome {
  readonly output: Json;
  readonly next?: string;
}

/** Enters a state: one event, one billed transition. */
export function enter(run: Run, name: string, options: { state: State; input: Json }): Visit {
  const { execution, kernel } = run;
  const { type } = options.state;
  const beforeId = execution.history.previous();
  const enteredId = execution.history.add(`${type}StateEntered` as HistoryEventType, {
    stateEnteredEventDetails: {
      name,
      input: JSON.stringify(options.input),
      inputDetails: { truncated: false },
    },
  });
  execution.transitions += 1;
  const enteredAt = kernel.clock.now();
  return { run, name, type, input: options.input, enteredAt, enteredId, beforeId };
}

/** Evaluates one field. @throws StatesError States.QueryEvaluationError, told in the history */
export async function fill(
  visit: Visit,
  template: Template,
  options: { field: string; extras?: Extras },
): Promise<Json> {
  const { run, input } = visit;
  const { result, errorOutput } = options.extras ?? {};
  try {
    return await run.expressions.fill(template, options.field, {
      states: {
        input,
        context: contextObject(visit, options.extras),
        ...(result === undefined ? {} : { result }),
        ...(errorOutput === undefined ? {} : { errorOutput }),
      },
      variables: run.execution.variables,
    });
  } catch (error) {
    if (error instanceof EvaluationError) throw evaluationFailed(visit, error);
    throw error;
  } finally {
    run.signal.throwIfAborted();
  }
}

/**
 * Records that an expression failed. AWS numbers the event as if the state had not been entered,
 * unless something happened since, or unless the value rather than the expression was bad.
 */
export function evaluationFailed(
  visit: Visit,
  error: EvaluationError,
  options: { isBadValue?: boolean } = {},
): StatesError {
  const { history } = visit.run.execution;
  const failure = {
    error: 'States.QueryEvaluationError',
    cause: `${whileExecuting(visit)} ${error.message}`,
  };
  const isFirst = history.previous() === visit.enteredId && options.isBadValue !== true;
  history.add(
    'EvaluationFailed',
    {
      evaluationFailedEventDetails: { ...failure, location: error.field, state: visit.name },
    },
    isFirst ? visit.beforeId : undefined,
  );
  return new StatesError({ error: failure.error, reason: failure.cause });
}

/** The failure of a state for which its execution has to fail, whatever it catches. */
export function runtimeError(visit: Visit, what: string): StatesError {
  return new StatesError({ error: 'States.Runtime', reason: `${whileExecuting(visit)} ${what}` });
}

/** The failure of a state or task whose data is too large. */
export function dataLimitExceeded(what: string): StatesError {
  return new StatesError({
    error: 'States.DataLimitExceeded',
    reason:
      `The state/task '${what}' returned a result with a size exceeding the maximum number of ` +
      'bytes service limit.',
  });
}

function whileExecuting({ name, enteredId }: Visit): string {
  return (
    `An error occurred while executing the state '${name}' ` +
    `(entered at the event id #${enteredId}).`
  );
}

/**
 * Leaves a state: evaluates `Assign` and `Output`, both with the variables as they were, and makes
 * the assigned values visible to the next state.
 */
export async function leave(
  visit: Visit,
  result: Result,
  options: { fallback: Json; field?: string; extras?: Extras; next?: string | undefined },
): Promise<Outcome> {
  const { execution } = visit.run;
  const at = (field: string): string => `${options.field ?? ''}${field}`;
  const extras = options.extras ?? {};
  const assigned =
    result.assign === undefined
      ? undefined
      : ((await fill(visit, result.assign, { field: at('Assign'), extras })) as JsonObject);
  const output =
    result.output === undefined
      ? options.fallback
      : await fill(visit, result.output, { field: at('Output'), extras });
  if (exceedsDataLimit(output)) throw dataLimitExceeded(visit.name);
  const variables = { ...execution.variables, ...assigned };
  checkVariables(visit, assigned ?? {}, variables);
  execution.history.add(`${visit.type}StateExited` as HistoryEventType, {
    stateExitedEventDetails: {
      name: visit.name,
      output: JSON.stringify(output),
      outputDetails: { truncated: false },
      ...(assigned === undefined ? {} : assignedDetails(assigned)),
    },
  });
  execution.variables = variables;
  return { output, ...(options.next === undefined ? {} : { next: options.next }) };
}

function assignedDetails(assigned: JsonObject) {
  const texts = Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]);
  return {
    assignedVariables: Object.fromEntries(texts) as Record<string, string>,
    assignedVariablesDetails: { truncated: false },
  };
}

/** @source https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html */
function checkVariables(visit: Visit, assigned: JsonObject, all: JsonObject): void {
  const isTooLarge =
    exceedsDataLimit(assigned) || byteLength(JSON.stringify(all)) > ALL_VARIABLES_LIMIT_BYTES;
  if (isTooLarge) throw dataLimitExceeded(visit.name);
}

/**
 * The context object.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
function contextObject(visit: Visit, extras: Extras = {}): JsonObject {
  const { execution } = visit.run;
  const { redrivenAt } = execution;
  return {
    Execution: {
      Id: execution.arn,
      Input: JSON.parse(execution.input) as Json,
      Name: execution.name,
      RoleArn: execution.revision.roleArn,
      StartTime: new Date(execution.startedAt).toISOString(),
      RedriveCount: execution.redriveCount,
      ...(redrivenAt === undefined ? {} : { RedriveTime: new Date(redrivenAt).toISOString() }),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: execution.stateMachineName },
    State: {
      Name: visit.name,
      EnteredTime: new Date(visit.enteredAt).toISOString(),
      ...(extras.retryCount === undefined ? {} : { RetryCount: extras.retryCount }),
    },
    ...extras.context,
  };
}
