/**
 * Lambda: runs packaged functions in execution environments of their own, under their role, with
 * Lambda's limits, errors and retries.
 * Not for: layers, container images, aliases, VPCs and event source mappings, which are refused.
 */
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';

import type { Functions, Identities, MessageQueues } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import { checkAccess } from './access.ts';
import { createEventQueue } from './event-queue.ts';
import { createInvoker, readPayload } from './invoke.ts';
import { createFunctionLogs } from './logs.ts';
import type { LogLine } from './logs.ts';
import { functionArn, parseFunctionName } from './names.ts';
import { createOperations } from './operations.ts';
import { createRegistry, poolsOf } from './registry.ts';
import type { EventRetries, FunctionRecord, Registry } from './registry.ts';
import { invalidParameter } from './settings.ts';
import type { FunctionOptions } from './settings.ts';

export type { LogLine } from './logs.ts';
export type { EventRetries } from './registry.ts';
export type { CodeFunctionOptions, FunctionOptions, InProcessFunctionOptions } from './settings.ts';

/** Region minutes after which a frozen environment is given up; AWS states none. */
const DEFAULT_IDLE_MINUTES = 10;

/** What Lambda needs of the region around it. */
export interface LambdaOptions {
  readonly kernel: Kernel;
  readonly identities: Identities;
  /** Where functions reach the region; asked whenever an environment starts. */
  readonly endpointUrl: () => string;
  /** Region minutes that an environment stays warm without work; absent means 10. */
  readonly idleMinutes?: number;
  /** Queues for events that were given up; absent means that there are none. */
  readonly queues?: MessageQueues;
}

/** The service, what a template makes of it, and what a test does to it. */
export interface Lambda {
  readonly service: Service;
  readonly functions: Functions;
  /** @throws AwsError InvalidParameterValueException and others, for what Lambda refuses */
  addFunction(options: FunctionOptions): { readonly arn: string };
  /** Gives `$LATEST` other code and settings; versions stay. @throws AwsError as `addFunction` */
  updateFunction(options: FunctionOptions): { readonly arn: string };
  /**
   * Gives the code and settings of now a number, or answers the last one where nothing changed
   * since. @throws AwsError when it is not the code of `codeSha256`
   */
  publishVersion(options: { functionName: string; codeSha256?: string }): {
    readonly version: string;
    readonly arn: string;
    readonly isNew: boolean;
  };
  /** Lets a service invoke a function; the members are those of AddPermission. */
  addPermission(input: AddPermissionCommandInput): void;
  /** Says how asynchronous events of a function are retried; what is absent stays. */
  setEventRetries(functionName: string, retries: Partial<EventRetries>): void;
  /**
   * Ends what runs of a function, or one invocation of it, as if its machine were gone. Answers
   * how many invocations it ended.
   */
  kill(functionName: string, requestId?: string): number;
  /** The invocations that are running. */
  running(): readonly { readonly functionName: string; readonly requestId: string }[];
  /** The last lines that a function wrote, oldest first. */
  logs(functionName: string): readonly LogLine[];
  /** Calls `listener` with every line; answers how to stop that. */
  onLog(listener: (line: LogLine) => void): () => void;
  /** Environments started so far, of one function or of all. */
  coldStarts(functionName?: string): number;
  /** Ends all environments and removes the unpacked code. */
  stop(): Promise<void>;
}

/** Starts Lambda without any function. */
export function createLambda(options: LambdaOptions): Lambda {
  const { kernel, identities, idleMinutes = DEFAULT_IDLE_MINUTES } = options;
  const logs = createFunctionLogs(() => kernel.clock.now());
  const idleMilliseconds = idleMinutes * 60_000;
  const registry = createRegistry({ ...options, logs, idleMilliseconds });
  const invoker = createInvoker({ kernel, registry, logs });
  const events = createEventQueue({ ...options, registry, invoker });

  const invoke: Functions['invoke'] = async (invocation) => {
    const { caller, invocationType = 'RequestResponse' } = invocation;
    const reference = parseFunctionName(invocation.functionArn);
    checkAccess({ caller, reference, registry, identities });
    const payload = readPayload(invocation.payload, invocationType);
    if (invocationType === 'RequestResponse') return invoker.invoke(reference, payload);
    events.add(reference, payload);
    return { payload: '' };
  };

  return {
    service: createOperations({ kernel, registry, invoker, events, logs }),
    functions: { invoke },
    addFunction: (added) => ({ arn: functionArn(registry.add(added).latest.settings.name) }),
    updateFunction: (changed) => ({
      arn: functionArn(registry.update(changed).latest.settings.name),
    }),
    publishVersion: (wanted) => publishVersion(registry, wanted),
    addPermission: (input) => {
      registry.find(parseFunctionName(input.FunctionName ?? '')).policy.add(input);
    },
    setEventRetries: (functionName, retries) =>
      setEventRetries({ registry, identities }, functionName, retries),
    kill: invoker.kill,
    running: invoker.running,
    logs: logs.linesOf,
    onLog: logs.subscribe,
    coldStarts: (functionName) =>
      registry
        .all()
        .filter(({ latest }) => functionName === undefined || latest.settings.name === functionName)
        .flatMap(poolsOf)
        .reduce((sum, pool) => sum + pool.coldStarts(), 0),
    stop: registry.stop,
  };
}

function publishVersion(
  registry: Registry,
  { functionName, codeSha256 }: { functionName: string; codeSha256?: string },
): { version: string; arn: string; isNew: boolean } {
  const record = registry.find(parseFunctionName(functionName));
  if (codeSha256 !== undefined && codeSha256 !== record.latest.codeSha256) {
    throw invalidParameter(
      `CodeSHA256 (${codeSha256}) is different from current CodeSHA256 in $LATEST ` +
        `(${record.latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  }
  const { version, isNew } = registry.publish(record);
  return { version, isNew, arn: functionArn(record.latest.settings.name, version) };
}

/** @source botocore lambda 2015-03-31, MaximumRetryAttempts, MaximumEventAgeInSeconds */
function setEventRetries(
  { registry, identities }: { registry: Registry; identities: Identities },
  functionName: string,
  retries: Partial<EventRetries>,
): void {
  const record = registry.find(parseFunctionName(functionName));
  const next = { ...record.eventRetries, ...retries };
  const { maximumRetryAttempts: attempts, maximumEventAgeSeconds: age } = next;
  if (!(attempts >= 0 && attempts <= 2 && age >= 60 && age <= 21_600)) {
    throw invalidParameter(`${functionName} cannot retry ${attempts} times within ${age} s.`);
  }
  checkDestination(record, next.onFailureArn, identities);
  record.eventRetries = next;
}

/**
 * Lambda sends under the function's own role, and looks at once whether it may.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
function checkDestination(
  { latest }: FunctionRecord,
  queueArn: string | undefined,
  identities: Identities,
): void {
  if (queueArn === undefined) return;
  if (!queueArn.startsWith('arn:aws:sqs:')) {
    throw invalidParameter(`The region's functions have no destination such as ${queueArn}.`);
  }
  const { roleArn = '' } = latest.settings;
  const permission = { action: 'sqs:SendMessage', resources: [queueArn] };
  if (identities.isAllowed(roleArn, permission)) return;
  throw invalidParameter(
    `The function's execution role does not have permissions to call SendMessage on ${queueArn}`,
  );
}
