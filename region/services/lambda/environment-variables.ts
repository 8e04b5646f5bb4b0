/**
 * The environment of a function's code: what the function sets, and what Lambda adds.
 * Not for: anything of the machine that runs the region.
 */
import type { Credentials } from '../../kernel/contracts.ts';
import { REGION_NAME } from '../../kernel/kernel.ts';
import { LATEST } from './names.ts';

/**
 * The variables of one execution environment.
 * @source https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function environmentVariables(options: {
  readonly functionName: string;
  readonly memoryMegabytes: number;
  readonly handler: string;
  readonly runtime: string;
  readonly taskRoot: string;
  readonly logStreamName: string;
  readonly credentials: Credentials;
  /** Where the region answers; the AWS SDK sends every call there. */
  readonly endpointUrl: string;
  readonly own: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> {
  const { credentials, functionName } = options;
  return {
    AWS_ENDPOINT_URL: options.endpointUrl,
    ...options.own,
    _HANDLER: options.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_DEFAULT_REGION: REGION_NAME,
    AWS_EXECUTION_ENV: `AWS_Lambda_${options.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: LATEST,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(functionName),
    AWS_LAMBDA_LOG_STREAM_NAME: options.logStreamName,
    AWS_REGION: REGION_NAME,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    LAMBDA_TASK_ROOT: options.taskRoot,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
  };
}

/** The log group that Lambda writes a function's lines to. */
export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}

/** A log stream's name: the day, the version, and digits of its own. */
export function logStreamName(now: number, digits: string): string {
  return `${new Date(now).toISOString().slice(0, 10).replaceAll('-', '/')}/[${LATEST}]${digits}`;
}
