/**
 * Code and configuration of a function as they run together, with the environments that run them.
 * Not for: which revision an invocation means (see `registry.ts`).
 */
import type { Identities } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { digest, placeCode } from './code.ts';
import { environmentVariables, logStreamName } from './environment-variables.ts';
import { createInProcessSandbox } from './in-process-sandbox.ts';
import type { FunctionLogs } from './logs.ts';
import { createPool } from './pool.ts';
import type { Pool } from './pool.ts';
import type { Sandbox } from './sandbox.ts';
import type {
  FunctionOptions,
  FunctionSettings,
  InProcessFunctionOptions,
  Program,
} from './settings.ts';
import { createWorkerSandbox } from './worker-sandbox.ts';

/** The name under which Lambda assumes roles and is granted permissions. */
export const LAMBDA_PRINCIPAL = 'lambda.amazonaws.com';

/** Code and configuration that run together: of `$LATEST` they can change, of a version never. */
export interface FunctionRevision {
  readonly settings: FunctionSettings;
  readonly revisionId: string;
  /** Region time, epoch milliseconds. */
  readonly lastModified: number;
  readonly codeSha256: string;
  readonly codeSize: number;
  /** Directory of the code; empty for a function that runs in process. */
  readonly taskRoot: string;
  readonly pool: Pool;
}

/** What running code needs of the region around it. */
export interface RevisionDependencies {
  readonly kernel: Kernel;
  readonly identities: Identities;
  readonly endpointUrl: () => string;
  readonly logs: FunctionLogs;
  /** Region milliseconds after which a frozen environment is given up. */
  readonly idleMilliseconds: number;
}

type Code = Pick<FunctionRevision, 'codeSha256' | 'codeSize' | 'taskRoot'>;

/** Makes revisions, and ends what runs of them. */
export function createRevisions(dependencies: RevisionDependencies) {
  const { kernel } = dependencies;
  const removals: (() => void)[] = [];
  /** Pools of code that was replaced: what runs in them runs on. */
  const retired: Pool[] = [];

  const revise = (settings: FunctionSettings, code: Code): FunctionRevision => ({
    settings,
    ...code,
    revisionId: kernel.hex(32),
    lastModified: kernel.clock.now(),
    pool: createPool({
      clock: kernel.clock,
      idleMilliseconds: dependencies.idleMilliseconds,
      open: () => openSandbox(dependencies, settings, code.taskRoot),
    }),
  });

  return {
    /** Of code that was not there before. @throws AwsError for code that cannot be unpacked */
    make: (settings: FunctionSettings, options: FunctionOptions): FunctionRevision => {
      if ('invoke' in options) return revise(settings, codeInProcess(options));
      const code = placeCode(options);
      const { sha256, size, taskRoot } = code;
      removals.push(() => code.remove());
      return revise(settings, { codeSha256: sha256, codeSize: size, taskRoot });
    },
    /** Of the same code, with environments of its own; absent settings are the same, too. */
    remake: (revision: FunctionRevision, settings = revision.settings): FunctionRevision => {
      const { codeSha256, codeSize, taskRoot } = revision;
      return revise(settings, { codeSha256, codeSize, taskRoot });
    },
    /** Its environments serve no further invocation. */
    retire: ({ pool }: FunctionRevision): void => {
      retired.push(pool);
      pool.renew();
    },
    /** Ends what runs in these pools and in those that were retired, and removes all code. */
    stop: async (pools: readonly Pool[]): Promise<void> => {
      await Promise.all([...retired, ...pools].map((pool) => pool.stop()));
      for (const remove of removals.splice(0)) remove();
    },
  };
}

/** What runs in process is a closure, and not compared: the digest speaks for it. */
export function isSameRevision(a: FunctionRevision, b: FunctionRevision): boolean {
  const parts = ({ codeSha256, settings }: FunctionRevision): string =>
    JSON.stringify([codeSha256, settings]);
  return parts(a) === parts(b);
}

function codeInProcess({ codeZip }: InProcessFunctionOptions): Code {
  if (!codeZip) return { codeSha256: '', codeSize: 0, taskRoot: '' };
  return { codeSha256: digest(codeZip), codeSize: codeZip.length, taskRoot: '' };
}

function openSandbox(
  { kernel, identities, endpointUrl, logs }: RevisionDependencies,
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
