/**
 * Step Functions: Standard workflows in a stated subset of the States Language (the list is in
 * `definition.ts`), with AWS's history, errors, limits and events.
 * Not for: Express workflows, activities, versions and aliases.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Executions, Functions, Identities } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import { executionOperations } from './execution-operations.ts';
import { createExpressions } from './expressions.ts';
import { machineOperations } from './machine-operations.ts';
import { createMachines, type MachineSpec } from './manage-machines.ts';
import type { Engine } from './run-execution.ts';
import { startExecution } from './start-execution.ts';
import { createStore, stateMachineArn as arnOf, type Store } from './store.ts';
import { taskOperations } from './task-operations.ts';
import { createTaskTokens } from './task-tokens.ts';

/** The service, its seams to the other services, and what an execution cost. */
export interface StepFunctions {
  /** The operations of `@aws-sdk/client-sfn`. */
  readonly service: Service;
  /** Starts executions for other services. */
  readonly executions: Executions;
  /**
   * Creates a state machine as CreateStateMachine would.
   * @throws AwsError as CreateStateMachine does
   */
  createStateMachine(spec: MachineSpec): { readonly stateMachineArn: string };
  /** Changes what new executions run, by the name. @throws AwsError StateMachineDoesNotExist */
  updateStateMachine(spec: MachineSpec): { readonly stateMachineArn: string };
  /**
   * State transitions billed for an execution so far: one for each state entered, each retry, and
   * each redrive. Starting and ending an execution are none.
   * @throws AwsError InvalidArn, ExecutionDoesNotExist
   * @source https://aws.amazon.com/step-functions/pricing/ ("each time a step of your workflow is
   * executed ... including retries")
   * @source https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
   */
  billedTransitions(executionArn: string): number;
}

/** Starts Step Functions without any state machine. */
export function createStepFunctions(options: {
  readonly kernel: Kernel;
  readonly functions: Functions;
  readonly identities: Identities;
}): StepFunctions {
  const { kernel, functions, identities } = options;
  const store = createStore(kernel.clock);
  const machines = createMachines({ kernel, identities, store });
  const tokens = createTaskTokens(kernel);
  const engine: Engine = { kernel, functions, tokens, expressions: createExpressions(kernel) };
  return {
    service: {
      name: 'sfn',
      operations: {
        ...machineOperations({ machines, store }),
        ...executionOperations({ engine, store }),
        ...taskOperations(tokens),
      },
    },
    executions: createExecutions({ engine, store, identities }),
    createStateMachine: (spec) => ({ stateMachineArn: machines.create(spec).arn }),
    updateStateMachine: (spec) => {
      const machine = store.machine(arnOf(spec.name));
      machines.update(machine, spec);
      return { stateMachineArn: machine.arn };
    },
    billedTransitions: (executionArn) => store.execution(executionArn).transitions,
  };
}

function createExecutions(options: {
  readonly engine: Engine;
  readonly store: Store;
  readonly identities: Identities;
}): Executions {
  const { engine, store, identities } = options;
  return {
    start: ({ stateMachineArn, name, input, roleArn }) => {
      const permission = { action: 'states:StartExecution', resources: [stateMachineArn] };
      if (!identities.isAllowed(roleArn, permission)) {
        throw new AwsError(
          'AccessDeniedException',
          `User: ${roleArn} is not authorized to perform: states:StartExecution on resource: ` +
            stateMachineArn,
        );
      }
      const execution = startExecution(engine, store, { stateMachineArn, name, input });
      return { executionArn: execution.arn };
    },
  };
}
