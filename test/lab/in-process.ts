/**
 * Runs Teal's functions in the region's own process, each under the role that its package gives it.
 * Not for: what only a bundle has, such as logs, metrics and a cold start.
 */
import path from 'node:path';
import type { SdkRequestHandler } from '../../region/endpoint/request-handler.ts';
import type { Region } from '../../region/region.ts';
import type { StackOptions } from '../../region/stack.ts';
import { sleepInside } from './clients.ts';
import { invocationOf, runInvocation } from './invocations.ts';
import { createTask, type Task } from './tasks.ts';

/** One call of a function. */
export interface TaskCall {
  /** The function's file without folder and ending, such as `shift-traffic`. */
  readonly task: string;
  readonly event: unknown;
  /** Ends the call as if its machine were gone; the function's next call starts cold. */
  readonly kill: () => void;
}

/** Stands around a call: runs it, runs it twice, or does something before or after. */
export type Around = (call: TaskCall, run: () => Promise<unknown>) => Promise<unknown>;

/** Stands between the SDK of the functions and the region. */
export type Wire = (handler: SdkRequestHandler) => SdkRequestHandler;

/** Answers each packaged function by its twin in this process. */
export function inProcess(
  region: Region,
  around: Around = (_call, run) => run(),
  wire: Wire = (handler) => handler,
): NonNullable<StackOptions['inProcess']> {
  const { endpoint } = region;
  const wired = {
    ...region,
    endpoint: { ...endpoint, requestHandler: wire(endpoint.requestHandler) },
  };
  return (definition, assumeRole) => {
    const file = path.basename(definition.handler, '.handler');
    let task: Task | undefined;
    return async (event, context) => {
      task ??= createTask(file, {
        region: wired,
        credentials: assumeRole(),
        sleep: sleepInside(region.clock),
        variables: definition.environment,
      });
      const warm = task;
      if (!warm) throw new Error(`The lab has no function ${file}; add it to tasks.ts.`);
      const kill = () => {
        task = undefined;
        region.lambda.kill(context.functionName, context.awsRequestId);
      };
      const invocation = invocationOf(file, event);
      return runInvocation(invocation, () =>
        around({ task: file, event, kill }, () => warm(event, context)),
      );
    };
  };
}
