/**
 * The functions of the region and all that is known about each.
 * Not for: running them.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Identities } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { placeCode } from './code.ts';
import type { FunctionCode } from './code.ts';
import { environmentVariables, logStreamName } from './environment-variables.ts';
import { createInProcessSandbox } from './in-process-sandbox.ts';
import type { FunctionLogs } from './logs.ts';
import { LATEST, notFound } from './names.ts';
import type { FunctionReference } from './names.ts';
import { createPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { createResourcePolicy } from './resource-policy.ts';
import type { ResourcePolicy } from './resource-policy.ts';
import type { Sandbox } from './sandbox.ts';
import { invalidParameter, readSettings } from './settings.ts';
import type { FunctionOptions, FunctionSettings, Program } from './settings.ts';
import { createWorkerSandbox } from './worker-sandbox.ts';

/** Invocations at a time in the account. @source gettingstarted-limits page of the guide */
export const ACCOUNT_CONCURRENCY = 1000;

/** Concurrency that reservations must leave to the functions without one. */
const LEAST_UNRESERVED = 100;

/** The name under which Lambda assumes roles and is granted permissions. */
const LAMBDA_PRINCIPAL = 'lambda.amazonaws.com';

/** How Lambda retries asynchronous events of a function. */
export interface EventRetries {
  /** 0 to 2. */
  readonly maximumRetryAttempts: number;
  /** Region seconds, 60 to 21600. */
  readonly maximumEventAgeSeconds: number;
}

/** @source https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const DEFAULT_RETRIES: EventRetries = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

/** One function. What can change is changed by the registry and the operations alone. */
export interface FunctionRecord {
  settings: FunctionSettings;
  revisionId: string;
  /** Region time, epoch milliseconds. */
  lastModified: number;
  eventRetries: EventRetries;
  readonly codeSha256: string;
  readonly codeSize: number;
  /** Published versions, `1` first. All have the code of `$LATEST`, which never changes. */
  readonly versions: string[];
  readonly policy: ResourcePolicy;
  readonly pool: Pool;
  /** Invocations that are running. */
  running: number;
}

interface RegistryDependencies {
  readonly kernel: Kernel;
  readonly identities: Identities;
  readonly endpointUrl: () => string;
  readonly logs: FunctionLogs;
  readonly idleMilliseconds: number;
}

/** Starts without any function. */
export function createRegistry(dependencies: RegistryDependencies) {
  const { kernel, identities } = dependencies;
  const records = new Map<string, FunctionRecord>();
  const codes: FunctionCode[] = [];

  const add = (options: FunctionOptions): FunctionRecord => {
    const settings = readSettings(options);
    if (records.has(settings.name)) {
      throw new AwsError('ResourceConflictException', `Function already exist: ${settings.name}`, {
        httpStatus: 409,
        fields: { Type: 'User' },
      });
    }
    checkReservation(settings, [...records.values()]);
    checkRole(settings, identities);
    const code = 'invoke' in options ? undefined : placeCode(options);
    if (code) codes.push(code);
    const record: FunctionRecord = {
      settings,
      revisionId: kernel.hex(32),
      lastModified: kernel.clock.now(),
      eventRetries: DEFAULT_RETRIES,
      codeSha256: code?.sha256 ?? '',
      codeSize: code?.size ?? 0,
      versions: [],
      policy: createResourcePolicy(settings.name),
      pool: createPool({
        clock: kernel.clock,
        idleMilliseconds: dependencies.idleMilliseconds,
        open: () => openSandbox(dependencies, record.settings, code?.taskRoot ?? ''),
      }),
      running: 0,
    };
    records.set(settings.name, record);
    return record;
  };

  /** @throws AwsError ResourceNotFoundException */
  const find = ({ name, qualifier = LATEST }: FunctionReference): FunctionRecord => {
    const record = records.get(name);
    if (!record) throw notFound(qualifier === LATEST ? name : `${name}:${qualifier}`);
    if (qualifier !== LATEST && !record.versions.includes(qualifier)) {
      throw notFound(`${name}:${qualifier}`);
    }
    return record;
  };

  const stop = async (): Promise<void> => {
    await Promise.all([...records.values()].map((record) => record.pool.stop()));
    for (const code of codes.splice(0)) code.remove();
  };

  return { add, find, all: () => [...records.values()], stop };
}

/** Finds functions by name and version, and changes what is known of them. */
export type Registry = ReturnType<typeof createRegistry>;

function checkReservation(settings: FunctionSettings, others: readonly FunctionRecord[]): void {
  const { reservedConcurrency: own = 0 } = settings;
  if (!Number.isInteger(own) || own < 0) {
    throw invalidParameter(`Reserved concurrency is a whole number from 0, not ${own}.`);
  }
  if (ACCOUNT_CONCURRENCY - reservedBy(others) - own < LEAST_UNRESERVED) {
    throw invalidParameter(
      "Specified ReservedConcurrentExecutions for function decreases account's " +
        `UnreservedConcurrentExecution below its minimum value of [${LEAST_UNRESERVED}].`,
    );
  }
}

/** Concurrency that functions have reserved together. */
export function reservedBy(records: readonly FunctionRecord[]): number {
  return records.reduce((sum, { settings }) => sum + (settings.reservedConcurrency ?? 0), 0);
}

function checkRole(settings: FunctionSettings, identities: Identities): void {
  const { roleArn } = settings;
  if (roleArn === undefined) return;
  try {
    identities.assume({ roleArn, principal: LAMBDA_PRINCIPAL, sessionName: settings.name });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
  }
  const traces = { action: 'xray:PutTraceSegments', resources: ['*'] };
  if (settings.tracing === 'Active' && !identities.isAllowed(roleArn, traces)) {
    throw invalidParameter(
      'The provided execution role does not have permissions to call PutTraceSegments on XRAY',
    );
  }
}

function openSandbox(
  { kernel, identities, endpointUrl, logs }: RegistryDependencies,
  settings: FunctionSettings,
  taskRoot: string,
): Sandbox {
  const { clock } = kernel;
  const { name, program, memoryMegabytes, roleArn = '' } = settings;
  const stream = logStreamName(clock.now(), kernel.hex(32));
  if (program.type === 'inProcess') {
    return createInProcessSandbox({ clock, invoke: program.invoke, logStreamName: stream });
  }
  const { handler, runtime }: Program & { type: 'bundle' } = program;
  return createWorkerSandbox({
    clock,
    taskRoot,
    handler,
    memoryMegabytes,
    timeoutSeconds: settings.timeoutSeconds,
    variables: environmentVariables({
      functionName: name,
      memoryMegabytes,
      handler,
      runtime,
      taskRoot,
      logStreamName: stream,
      credentials: identities.assume({ roleArn, principal: LAMBDA_PRINCIPAL, sessionName: name }),
      endpointUrl: endpointUrl(),
      own: settings.environment,
    }),
    logStreamName: stream,
    onOutput: (text, requestId) => logs.append(name, text, requestId),
  });
}
