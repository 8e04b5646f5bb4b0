/**
 * What a function is made of, and what Lambda refuses about it.
 * Not for: its code archive (see `code.ts`) or who may invoke it (see `resource-policy.ts`).
 */
import { AwsError } from '../../kernel/aws-error.ts';
import { describeViolations, hasLength, hasPattern, inRange, isOneOf } from '../constraints.ts';
import type { Violation } from '../constraints.ts';
import type { ContextFields } from './worker-protocol.ts';

/** What every function has, wherever its code runs. */
interface CommonOptions {
  /** Up to 64 letters, digits, `-` and `_`. */
  readonly name: string;
  readonly description?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Region seconds, 1 to 900; absent means 3. */
  readonly timeoutSeconds?: number;
  /** 128 to 10240; absent means 128. */
  readonly memoryMegabytes?: number;
  /** Invocations at a time kept for this function; absent means a share of the account's. */
  readonly reservedConcurrency?: number;
  /** `Active` needs X-Ray permissions in the role, as on AWS. */
  readonly tracing?: 'Active' | 'PassThrough';
}

/** A function whose bundle runs in an execution environment of its own. */
export interface CodeFunctionOptions extends CommonOptions {
  /** File and export, such as `dist/plan.handler`. */
  readonly handler: string;
  readonly roleArn: string;
  /** Such as `nodejs24.x`. The code runs on the Node.js that runs the region. */
  readonly runtime: string;
  readonly architectures?: readonly string[];
  /** Bytes of the packaged zip. Exactly one of this and `codeDirectory` is given. */
  readonly codeZip?: Uint8Array;
  /** A directory that is used in place. */
  readonly codeDirectory?: string;
  /** Refused when not empty. */
  readonly layers?: readonly string[];
}

/** What an in-process function finds in its context. */
export interface InProcessContext extends ContextFields {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
  /** Aborts when the invocation has timed out or was killed; nothing it does afterwards counts. */
  readonly signal: AbortSignal;
}

/** A function that runs inside the region's own process; for tests, never for packaged code. */
export interface InProcessFunctionOptions extends CommonOptions {
  readonly roleArn?: string;
  /** Packaged zip that this stands for: its digest tells one revision from another. */
  readonly codeZip?: Uint8Array;
  /**
   * Answers an invocation. Where it waits for region time it waits inside `clock.idle`, because
   * virtual time stands still while it works.
   */
  readonly invoke: (event: unknown, context: InProcessContext) => Promise<unknown>;
}

/** A function from packaged code, or one that runs in this process. */
export type FunctionOptions = CodeFunctionOptions | InProcessFunctionOptions;

/** @source https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LIMITS = {
  timeoutSeconds: { min: 1, max: 900, default: 3 },
  memoryMegabytes: { min: 128, max: 10_240, default: 128 },
  environmentBytes: 4096,
  handlerLength: 128,
} as const;

/** Node.js runtimes that can still be created. @source lambda-runtimes page of the guide */
const RUNTIMES = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x'];
const ARCHITECTURES = ['x86_64', 'arm64'];

/**
 * Variables that the runtime sets and a function may not.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
const RESERVED_VARIABLES = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

/** Where a function's code comes from and runs. */
export type Program =
  | {
      readonly type: 'bundle';
      readonly handler: string;
      readonly runtime: string;
      readonly architecture: string;
    }
  | { readonly type: 'inProcess'; readonly invoke: InProcessFunctionOptions['invoke'] };

/** A function's settings with every default filled in. */
export interface FunctionSettings {
  readonly name: string;
  readonly description: string;
  /** Absent only for a function that runs in process. */
  readonly roleArn?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly reservedConcurrency?: number;
  readonly tracing: 'Active' | 'PassThrough';
  readonly program: Program;
}

/** Fills in the defaults. @throws AwsError for what Lambda refuses */
export function readSettings(options: FunctionOptions): FunctionSettings {
  const settings: FunctionSettings = {
    name: options.name,
    description: options.description ?? '',
    environment: options.environment ?? {},
    timeoutSeconds: options.timeoutSeconds ?? LIMITS.timeoutSeconds.default,
    memoryMegabytes: options.memoryMegabytes ?? LIMITS.memoryMegabytes.default,
    tracing: options.tracing ?? 'PassThrough',
    program: readProgram(options),
    ...(options.roleArn !== undefined && { roleArn: options.roleArn }),
    ...(options.reservedConcurrency !== undefined && {
      reservedConcurrency: options.reservedConcurrency,
    }),
  };
  expectValid([hasPattern(settings.name, 'functionName', '[a-zA-Z0-9-_]{1,64}')]);
  checkSettings(settings);
  return settings;
}

/** Checks what can also be changed later. @throws AwsError for what Lambda refuses */
export function checkSettings(settings: FunctionSettings): void {
  expectValid([
    inRange(settings.timeoutSeconds, 'timeout', LIMITS.timeoutSeconds),
    inRange(settings.memoryMegabytes, 'memorySize', LIMITS.memoryMegabytes),
  ]);
  checkEnvironment(settings.environment);
}

function readProgram(options: FunctionOptions): Program {
  if ('invoke' in options) return { type: 'inProcess', invoke: options.invoke };
  const { handler, runtime, architectures = ['x86_64'], layers = [] } = options;
  const [architecture = ''] = architectures;
  if (layers.length > 0) {
    throw invalidParameter(`The region has no layers, and ${options.name} names ${layers[0]}.`);
  }
  expectValid([
    hasPattern(handler, 'handler', String.raw`\S+`),
    hasLength(handler, 'handler', { max: LIMITS.handlerLength }),
    isOneOf(runtime, 'runtime', RUNTIMES),
    isOneOf(architecture, 'architectures', ARCHITECTURES),
    hasLength(architectures, 'architectures', { min: 1, max: 1 }),
  ]);
  return { type: 'bundle', handler, runtime, architecture };
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const preface = 'Lambda was unable to configure your environment variables because the';
  const names = Object.keys(environment);
  const reserved = names.filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${preface} environment variables you have provided contains reserved keys that are ` +
        `currently not supported for modification. Reserved keys used in this request: ` +
        reserved.join(', '),
    );
  }
  expectValid(
    names.map((name) => hasPattern(name, 'environment.variables', String.raw`[a-zA-Z]\w+`)),
  );
  const text = JSON.stringify(environment);
  if (Buffer.byteLength(text) > LIMITS.environmentBytes) {
    throw invalidParameter(
      `${preface} environment variables you have provided exceeded the 4KB limit. ` +
        `String measured: ${text}`,
    );
  }
}

function expectValid(checks: readonly Violation[]): void {
  const message = describeViolations(checks);
  if (message !== undefined) throw new AwsError('ValidationException', message);
}

/** Lambda's answer to a value that has the right shape but cannot be. */
export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, { fields: { Type: 'User' } });
}
