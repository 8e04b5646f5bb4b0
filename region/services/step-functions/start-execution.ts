/**
 * Starts executions, whoever asks for them, and takes closed ones up again.
 * Not for: running them (see `run-execution.ts`).
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { checkName } from './constraints.ts';
import type { Execution } from './execution.ts';
import { createHistory } from './history.ts';
import { byteLength, readJson, type Json } from './json.ts';
import { uuid } from './jsonata-functions.ts';
import { DATA_LIMIT_BYTES } from './limits.ts';
import { refuseDeleting } from './manage-machines.ts';
import { redrivability } from './redrivability.ts';
import { launch, type Engine } from './run-execution.ts';
import { executionArn, type StateMachine, type Store } from './store.ts';

/**
 * Starts an execution, or answers the one that runs under the same name with the same input.
 * @throws AwsError InvalidName, InvalidExecutionInput, StateMachineDoesNotExist,
 * StateMachineDeleting, ExecutionAlreadyExists
 */
export function startExecution(
  engine: Engine,
  store: Store,
  request: { stateMachineArn: string; name?: string | undefined; input?: string | undefined },
): Execution {
  const machine = store.machine(request.stateMachineArn);
  const input = request.input ?? '{}';
  const value = readInput(input);
  if (request.name !== undefined) checkName(request.name);
  const name = request.name ?? uuid(engine.kernel);
  const existing = store.findExecution(executionArn(machine.name, name));
  if (existing) {
    if (existing.status === 'RUNNING' && existing.input === input) return existing;
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${existing.arn}'`);
  }
  refuseDeleting(machine);
  const execution = createExecution(engine, machine, { name, input, value });
  store.addExecution(execution);
  launch(engine, execution);
  return execution;
}

function readInput(input: string): Json {
  if (input === '') throw invalidInput('Invalid execution input.');
  if (byteLength(input) > DATA_LIMIT_BYTES) {
    throw invalidInput(`The input has more than ${DATA_LIMIT_BYTES} bytes.`);
  }
  const json = readJson(input);
  if ('problem' in json) throw invalidInput(json.problem);
  return json.value;
}

function invalidInput(why: string): AwsError {
  const message = `Invalid State Machine Execution Input: '${why}'`;
  return new AwsError('InvalidExecutionInput', message);
}

function createExecution(
  { kernel }: Engine,
  machine: StateMachine,
  { name, input, value }: { name: string; input: string; value: Json },
): Execution {
  const history = createHistory(kernel.clock, kernel.quotas?.['execution-history-events']);
  history.add('ExecutionStarted', {
    executionStartedEventDetails: {
      input,
      inputDetails: { truncated: false },
      roleArn: machine.revision.roleArn,
    },
  });
  return {
    arn: executionArn(machine.name, name),
    name,
    stateMachineArn: machine.arn,
    stateMachineName: machine.name,
    revision: machine.revision,
    input,
    startedAt: kernel.clock.now(),
    history,
    status: 'RUNNING',
    position: { state: machine.revision.definition.startAt, input: value },
    variables: {},
    transitions: 0,
    redriveCount: 0,
    over: new AbortController(),
  };
}

/**
 * Takes a closed execution up again in the state in which it stopped, with fresh retries and a
 * fresh timeout. The redrive itself is a billed transition.
 * @throws AwsError ExecutionNotRedrivable
 */
export function redriveExecution(
  engine: Engine,
  execution: Execution,
  clientToken: string | undefined,
): number {
  const { kernel } = engine;
  const { redrivenAt } = execution;
  const isRepeated = clientToken !== undefined && clientToken === execution.redriveToken;
  if (isRepeated && redrivenAt !== undefined) return redrivenAt;
  const now = kernel.clock.now();
  const { redriveStatusReason } = redrivability(execution, now);
  if (redriveStatusReason !== undefined) {
    throw new AwsError(
      'ExecutionNotRedrivable',
      `Execution Not Redrivable: '${redriveStatusReason}'`,
    );
  }
  execution.status = 'RUNNING';
  delete execution.stoppedAt;
  delete execution.error;
  delete execution.cause;
  execution.redriveCount += 1;
  execution.redrivenAt = now;
  if (clientToken !== undefined) execution.redriveToken = clientToken;
  execution.transitions += 1;
  execution.over = new AbortController();
  execution.history.add('ExecutionRedriven', {
    executionRedrivenEventDetails: { redriveCount: execution.redriveCount },
  });
  launch(engine, execution, { isRedriven: true });
  return now;
}
