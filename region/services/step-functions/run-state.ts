/**
 * What each type of state does, except Task.
 * Not for: tasks, their retries and catches (see `run-task.ts`).
 */
import type { ChoiceRule, ChoiceState, FailState, State, WaitState } from './definition.ts';
import type { Position } from './execution.ts';
import { EvaluationError, unexpectedType } from './expressions.ts';
import { isTimestamp } from './field-rules.ts';
import type { Json } from './json.ts';
import { SECONDS_LIMIT, WAIT_UNTIL_LIMIT_SECONDS } from './limits.ts';
import { resumeTask, runTask } from './run-task.ts';
import { StatesError } from './states-error.ts';
import {
  enter,
  evaluationFailed,
  fill,
  leave,
  runtimeError,
  type Outcome,
  type Run,
  type Visit,
} from './visit.ts';

/**
 * Runs the state an execution stands in, and answers where it leads.
 * @throws StatesError when the execution fails in this state
 */
export async function runState(
  run: Run,
  position: Position,
  options: { isRedriven: boolean },
): Promise<Outcome> {
  const name = position.state;
  const state = run.execution.revision.definition.states.get(name);
  if (!state) throw new Error(`State machine ${run.execution.stateMachineArn} has no '${name}'.`);
  if (state.type === 'Task' && options.isRedriven) return resumeTask(run, position, state);
  const visit = enter(run, name, { state, input: position.input });
  return runEntered(visit, state);
}

function runEntered(visit: Visit, state: State): Promise<Outcome> {
  switch (state.type) {
    case 'Task':
      return runTask(visit, state);
    case 'Choice':
      return runChoice(visit, state);
    case 'Wait':
      return runWait(visit, state);
    case 'Pass':
      return leave(visit, state, { fallback: visit.input, next: state.next });
    case 'Succeed':
      return leave(visit, state, { fallback: visit.input });
    case 'Fail':
      return runFail(visit, state);
  }
}

async function runFail(visit: Visit, state: FailState): Promise<never> {
  const error = await optionalText(visit, state.error, 'Error');
  const reason = await optionalText(visit, state.cause, 'Cause');
  throw new StatesError({
    ...(error === undefined ? {} : { error }),
    ...(reason === undefined ? {} : { reason }),
  });
}

async function optionalText(
  visit: Visit,
  template: string | undefined,
  field: string,
): Promise<string | undefined> {
  if (template === undefined) return undefined;
  const value = await fill(visit, template, { field });
  if (typeof value === 'string') return value;
  throw evaluationFailed(visit, unexpectedType({ template, field, expected: 'string', value }));
}

async function runChoice(visit: Visit, state: ChoiceState): Promise<Outcome> {
  for (const [index, choice] of state.choices.entries()) {
    const field = `Choices[${index}]/`;
    // oxlint-disable-next-line no-await-in-loop -- the first rule that holds is taken
    if (!(await holds(visit, choice, `${field}Condition`))) continue;
    return leave(visit, choice, { fallback: visit.input, field, next: choice.next });
  }
  if (state.default !== undefined) {
    return leave(visit, state, { fallback: visit.input, next: state.default });
  }
  // AWS reserves States.NoChoiceMatched and reports this as a runtime error.
  throw runtimeError(
    visit,
    'Failed to transition out of the state. The state does not point to a next state.',
  );
}

async function holds(visit: Visit, choice: ChoiceRule, field: string): Promise<boolean> {
  const template = choice.condition;
  const value = await fill(visit, template, { field });
  if (typeof value === 'boolean') return value;
  throw evaluationFailed(visit, unexpectedType({ template, field, expected: 'boolean', value }));
}

async function runWait(visit: Visit, state: WaitState): Promise<Outcome> {
  const { kernel, signal } = visit.run;
  const milliseconds =
    state.seconds === undefined
      ? await untilTimestamp(visit, state.timestamp ?? '')
      : await secondsToWait(visit, state.seconds);
  await kernel.clock.sleep(milliseconds, signal);
  return leave(visit, state, { fallback: visit.input, next: state.next });
}

async function secondsToWait(visit: Visit, template: number | string): Promise<number> {
  const field = 'Seconds';
  const value: Json = await fill(visit, template, { field });
  if (typeof value !== 'number') {
    throw evaluationFailed(visit, unexpectedType({ template, field, expected: 'number', value }));
  }
  if (!Number.isInteger(value) || value < 0 || value > SECONDS_LIMIT) {
    const message = `The Seconds field must be an integer from 0 to ${SECONDS_LIMIT}: ${value}`;
    throw evaluationFailed(visit, new EvaluationError(field, message), { isBadValue: true });
  }
  return value * 1000;
}

async function untilTimestamp(visit: Visit, template: string): Promise<number> {
  const value = await fill(visit, template, { field: 'Timestamp' });
  if (!isTimestamp(value)) {
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    const message =
      'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format ' +
      `string: ${shown}`;
    throw evaluationFailed(visit, new EvaluationError('Timestamp', message), { isBadValue: true });
  }
  const milliseconds = Math.max(0, Date.parse(value) - visit.run.kernel.clock.now());
  if (milliseconds > WAIT_UNTIL_LIMIT_SECONDS * 1000) {
    throw runtimeError(visit, 'Wait state delay is too long.');
  }
  return milliseconds;
}
