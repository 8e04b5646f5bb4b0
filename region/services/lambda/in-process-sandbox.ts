/**
 * An execution environment that is a function in the region's own process; for tests.
 * Not for: isolation. Code whose invocation was ended goes on unnoticed, unless it heeds its
 * signal.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { Sandbox, SandboxOutcome, SandboxRequest } from './sandbox.ts';
import type { InProcessFunctionOptions } from './settings.ts';
import type { FunctionFailure } from './worker-protocol.ts';

/** Makes an environment out of a function. */
export function createInProcessSandbox(options: {
  readonly clock: Clock;
  readonly invoke: InProcessFunctionOptions['invoke'];
  readonly logStreamName: string;
}): Sandbox {
  const { clock, invoke } = options;
  let settleCurrent: ((outcome: SandboxOutcome) => void) | undefined;
  let final: FunctionFailure | undefined;
  const controller = new AbortController();

  const call = async (request: SandboxRequest): Promise<SandboxOutcome> => {
    try {
      const result = await invoke(JSON.parse(request.event), {
        ...request.context,
        awsRequestId: request.requestId,
        getRemainingTimeInMillis: () => Math.max(0, request.deadline - clock.now()),
        signal: controller.signal,
      });
      return { type: 'returned', payload: JSON.stringify(result ?? null) };
    } catch (error) {
      return { type: 'failed', failure: describe(error) };
    }
  };

  const run = (request: SandboxRequest): Promise<SandboxOutcome> =>
    new Promise((resolve) => {
      settleCurrent = resolve;
      void call(request).then(resolve);
    });

  const end = (failure: FunctionFailure): Promise<void> => {
    final ??= failure;
    settleCurrent?.({ type: 'failed', failure });
    controller.abort(new Error(failure.errorMessage));
    return Promise.resolve();
  };

  return {
    logStreamName: options.logStreamName,
    start: () => Promise.resolve(final),
    run,
    end,
    ended: () => final !== undefined,
  };
}

function describe(error: unknown): FunctionFailure {
  if (!(error instanceof Error)) {
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  }
  const trace = (error.stack ?? '').split('\n');
  return { errorType: error.name, errorMessage: error.message, trace };
}
