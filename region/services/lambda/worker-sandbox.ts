/**
 * An execution environment in a worker thread, seen from the region.
 * Not for: what happens inside the thread (see `worker.mjs`).
 */
import { Worker } from 'node:worker_threads';

import type { Clock } from '../../kernel/clock.ts';
import { createRegionSleeps } from './region-sleeps.ts';
import { exited, killed, timedOut } from './sandbox.ts';
import type { Sandbox, SandboxOutcome, SandboxRequest } from './sandbox.ts';
import type {
  FromWorker,
  FunctionFailure,
  TimeAnchor,
  ToWorker,
  WorkerStart,
} from './worker-protocol.ts';

/**
 * Real milliseconds after which an invocation that holds up virtual time is ended. Virtual time
 * stands still while code works, so no limit in region time could ever end it.
 */
const STUCK_MILLISECONDS = 180_000;

/**
 * Real milliseconds for loading the code. Real, because it is this machine that loads it.
 * Lambda gives 10 s and then tries once more within the function's own timeout.
 */
const LOADING_LIMIT_MILLISECONDS = 30_000;

interface WorkerOptions {
  readonly clock: Clock;
  readonly taskRoot: string;
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** The whole environment of the code; nothing is added. */
  readonly variables: Readonly<Record<string, string>>;
  readonly logStreamName: string;
  readonly onOutput: (text: string, requestId: string | undefined) => void;
}

/** Starts the thread; its code loads at once. */
export function createWorkerSandbox(options: WorkerOptions): Sandbox {
  const { clock, timeoutSeconds, logStreamName } = options;
  const worker = startWorker(options);
  const send = (message: ToWorker): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(message);
  };
  const sleeps = createRegionSleeps(clock, (id) => {
    send({ type: 'wake', id, time: anchorOf(clock) });
  });
  const progress = createProgress(sleeps.clear);

  const end = async (failure: FunctionFailure): Promise<void> => {
    progress.close(failure);
    await worker.terminate();
  };
  const receive = createReceiver({ progress, sleeps, end, onOutput: options.onOutput });
  worker.on('message', receive);
  worker.on('error', (error: Error & { code?: string }) => {
    options.onOutput(`${error.code ?? error.name}: ${error.message}\n`, progress.requestId());
    progress.close(killed(progress.requestId() ?? ''));
  });
  worker.on('exit', (code) => progress.close(exited(progress.requestId() ?? '', code)));
  limitLoading(progress.ready, end);

  const run = async (request: SandboxRequest): Promise<SandboxOutcome> => {
    const outcome = progress.begin(request.requestId);
    if (!progress.ended()) send({ type: 'invoke', ...request, time: anchorOf(clock) });
    const watchdog = watch(clock, () => void end(timedOut(request.requestId, timeoutSeconds)));
    try {
      return await outcome;
    } finally {
      clearTimeout(watchdog);
    }
  };

  return { logStreamName, start: () => progress.ready, run, end, ended: progress.ended };
}

/** Where an environment stands: loading, serving an invocation or not, ended. */
function createProgress(onSettled: () => void) {
  let final: FunctionFailure | undefined;
  let current: { requestId: string; resolve: (outcome: SandboxOutcome) => void } | undefined;
  const loading: { done?: (failure: FunctionFailure | undefined) => void } = {};
  const ready = new Promise<FunctionFailure | undefined>((resolve) => {
    loading.done = resolve;
  });

  const settle = (outcome: SandboxOutcome): void => {
    const run = current;
    current = undefined;
    onSettled();
    run?.resolve(outcome);
  };

  return {
    ready,
    loaded: () => loading.done?.(undefined),
    settle,
    /** Ends it for good; only the first reason counts. */
    close: (failure: FunctionFailure): void => {
      if (final !== undefined) return;
      final = failure;
      loading.done?.(failure);
      settle({ type: 'failed', failure });
    },
    begin: (requestId: string): Promise<SandboxOutcome> =>
      new Promise((resolve) => {
        if (final === undefined) current = { requestId, resolve };
        else resolve({ type: 'failed', failure: final });
      }),
    requestId: (): string | undefined => current?.requestId,
    ended: (): boolean => final !== undefined,
  };
}

function createReceiver(options: {
  readonly progress: ReturnType<typeof createProgress>;
  readonly sleeps: ReturnType<typeof createRegionSleeps>;
  readonly end: (failure: FunctionFailure) => Promise<void>;
  readonly onOutput: WorkerOptions['onOutput'];
}): (message: FromWorker) => void {
  const { progress, sleeps, end, onOutput } = options;
  return (message) => {
    if (progress.ended()) return;
    switch (message.type) {
      case 'ready':
        progress.loaded();
        break;
      case 'returned':
        progress.settle({ type: 'returned', payload: message.payload });
        break;
      case 'threw':
        progress.settle({ type: 'failed', failure: message.failure });
        break;
      case 'notReady':
      case 'crashed':
        void end(message.failure);
        break;
      case 'output':
        onOutput(message.text, progress.requestId());
        break;
      case 'sleep':
        sleeps.start(message.id, message.milliseconds);
        break;
      case 'cancelSleep':
        sleeps.cancel(message.id);
        break;
      case 'quiet':
        sleeps.quiet(message.wakes);
        break;
    }
  };
}

function limitLoading(
  ready: Promise<unknown>,
  end: (failure: FunctionFailure) => Promise<void>,
): void {
  const timer = setTimeout(() => {
    void end({ errorType: 'Sandbox.Timedout', errorMessage: 'Loading the code took too long.' });
  }, LOADING_LIMIT_MILLISECONDS);
  void ready.then(() => clearTimeout(timer));
}

function startWorker(options: WorkerOptions): Worker {
  const { clock, taskRoot, handler } = options;
  const start: WorkerStart = { taskRoot, handler, time: anchorOf(clock) };
  return new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: start,
    env: { ...options.variables },
    // The host's own flags, such as a TypeScript loader, are not the function's.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMegabytes },
  });
}

function anchorOf(clock: Clock): TimeAnchor {
  return { speed: clock.speed, now: clock.now(), mark: process.hrtime.bigint() };
}

function watch(clock: Clock, onStuck: () => void): NodeJS.Timeout | undefined {
  if (clock.speed !== 'virtual') return undefined;
  return setTimeout(onStuck, STUCK_MILLISECONDS).unref();
}
