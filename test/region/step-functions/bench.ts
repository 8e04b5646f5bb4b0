/**
 * Step Functions on a virtual clock, with functions that tests write as plain handlers.
 * Not for: real functions; their runtime has tests of its own.
 */
import type {
  DescribeExecutionOutput,
  GetExecutionHistoryOutput,
  HistoryEvent,
} from '@aws-sdk/client-sfn';
import { AwsError } from '../../../region/kernel/aws-error.ts';
import type { Functions, Identities } from '../../../region/kernel/contracts.ts';
import type { RegionEvent } from '../../../region/kernel/kernel.ts';
import type { Quotas } from '../../../region/kernel/quotas.ts';
import type { Operation } from '../../../region/kernel/service.ts';
import { createVirtualClock } from '../../../region/kernel/virtual-clock.ts';
import { createStepFunctions } from '../../../region/services/step-functions/step-functions.ts';
import { createTestKernel } from '../test-kernel.ts';

export const START = Date.parse('2026-01-05T10:00:00.000Z');
export const ROLE = 'arn:aws:iam::000000000000:role/states';

/** Answers an event, or throws: an `AwsError` is Lambda's refusal, anything else the function's. */
export type Handler = (event: never, seconds: (count: number) => Promise<void>) => unknown;

export function createBench(
  handlers: Readonly<Record<string, Handler>> = {},
  seed = 1,
  quotas: Quotas = {},
) {
  const clock = createVirtualClock({ start: START });
  const emitted: RegionEvent[] = [];
  const waiting = new Map<string, () => void>();
  const kernel = createTestKernel(clock, {
    seed,
    quotas,
    emit: (event) => {
      emitted.push(event);
      const { executionArn, status } = event.detail;
      if (status !== 'RUNNING') waiting.get(String(executionArn))?.();
    },
  });
  const invocations: { name: string; event: unknown; roleArn: string; at: number }[] = [];
  const wait = (seconds: number) => clock.idle(() => clock.sleep(seconds * 1000));
  const functions: Functions = {
    invoke: ({ functionArn, payload, caller }) =>
      clock.work(async () => {
        const name = functionArn.split(':').at(-1) ?? '';
        const event = JSON.parse(payload) as never;
        const roleArn = caller.type === 'role' ? caller.roleArn : caller.principal;
        invocations.push({ name, event, roleArn, at: (clock.now() - START) / 1000 });
        const handler = handlers[name];
        if (!handler) {
          const message = `Function not found: ${functionArn}:$LATEST`;
          throw new AwsError('ResourceNotFoundException', message, { httpStatus: 404 });
        }
        try {
          return { payload: JSON.stringify((await handler(event, wait)) ?? null) };
        } catch (error) {
          if (error instanceof AwsError) throw error;
          const { name: errorType, message: errorMessage } = error as Error;
          const text = JSON.stringify({ errorType, errorMessage, stackTrace: [] });
          return { payload: text, functionError: 'Unhandled' as const };
        }
      }),
  };
  const identities: Identities = {
    addRole: () => undefined,
    assume: ({ roleArn }) => {
      if (roleArn !== ROLE) throw new AwsError('AccessDenied', 'not trusted');
      return { accessKeyId: 'a', secretAccessKey: 's' };
    },
    isAllowed: (roleArn) => roleArn === ROLE,
  };
  const region = createStepFunctions({ kernel, functions, identities });

  const operation = (name: string): Operation => {
    const found = region.service.operations[name];
    if (!found) throw new Error(`There is no operation ${name}.`);
    return found;
  };
  const call = async <T = object>(name: string, input: object): Promise<T> =>
    (await operation(name).run(input as never, undefined as never)) as T;
  const define = (states: object, top: object = {}): string => {
    const definition = JSON.stringify(machine(states, top));
    return region.createStateMachine({ name: 'deploy', roleArn: ROLE, definition }).stateMachineArn;
  };
  const start = async (stateMachineArn: string, input: unknown = {}, name = 'first') => {
    const request = { stateMachineArn, name, input: JSON.stringify(input) };
    return (await call<{ executionArn: string }>('StartExecution', request)).executionArn;
  };
  const describe = (executionArn: string) =>
    call<DescribeExecutionOutput>('DescribeExecution', { executionArn });
  const history = async (executionArn: string): Promise<HistoryEvent[]> =>
    (
      await call<GetExecutionHistoryOutput>('GetExecutionHistory', {
        executionArn,
        maxResults: 1000,
      })
    ).events!;
  const pass = (seconds: number): Promise<void> => clock.runUntil(clock.sleep(seconds * 1000));
  const ended = async (executionArn: string): Promise<DescribeExecutionOutput> => {
    const latest = emitted.findLast(({ detail }) => detail['executionArn'] === executionArn);
    if (latest?.detail['status'] === 'RUNNING') {
      await clock.runUntil(new Promise<void>((resolve) => waiting.set(executionArn, resolve)));
    }
    return describe(executionArn);
  };
  const run = async (states: object, input: unknown = {}, top: object = {}) => {
    const executionArn = await start(define(states, top), input);
    const execution = await ended(executionArn);
    const output = execution.output === undefined ? undefined : JSON.parse(execution.output);
    return {
      executionArn,
      execution,
      output: output as unknown,
      events: await history(executionArn),
      seconds: (execution.stopDate!.getTime() - START) / 1000,
    };
  };
  return {
    clock,
    emitted,
    invocations,
    region,
    operation,
    call,
    define,
    start,
    describe,
    history,
    pass,
    ended,
    run,
  };
}

/** A definition around its states; it starts at the first. */
export function machine(states: object, top: object = {}): object {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states, ...top };
}

/** A task that invokes a function with its input. */
export function task(functionName: string, fields: object = { End: true }): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionName, Payload: '{% $states.input %}' },
    ...fields,
  };
}

/** A task that hands its token to a function and waits for a word about it. */
export function tokenTask(functionName: string, fields: object = { End: true }): object {
  return task(functionName, {
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: {
      FunctionName: functionName,
      Payload: { token: '{% $states.context.Task.Token %}' },
    },
    ...fields,
  });
}

/** Types of events, in order. */
export function types(events: readonly HistoryEvent[]): string[] {
  return events.map(({ type }) => type ?? '');
}

/** An error that a function throws under a name. */
export function named(name: string, message = 'It did not work.'): Error {
  return Object.assign(new Error(message), { name });
}
