/**
 * One invocation from the payload to the answer: concurrency, environment, timeout, size, logs.
 * Not for: who may invoke (see `access.ts`) or events that nobody waits for (see `event-queue.ts`).
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Invoked } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { limitOn } from './deadline.ts';
import { logGroupName } from './environment-variables.ts';
import type { FunctionLogs } from './logs.ts';
import { LATEST, functionArn } from './names.ts';
import type { FunctionReference } from './names.ts';
import { ACCOUNT_CONCURRENCY, reservedBy, revisionOf } from './registry.ts';
import type { FunctionRecord, Registry } from './registry.ts';
import type { FunctionRevision } from './revisions.ts';
import { killed, timedOut } from './sandbox.ts';
import type { Sandbox, SandboxOutcome } from './sandbox.ts';
import type { FunctionFailure } from './worker-protocol.ts';

/**
 * Bytes of a payload. @source https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const PAYLOAD_LIMIT_BYTES = {
  RequestResponse: 6_291_456,
  Event: 1_048_576,
  response: 6_291_556,
} as const;

/** An invocation's answer, and what identifies it. */
export interface Invocation extends Invoked {
  readonly requestId: string;
  readonly version: string;
}

interface Running {
  readonly functionName: string;
  readonly requestId: string;
  readonly sandbox: Sandbox;
}

/** What of the invocation the environment needs to know. */
interface Labelled extends FunctionReference {
  readonly requestId: string;
}

/** Makes the one way in which functions run. */
export function createInvoker(dependencies: {
  readonly kernel: Kernel;
  readonly registry: Registry;
  readonly logs: FunctionLogs;
}) {
  const { kernel, registry, logs } = dependencies;
  const running = new Map<string, Running>();

  const run = async (record: FunctionRecord, event: string, label: Labelled): Promise<Invoked> => {
    const { requestId, name: functionName } = label;
    // The pool stays that of the revision that began, whatever is deployed meanwhile.
    const revision = revisionOf(record, label.qualifier);
    const sandbox = revision.pool.take();
    record.running += 1;
    running.set(requestId, { functionName, requestId, sandbox });
    try {
      const outcome = checkSize(await runIn(kernel, sandbox, revision, event, label));
      if (outcome.type === 'returned') return { payload: outcome.payload };
      const told = describeFailure(kernel.clock.now(), requestId, outcome.failure);
      logs.append(functionName, told, requestId);
      return { payload: JSON.stringify(outcome.failure), functionError: 'Unhandled' };
    } finally {
      running.delete(requestId);
      record.running -= 1;
      revision.pool.giveBack(sandbox);
    }
  };

  /**
   * Runs a function and waits for its answer.
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException
   */
  const invoke = (reference: FunctionReference, event: string): Promise<Invocation> =>
    kernel.clock.work(async () => {
      const record = registry.find(reference);
      checkConcurrency(record, registry.all());
      const requestId = newRequestId(kernel);
      const invoked = await run(record, event, { ...reference, requestId });
      return { ...invoked, requestId, version: reference.qualifier ?? LATEST };
    });

  /** Ends what runs of a function, as if its machine were gone. Answers how many it were. */
  const kill = (functionName: string, requestId?: string): number => {
    const victims = [...running.values()].filter(
      (one) =>
        one.functionName === functionName &&
        (requestId === undefined || one.requestId === requestId),
    );
    for (const victim of victims) void victim.sandbox.end(killed(victim.requestId));
    return victims.length;
  };

  return {
    invoke,
    kill,
    running: () =>
      [...running.values()].map(({ functionName, requestId }) => ({ functionName, requestId })),
  };
}

/** Loads the code if it is not yet, then runs it until it answers or its time is over. */
async function runIn(
  kernel: Kernel,
  sandbox: Sandbox,
  revision: FunctionRevision,
  event: string,
  label: Labelled,
): Promise<SandboxOutcome> {
  const { clock } = kernel;
  const { requestId } = label;
  const { timeoutSeconds } = revision.settings;
  const notReady = await sandbox.start();
  if (notReady) return { type: 'failed', failure: notReady };
  const deadline = clock.now() + limitOn(clock, timeoutSeconds * 1000);
  const cancel = clock.schedule(deadline, () => {
    void sandbox.end(timedOut(requestId, timeoutSeconds));
  });
  try {
    const context = contextFields(revision, label, sandbox.logStreamName);
    return await sandbox.run({ requestId, event, context, deadline, traceId: newTraceId(kernel) });
  } finally {
    cancel();
  }
}

/** Runs functions, knows what runs, and can end it. */
export type Invoker = ReturnType<typeof createInvoker>;

/**
 * Checks a payload before anything runs. An empty one means `{}`.
 * @throws AwsError RequestTooLargeException, InvalidRequestContentException
 */
export function readPayload(payload: string, type: 'RequestResponse' | 'Event'): string {
  const size = Buffer.byteLength(payload);
  const limit = PAYLOAD_LIMIT_BYTES[type];
  if (size > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `${size} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
      { httpStatus: 413, fields: { Type: 'User' } },
    );
  }
  if (size === 0) return '{}';
  try {
    JSON.parse(payload);
  } catch (cause) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(cause as Error).message}`,
      { fields: { Type: 'User' } },
    );
  }
  return payload;
}

function checkConcurrency(record: FunctionRecord, all: readonly FunctionRecord[]): void {
  const { reservedConcurrency } = record.latest.settings;
  if (reservedConcurrency !== undefined) {
    if (record.running < reservedConcurrency) return;
    throw tooManyRequests('ReservedFunctionConcurrentInvocationLimitExceeded');
  }
  const unreserved = all.filter(({ latest }) => latest.settings.reservedConcurrency === undefined);
  const busy = unreserved.reduce((sum, other) => sum + other.running, 0);
  if (busy < ACCOUNT_CONCURRENCY - reservedBy(all)) return;
  throw tooManyRequests('ConcurrentInvocationLimitExceeded');
}

/** @source botocore lambda 2015-03-31, TooManyRequestsException, ThrottleReason */
function tooManyRequests(reason: string): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    httpStatus: 429,
    fields: { Type: 'User', Reason: reason },
  });
}

function checkSize(outcome: SandboxOutcome): SandboxOutcome {
  const limit = PAYLOAD_LIMIT_BYTES.response;
  if (outcome.type === 'failed' || Buffer.byteLength(outcome.payload) <= limit) return outcome;
  return {
    type: 'failed',
    failure: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${limit} bytes).`,
    },
  };
}

function contextFields(
  { settings }: FunctionRevision,
  { name, qualifier }: FunctionReference,
  logStreamName: string,
) {
  return {
    functionName: name,
    functionVersion: qualifier ?? LATEST,
    invokedFunctionArn: functionArn(name, qualifier),
    memoryLimitInMB: String(settings.memoryMegabytes),
    logGroupName: logGroupName(name),
    logStreamName,
  };
}

function describeFailure(now: number, requestId: string, failure: FunctionFailure): string {
  const time = new Date(now).toISOString();
  return `${time}\t${requestId}\tERROR\tInvoke Error\t${JSON.stringify(failure)}`;
}

function newRequestId(kernel: Kernel): string {
  return [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
}

/** @source https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html, tracing header */
function newTraceId(kernel: Kernel): string {
  const seconds = Math.floor(kernel.clock.now() / 1000).toString(16);
  return `Root=1-${seconds}-${kernel.hex(24)};Parent=${kernel.hex(16)};Sampled=0`;
}
