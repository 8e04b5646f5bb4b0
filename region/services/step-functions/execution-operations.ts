/**
 * The operations on executions.
 * Not for: state machines and task tokens.
 */
import type {
  DescribeExecutionCommandInput,
  DescribeExecutionOutput,
  ExecutionListItem,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryOutput,
  ListExecutionsCommandInput,
  ListExecutionsOutput,
  RedriveExecutionCommandInput,
  RedriveExecutionOutput,
  StartExecutionCommandInput,
  StartExecutionOutput,
  StopExecutionCommandInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import type { Operation } from '../../kernel/service.ts';
import { checkRequest } from './constraints.ts';
import { endExecution } from './end-execution.ts';
import type { Execution } from './execution.ts';
import { withoutData } from './history-data.ts';
import { allow } from './machine-operations.ts';
import { page } from './paging.ts';
import { redrivability } from './redrivability.ts';
import type { Engine } from './run-execution.ts';
import { redriveExecution, startExecution } from './start-execution.ts';
import type { Store } from './store.ts';

interface Parts {
  readonly engine: Engine;
  readonly store: Store;
}

/** Builds the operations. */
export function executionOperations(parts: Parts) {
  return {
    StartExecution: start(parts),
    StopExecution: stop(parts),
    RedriveExecution: redrive(parts),
    DescribeExecution: describe(parts),
    ListExecutions: list(parts),
    GetExecutionHistory: history(parts),
  };
}

function start({
  engine,
  store,
}: Parts): Operation<StartExecutionCommandInput, StartExecutionOutput> {
  return {
    permissions: ({ stateMachineArn }) => [allow('StartExecution', stateMachineArn)],
    run: (input) => {
      checkRequest(input, ['stateMachineArn', 'input']);
      const execution = startExecution(engine, store, {
        stateMachineArn: input.stateMachineArn ?? '',
        name: input.name,
        input: input.input,
      });
      return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
    },
  };
}

function stop({ engine, store }: Parts): Operation<StopExecutionCommandInput, StopExecutionOutput> {
  return {
    permissions: ({ executionArn }) => [allow('StopExecution', executionArn)],
    run: (input) => {
      checkRequest(input, ['executionArn', 'error', 'cause']);
      const execution = store.execution(input.executionArn ?? '');
      if (execution.status === 'RUNNING') {
        endExecution(engine.kernel, execution, {
          status: 'ABORTED',
          ...(input.error === undefined ? {} : { error: input.error }),
          ...(input.cause === undefined ? {} : { cause: input.cause }),
        });
      }
      return { stopDate: new Date(execution.stoppedAt ?? engine.kernel.clock.now()) };
    },
  };
}

function redrive({
  engine,
  store,
}: Parts): Operation<RedriveExecutionCommandInput, RedriveExecutionOutput> {
  return {
    permissions: ({ executionArn }) => [allow('RedriveExecution', executionArn)],
    run: (input) => {
      checkRequest(input, ['executionArn', 'clientToken']);
      const execution = store.execution(input.executionArn ?? '');
      return { redriveDate: new Date(redriveExecution(engine, execution, input.clientToken)) };
    },
  };
}

function describe({
  engine,
  store,
}: Parts): Operation<DescribeExecutionCommandInput, DescribeExecutionOutput> {
  return {
    permissions: ({ executionArn }) => [allow('DescribeExecution', executionArn)],
    run: (input) => {
      checkRequest(input, ['executionArn']);
      const execution = store.execution(input.executionArn ?? '');
      const hasData = input.includedData !== 'METADATA_ONLY';
      return {
        ...describeListed(execution),
        ...(hasData ? describeData(execution) : {}),
        ...redrivability(execution, engine.kernel.clock.now()),
      };
    },
  };
}

function describeListed(execution: Execution): ExecutionListItem {
  const { stoppedAt, redrivenAt } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: new Date(execution.startedAt),
    redriveCount: execution.redriveCount,
    ...(stoppedAt === undefined ? {} : { stopDate: new Date(stoppedAt) }),
    ...(redrivenAt === undefined ? {} : { redriveDate: new Date(redrivenAt) }),
  };
}

function describeData(execution: Execution): Partial<DescribeExecutionOutput> {
  const { input, output, error, cause } = execution;
  return {
    input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function list({ store }: Parts): Operation<ListExecutionsCommandInput, ListExecutionsOutput> {
  return {
    permissions: ({ stateMachineArn }) => [allow('ListExecutions', stateMachineArn)],
    run: (input) => {
      checkRequest(input, [
        'stateMachineArn',
        'statusFilter',
        'redriveFilter',
        'maxResults',
        'nextToken',
      ]);
      const { statusFilter, redriveFilter } = input;
      const machine = store.machine(input.stateMachineArn ?? '');
      const wanted = store
        .executionsOf(machine.arn)
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .filter(
          ({ redriveCount }) =>
            redriveFilter === undefined || (redriveFilter === 'REDRIVEN') === redriveCount > 0,
        );
      const scope = [machine.arn, statusFilter, redriveFilter].join('|');
      const { items, ...rest } = page(wanted, input, scope);
      return { executions: items.map(describeListed), ...rest };
    },
  };
}

function history({
  store,
}: Parts): Operation<GetExecutionHistoryCommandInput, GetExecutionHistoryOutput> {
  return {
    permissions: ({ executionArn }) => [allow('GetExecutionHistory', executionArn)],
    run: (input) => {
      checkRequest(input, ['executionArn', 'maxResults', 'nextToken']);
      const { events } = store.execution(input.executionArn ?? '').history;
      const ordered = input.reverseOrder === true ? events.toReversed() : events;
      const scope = `${input.executionArn ?? ''}|${input.reverseOrder === true}`;
      const { items, ...rest } = page(ordered, input, scope);
      return {
        events: input.includeExecutionData === false ? items.map(withoutData) : items,
        ...rest,
      };
    },
  };
}
