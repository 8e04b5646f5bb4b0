/**
 * One attempt of a task: its arguments, its invocation, what became of it, and the events of it.
 * Not for: retries and catches (see `run-task.ts`).
 */
import { REGION_NAME } from '../../kernel/kernel.ts';
import { patienceOn } from '../lambda/deadline.ts';
import type { TaskState } from './definition.ts';
import { EvaluationError, unexpectedType } from './expressions.ts';
import { exceedsDataLimit, isObject, type Json, type JsonObject } from './json.ts';
import { invokeLambda } from './lambda-task.ts';
import { SECONDS_LIMIT } from './limits.ts';
import { HeartbeatError, StatesError } from './states-error.ts';
import type { OpenToken } from './task-tokens.ts';
import { dataLimitExceeded, evaluationFailed, fill, type Extras, type Visit } from './visit.ts';
import { waitForTask, type TaskOutcome } from './wait-for-task.ts';

const RESOURCE_TYPE = 'lambda';

/** Checked arguments and limits of an attempt. */
interface Request {
  readonly arguments: JsonObject;
  readonly functionName: string;
  readonly payload?: Json;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** Runs one attempt and answers its result. @throws StatesError for whatever failed */
export async function attemptTask(
  visit: Visit,
  state: TaskState,
  retryCount: number,
): Promise<Json> {
  const { run } = visit;
  const token = state.waitsForToken ? run.tokens.open() : undefined;
  try {
    const context: JsonObject = token ? { Task: { Token: token.text } } : {};
    const request = await readRequest(visit, state, { context, retryCount });
    const outcome = await start(visit, state, { request, ...(token ? { token } : {}) });
    run.signal.throwIfAborted();
    return settle(visit, state, outcome);
  } finally {
    token?.close();
  }
}

async function readRequest(visit: Visit, state: TaskState, extras: Extras): Promise<Request> {
  const field = 'Arguments';
  const value =
    state.arguments === undefined
      ? visit.input
      : await fill(visit, state.arguments, { field, extras });
  if (!isObject(value)) {
    const template = state.arguments ?? value;
    throw evaluationFailed(visit, unexpectedType({ template, field, expected: 'object', value }));
  }
  const { FunctionName: functionName, Payload: payload, ...others } = value;
  const unknown = Object.keys(others);
  if (typeof functionName !== 'string' || functionName === '' || unknown.length > 0) {
    const message =
      unknown.length > 0
        ? `The arguments of lambda:invoke cannot have the fields [${unknown.join(', ')}]`
        : "The field 'FunctionName' is required and must be a non-empty string";
    throw evaluationFailed(visit, new EvaluationError(field, message));
  }
  if (exceedsDataLimit(value)) throw dataLimitExceeded(visit.name);
  const limits = {
    timeoutSeconds: await seconds(visit, state.timeoutSeconds, 'TimeoutSeconds', extras),
    heartbeatSeconds: await seconds(visit, state.heartbeatSeconds, 'HeartbeatSeconds', extras),
  };
  return {
    arguments: value,
    functionName,
    ...(payload === undefined ? {} : { payload }),
    ...(limits.timeoutSeconds === undefined ? {} : { timeoutSeconds: limits.timeoutSeconds }),
    ...(limits.heartbeatSeconds === undefined ? {} : { heartbeatSeconds: limits.heartbeatSeconds }),
  };
}

async function seconds(
  visit: Visit,
  template: number | string | undefined,
  field: string,
  extras: Extras,
): Promise<number | undefined> {
  if (template === undefined) return undefined;
  const value = await fill(visit, template, { field, extras });
  if (typeof value !== 'number') {
    throw evaluationFailed(visit, unexpectedType({ template, field, expected: 'number', value }));
  }
  if (Number.isInteger(value) && value >= 1 && value <= SECONDS_LIMIT) return value;
  const message = `The ${field} field must be an integer from 1 to ${SECONDS_LIMIT}: ${value}`;
  throw evaluationFailed(visit, new EvaluationError(field, message), { isBadValue: true });
}

/** Invokes the function and waits for what comes first. */
function start(
  { run }: Visit,
  state: TaskState,
  { request, token }: { request: Request; token?: OpenToken },
): Promise<TaskOutcome> {
  const { history } = run.execution;
  const named = resourceOf(state);
  const { timeoutSeconds, heartbeatSeconds } = request;
  history.add('TaskScheduled', {
    taskScheduledEventDetails: {
      ...named,
      region: REGION_NAME,
      parameters: JSON.stringify(request.arguments),
      ...(timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds }),
      ...(heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds }),
    },
  });
  history.add('TaskStarted', { taskStartedEventDetails: named });
  const { clock } = run.kernel;
  // A token may be waited for in earnest; a function only works, and does so on a real machine.
  const isWork = timeoutSeconds !== undefined && !token;
  const patience = isWork ? patienceOn(clock, timeoutSeconds * 1000) / 1000 : timeoutSeconds;
  return waitForTask({
    clock,
    response: invokeLambda(run, {
      functionName: request.functionName,
      ...(request.payload === undefined ? {} : { payload: request.payload }),
      roleArn: run.execution.revision.roleArn,
    }),
    ...(token ? { token } : {}),
    ...(patience === undefined ? {} : { timeoutSeconds: patience }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    signal: run.signal,
    onSubmitted: (output) => {
      history.add('TaskSubmitted', {
        taskSubmittedEventDetails: {
          ...named,
          output: JSON.stringify(output),
          outputDetails: { truncated: false },
        },
      });
    },
  });
}

/** Records how the task ended and answers its result. */
function settle({ run }: Visit, state: TaskState, outcome: TaskOutcome): Json {
  const { history } = run.execution;
  const named = resourceOf(state);
  switch (outcome.type) {
    case 'succeeded': {
      if (exceedsDataLimit(outcome.output)) {
        throw recordFailure(run, state, dataLimitExceeded(RESOURCE_TYPE));
      }
      history.add('TaskSucceeded', {
        taskSucceededEventDetails: {
          ...named,
          output: JSON.stringify(outcome.output),
          outputDetails: { truncated: false },
        },
      });
      return outcome.output;
    }
    case 'failed': {
      const failure = new StatesError({
        ...(outcome.error === undefined ? {} : { error: outcome.error }),
        ...(outcome.cause === undefined ? {} : { reason: outcome.cause }),
      });
      throw recordFailure(run, state, failure);
    }
    case 'timedOut':
      // The error in a history is States.Timeout for both kinds of timeout.
      history.add('TaskTimedOut', {
        taskTimedOutEventDetails: { ...named, error: 'States.Timeout' },
      });
      throw outcome.missed === 'heartbeat'
        ? new HeartbeatError()
        : new StatesError({ error: 'States.Timeout' });
  }
}

function recordFailure(run: Visit['run'], state: TaskState, failure: StatesError): StatesError {
  run.execution.history.add('TaskFailed', {
    taskFailedEventDetails: {
      ...resourceOf(state),
      ...(failure.error === undefined ? {} : { error: failure.error }),
      ...(failure.reason === undefined ? {} : { cause: failure.reason }),
    },
  });
  return failure;
}

function resourceOf(state: TaskState): { resourceType: string; resource: string } {
  const resource = state.waitsForToken ? 'invoke.waitForTaskToken' : 'invoke';
  return { resourceType: RESOURCE_TYPE, resource };
}
