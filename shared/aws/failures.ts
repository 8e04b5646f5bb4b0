/**
 * What Teal makes of a call that AWS did not answer with a result: whether waiting can help, and
 * one sentence that names the call, the resource and the answer.
 * Not for: outcomes that a caller expects; it catches those by their code (see `call.ts`).
 */
import { AwsRefused, AwsUnavailable } from '../core/errors.ts';

/** What was being tried, in AWS's word for the operation and the resource's own name. */
export interface Attempt {
  /** Such as `ModifyRule`. */
  readonly operation: string;
  /** Name, ARN or id of what it was tried on. */
  readonly on: string;
}

/**
 * Codes by which AWS says "too fast". The SDK has tried again several times before they arrive.
 * @source https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const THROTTLING_CODES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsException',
]);

/**
 * Codes by which AWS says that something else is still going on: an activity of the group, another
 * update, or a rule that has just let go of a target group.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html
 */
const WAITING_HELPS_CODES: ReadonlySet<string> = new Set([
  'HealthUnavailable',
  'ResourceContention',
  'ResourceInUse',
  'ScalingActivityInProgress',
]);

/** How Node.js and the SDK name a connection that gave no answer. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
]);

/** Codes by which AWS says that the caller may not. EC2 has its own. */
const DENIED_CODES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'OperationNotPermitted',
  'UnauthorizedOperation',
]);

/** The parts of an error that say what happened, as the SDK and Node.js lay them out. */
interface Symptoms {
  /** AWS's code as it came over the wire; the error's own name where there is none. */
  readonly code: string;
  /** The code of the socket, where the failure was there. */
  readonly networkCode: string | undefined;
  /** Undefined when no answer came. */
  readonly httpStatus: number | undefined;
  readonly message: string;
  readonly requestId: string | undefined;
}

/**
 * Turns what the SDK threw into one of Teal's own failures.
 * `AwsUnavailable` where the same call may succeed later: throttling, a failure inside AWS, no
 * answer, or something else in progress. `AwsRefused` everywhere else. Both carry `operation`,
 * `on` and `code` among their facts.
 */
export function toFailure(attempt: Attempt, error: unknown): AwsUnavailable | AwsRefused {
  const symptoms = readSymptoms(error);
  const { code, httpStatus, requestId } = symptoms;
  const options = { cause: error, facts: { ...attempt, code, httpStatus, requestId } };
  const isPassing = mayPass(symptoms);
  const message =
    `Tried ${attempt.operation} on ${attempt.on}; ` +
    `AWS answered ${code}: ${symptoms.message.trim().replace(/\.$/, '')}; ` +
    `${advise(symptoms, isPassing)}.`;
  return isPassing ? new AwsUnavailable(message, options) : new AwsRefused(message, options);
}

function mayPass({ code, networkCode, httpStatus }: Symptoms): boolean {
  return (
    THROTTLING_CODES.has(code) ||
    WAITING_HELPS_CODES.has(code) ||
    NETWORK_CODES.has(code) ||
    (networkCode !== undefined && NETWORK_CODES.has(networkCode)) ||
    httpStatus === 429 ||
    (httpStatus !== undefined && httpStatus >= 500)
  );
}

function advise({ code }: Symptoms, isPassing: boolean): string {
  if (isPassing) return 'it is tried again';
  if (DENIED_CODES.has(code)) return "allow it in the function's role and start again";
  return 'correct what AWS names and start again';
}

function readSymptoms(error: unknown): Symptoms {
  if (typeof error !== 'object' || error === null) {
    return { ...NO_SYMPTOMS, message: String(error) };
  }
  const { Code, name, code, message, $metadata } = error as Record<string, unknown>;
  const { httpStatusCode, requestId } = ($metadata ?? {}) as Record<string, unknown>;
  return {
    code: textOf(Code) ?? textOf(name) ?? NO_SYMPTOMS.code,
    networkCode: textOf(code),
    httpStatus: typeof httpStatusCode === 'number' ? httpStatusCode : undefined,
    message: textOf(message) ?? 'no message',
    requestId: textOf(requestId),
  };
}

const NO_SYMPTOMS: Symptoms = {
  code: 'UnknownError',
  networkCode: undefined,
  httpStatus: undefined,
  message: '',
  requestId: undefined,
};

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
