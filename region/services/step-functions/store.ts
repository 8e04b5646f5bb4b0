/**
 * The state machines and executions that there are, and how they are found by their ARNs.
 * Not for: changing them.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Clock } from '../../kernel/clock.ts';
import { arn } from '../../kernel/kernel.ts';
import type { Execution, Revision } from './execution.ts';
import { RETENTION_MILLISECONDS } from './limits.ts';

/** One state machine; running executions keep the revision they began with. */
export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  /** Region time, epoch milliseconds. */
  readonly createdAt: number;
  /** What new executions run. */
  revision: Revision;
  /** True from its deletion on; it is gone when its last execution is over. */
  isDeleting: boolean;
}

/** Everything by ARN; executions are forgotten when AWS would forget them. */
export interface Store {
  /** All state machines, by name. */
  machines(): readonly StateMachine[];
  /** Undefined when there is no such state machine (any more). */
  findMachine(stateMachineArn: string): StateMachine | undefined;
  /** @throws AwsError InvalidArn, StateMachineDoesNotExist */
  machine(stateMachineArn: string): StateMachine;
  addMachine(machine: StateMachine): void;
  /** Executions of a state machine, the latest first. */
  executionsOf(stateMachineArn: string): readonly Execution[];
  /** Undefined when there is no such execution (any more). */
  findExecution(executionArn: string): Execution | undefined;
  /** @throws AwsError InvalidArn, ExecutionDoesNotExist */
  execution(executionArn: string): Execution;
  addExecution(execution: Execution): void;
}

/** ARN of a state machine by its name. */
export function stateMachineArn(name: string): string {
  return arn('states', `stateMachine:${name}`);
}

/** ARN of an execution by the names of its state machine and its own. */
export function executionArn(stateMachineName: string, name: string): string {
  return arn('states', `execution:${stateMachineName}:${name}`);
}

/** Starts an empty store. */
export function createStore(clock: Clock): Store {
  const machines = new Map<string, StateMachine>();
  const executions = new Map<string, Execution>();

  const findExecution = (executionArnText: string): Execution | undefined => {
    const execution = executions.get(executionArnText);
    const { stoppedAt } = execution ?? {};
    if (stoppedAt === undefined || clock.now() - stoppedAt <= RETENTION_MILLISECONDS) {
      return execution;
    }
    executions.delete(executionArnText);
    return undefined;
  };
  const executionsOf = (machineArn: string): readonly Execution[] =>
    [...executions.values()]
      .filter((execution) => execution.stateMachineArn === machineArn)
      .filter((execution) => findExecution(execution.arn))
      .toReversed();
  const findMachine = (machineArn: string): StateMachine | undefined => {
    const machine = machines.get(machineArn);
    if (!machine?.isDeleting) return machine;
    if (executionsOf(machineArn).some(({ status }) => status === 'RUNNING')) return machine;
    machines.delete(machineArn);
    return undefined;
  };

  return {
    machines: () =>
      [...machines.values()]
        .filter((machine) => findMachine(machine.arn))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    findMachine,
    machine: (machineArn) => {
      checkArn(machineArn, 'stateMachine');
      const machine = findMachine(machineArn);
      if (machine) return machine;
      throw new AwsError(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${machineArn}'`,
      );
    },
    addMachine: (machine) => {
      machines.set(machine.arn, machine);
    },
    executionsOf,
    findExecution,
    execution: (executionArnText) => {
      checkArn(executionArnText, 'execution');
      const execution = findExecution(executionArnText);
      if (execution) return execution;
      throw new AwsError(
        'ExecutionDoesNotExist',
        `Execution Does Not Exist: '${executionArnText}'`,
      );
    },
    addExecution: (execution) => {
      executions.set(execution.arn, execution);
    },
  };
}

/** @throws AwsError InvalidArn */
function checkArn(text: string, resourceType: 'stateMachine' | 'execution'): void {
  const parts = text.split(':');
  if (parts.length < 6 || parts[0] !== 'arn' || parts[2] !== 'states') {
    throw invalidArn(`Invalid ARN prefix: ${text}`);
  }
  if (parts[5] !== resourceType) {
    throw invalidArn(`Resource type not valid in this context: ${parts[5] ?? ''}`);
  }
}

function invalidArn(why: string): AwsError {
  return new AwsError('InvalidArn', `Invalid Arn: '${why}'`);
}
