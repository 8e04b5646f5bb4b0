/**
 * One execution environment of a function, in a worker thread: loads the handler once, then
 * answers one invocation after the other. It is plain JavaScript because Node.js 20 starts a
 * worker thread without any loader.
 * Not for: limits, permissions and retries, which the region keeps on its side.
 */
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { describeError, loadHandler, named } from './worker-handler.mjs';
import { installRegionTime } from './worker-time.mjs';

/** Exit code of Lambda's Node.js runtime after an error that nobody caught. */
const CRASH_EXIT_CODE = 129;

/** What Lambda writes in front of a console line, by console method. */
const CONSOLE_LEVELS = {
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
  debug: 'DEBUG',
  trace: 'TRACE',
};

/** @param {import('./worker-protocol.ts').FromWorker} message */
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin
const post = (message) => parentPort.postMessage(message);

const time = installRegionTime(workerData.time, post);
let requestId;

captureOutput();
process.on('uncaughtException', crash);
process.on('unhandledRejection', (reason) => {
  crash(named('Runtime.UnhandledPromiseRejection', format(reason)));
});

const started = start();
parentPort.on('message', (message) => {
  if (message.type === 'wake') {
    time.set(message.time);
    time.wake(message.id);
  } else {
    void invoke(message);
  }
});

async function start() {
  try {
    const handler = await loadHandler(workerData.taskRoot, workerData.handler);
    post({ type: 'ready' });
    return handler;
  } catch (error) {
    post({ type: 'notReady', failure: describeError(error) });
    return undefined;
  }
}

/** @param {import('./worker-protocol.ts').InvokeMessage} message */
async function invoke(message) {
  const handler = await started;
  requestId = message.requestId;
  time.set(message.time);
  process.env['_X_AMZN_TRACE_ID'] = message.traceId;
  try {
    const result = await handler(JSON.parse(message.event), createContext(message));
    post({ type: 'returned', payload: serialise(result) });
  } catch (error) {
    post({ type: 'threw', failure: describeError(error) });
  }
}

function serialise(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (cause) {
    throw new Error('Unable to stringify response body', { cause });
  }
}

function createContext({ context, requestId: awsRequestId, deadline }) {
  return {
    ...context,
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - time.now()),
  };
}

/** Sends what is written to the region, in the order in which it was written. */
function write(chunk, encoding, done) {
  post({
    type: 'output',
    text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(),
  });
  (typeof encoding === 'function' ? encoding : done)?.();
  return true;
}

function captureOutput() {
  process.stdout.write = write;
  process.stderr.write = write;
  for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
    console[method] = (...values) => {
      write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}\n`);
    };
  }
}

function crash(error) {
  post({ type: 'crashed', failure: describeError(error) });
  process.exit(CRASH_EXIT_CODE);
}
