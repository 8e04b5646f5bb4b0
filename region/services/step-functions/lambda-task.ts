/**
 * One invocation of a function on behalf of a task: the request, and how AWS words the answer.
 * Not for: retries, catches and timeouts.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Functions } from '../../kernel/contracts.ts';
import { arn, type Kernel } from '../../kernel/kernel.ts';
import { byteLength, isObject, readJson, type Json, type JsonObject } from './json.ts';
import { uuid } from './jsonata-functions.ts';

/** How an invocation ended. */
export type Response =
  | { readonly type: 'succeeded'; readonly output: JsonObject }
  | { readonly type: 'failed'; readonly error: string; readonly cause: string };

/** Whom to invoke, with what, and under whose role. */
export interface Invocation {
  readonly functionName: string;
  /** Missing means the empty event `{}`. */
  readonly payload?: Json;
  /** Role of the state machine; it needs `lambda:InvokeFunction`. */
  readonly roleArn: string;
}

/** Errors of Lambda that keep their name behind `Lambda.`; a refusal does not. */
const REFUSED = 'AccessDeniedException';

/** Invokes the function and answers as `lambda:invoke` does. */
export async function invokeLambda(
  { kernel, functions }: { readonly kernel: Kernel; readonly functions: Functions },
  invocation: Invocation,
): Promise<Response> {
  const requestId = uuid(kernel);
  try {
    const { payload, functionError } = await functions.invoke({
      functionArn: functionArn(invocation.functionName),
      payload: JSON.stringify(invocation.payload ?? {}),
      caller: { type: 'role', roleArn: invocation.roleArn },
    });
    if (functionError !== undefined) return functionFailed(payload);
    const version = versionOf(invocation.functionName);
    return { type: 'succeeded', output: response(payload, { kernel, requestId, version }) };
  } catch (error) {
    if (error instanceof AwsError) return callFailed(error, requestId);
    throw error;
  }
}

/** The ARN of a function by its name; an ARN stays as it is. */
function functionArn(name: string): string {
  return name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
}

/** The version that an ARN names; `$LATEST` where it names none. */
function versionOf(name: string): string {
  return name.split(':')[7] ?? '$LATEST';
}

/** A function that throws: its error type is the error, its whole answer the cause. */
function functionFailed(payload: string): Response {
  const json = readJson(payload);
  const type = 'value' in json && isObject(json.value) ? json.value['errorType'] : undefined;
  return {
    type: 'failed',
    error: typeof type === 'string' && type !== '' ? type : 'Lambda.Unknown',
    cause: payload,
  };
}

function callFailed(error: AwsError, requestId: string): Response {
  const name = error.code === REFUSED ? 'AWSLambdaException' : error.code;
  const suffixed = name.endsWith('Exception') ? name : `${name}Exception`;
  return {
    type: 'failed',
    error: `Lambda.${suffixed}`,
    cause:
      `${error.message} (Service: AWSLambda; Status Code: ${error.httpStatus}; ` +
      `Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null)`,
  };
}

function response(
  payload: string,
  { kernel, requestId, version }: { kernel: Kernel; requestId: string; version: string },
): JsonObject {
  const json = readJson(payload);
  const headers: Record<string, string> = {
    Connection: 'keep-alive',
    'Content-Length': String(byteLength(payload)),
    'Content-Type': 'application/json',
    Date: new Date(kernel.clock.now()).toUTCString(),
    'X-Amz-Executed-Version': version,
    'x-amzn-RequestId': requestId,
  };
  const all = Object.entries(headers).map(([name, value]) => [name, [value]]);
  return {
    ExecutedVersion: version,
    Payload: 'value' in json ? json.value : payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(all) as JsonObject,
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
