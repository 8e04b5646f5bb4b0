/**
 * What Lambda sends to a function's destination about an event that it gave up.
 * Not for: when it gives one up; see `event-queue.ts`.
 */
import type { MessageQueues } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Invocation } from './invoke.ts';
import { LATEST, functionArn } from './names.ts';
import type { FunctionReference } from './names.ts';
import type { Registry } from './registry.ts';

/** An event that was given up. */
export interface Failure {
  readonly reference: FunctionReference;
  /** JSON text. */
  readonly payload: string;
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded';
  /** Attempts after which the function failed. */
  readonly failures: number;
  /** What the function answered last; absent when it was never run. */
  readonly answer?: Invocation;
}

/** Sends the record under the function's own role. What the queue refuses is lost, as on AWS. */
export function sendFailureRecord(
  failure: Failure,
  parts: {
    readonly kernel: Kernel;
    readonly registry: Registry;
    readonly queues: MessageQueues | undefined;
  },
): void {
  const { kernel, registry, queues } = parts;
  const record = registry.all().find(({ latest }) => {
    return latest.settings.name === failure.reference.name;
  });
  const { onFailureArn: queueArn } = record?.eventRetries ?? {};
  if (queueArn === undefined || !queues) return;
  const roleArn = record?.latest.settings.roleArn ?? '';
  try {
    const body = JSON.stringify(describe(failure, kernel.clock.now()));
    queues.send({ queueArn, body, caller: { type: 'role', roleArn } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    kernel.log(`lambda: ${queueArn} did not take a record of ${failure.reference.name}: ${reason}`);
  }
}

/** @source https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function describe(failure: Failure, now: number): object {
  const { reference, payload, condition, failures, answer } = failure;
  const { name, qualifier = LATEST } = reference;
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      ...(answer && { requestId: answer.requestId }),
      functionArn: functionArn(name, qualifier),
      condition,
      approximateInvokeCount: failures,
    },
    requestPayload: JSON.parse(payload) as unknown,
    ...(answer && {
      responseContext: {
        statusCode: 200,
        executedVersion: answer.version,
        functionError: answer.functionError,
      },
      responsePayload: JSON.parse(answer.payload) as unknown,
    }),
  };
}
