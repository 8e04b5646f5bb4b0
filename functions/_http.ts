/**
 * Requests of the HTTP API as functions read them, and the one place where what went wrong becomes
 * an answer.
 * Not for: which function answers what (see `core/api/operations.ts`).
 */
import type { OperationId } from '../shared/core/api/operations.ts';
import { keySchema, refuseNeedlessQuery } from '../shared/core/api/requests.ts';
import { NotFound } from '../shared/core/errors.ts';
import { CALLER_LENGTH_MAX } from '../shared/core/orders.ts';
import { parseStrictly } from '../shared/core/parse-strictly.ts';
import { logFailure } from './_handler.ts';
import { fromFailure, problem, UnreadableRequest } from './_problem.ts';

/** What API Gateway hands over, as far as it counts here (payload format 2.0). */
export interface HttpEvent {
  /** Such as `GET /deployments/{deploymentId}`; `$default` where no route of Teal's fits. */
  readonly routeKey: string;
  /** Decoded. */
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId: string;
    readonly http: { readonly method: string; readonly path: string };
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
}

/** What API Gateway takes for an answer. */
export interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request, read as far as every operation needs it. */
export interface Call {
  /** A parameter of the path, decoded; empty where the path has none by that name. */
  readonly param: (name: string) => string;
  /** The query, but for what belongs to the signature. */
  readonly query: Readonly<Record<string, string>>;
  /** ARN of the caller, no longer than it is kept. */
  readonly by: string;
  /** The whole of it, for whoever compares it with a pattern. */
  readonly callerArn: string;
  /** The idempotency key, or the request's own id. @throws SpecRefused when it is unfit */
  readonly key: () => string;
  /** The body; empty where none was sent. @throws UnreadableRequest when it is no JSON object */
  readonly body: () => Readonly<Record<string, unknown>>;
}

/** What answers an operation. */
export type Run = (call: Call) => Promise<Response>;

/**
 * Most bytes of a body: the longest definition that is allowed has half as many, and Step Functions
 * takes twice as many.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const BODY_BYTES_MAX = 131_072;

/** Longest parameter of a path; nothing that Teal knows has a longer name. */
const PARAMETER_LENGTH_MAX = 255;

/** Control characters and halves of pairs, which AWS takes in no name. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/** Makes a function of a single operation. */
export function answerWith(
  operationId: OperationId,
  run: Run,
): (event: HttpEvent) => Promise<HttpResult> {
  return async (event) => toResult(await attempt(event, operationId, run));
}

/** Answers a request, whatever happens. */
export async function attempt(
  event: HttpEvent,
  operationId: OperationId,
  run: Run,
): Promise<Response> {
  try {
    const call = readCall(event);
    refuseNeedlessQuery(operationId, call.query);
    return await run(call);
  } catch (error) {
    return fromFailure(error) ?? reportDefect(event, error);
  }
}

/** What the caller cannot mend is told in the log and nowhere else. */
function reportDefect({ requestContext }: HttpEvent, error: unknown): Response {
  logFailure(error);
  return problem(
    500,
    'InternalError',
    `Teal failed to answer request ${requestContext.requestId}, and its log says why; try again, ` +
      'and tell whoever operates it if that does not help.',
  );
}

async function toResult(response: Response): Promise<HttpResult> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

function readCall(event: HttpEvent): Call {
  const { pathParameters = {}, queryStringParameters = {}, headers, requestContext } = event;
  const names = Object.values(pathParameters);
  if (names.some((name = '') => name.length > PARAMETER_LENGTH_MAX || UNPRINTABLE.test(name))) {
    throw new NotFound(
      `There is nothing by a name of more than ${PARAMETER_LENGTH_MAX} characters, or of any that ` +
        'cannot be printed.',
    );
  }
  const query = Object.entries(queryStringParameters).filter(
    // Those of a signature that came in the address.
    (entry): entry is [string, string] => entry[1] !== undefined && !/^x-amz-/i.test(entry[0]),
  );
  const userArn = requestContext.authorizer?.iam?.userArn ?? 'somebody';
  return {
    param: (name) => pathParameters[name] ?? '',
    query: Object.fromEntries(query),
    by: userArn.slice(0, CALLER_LENGTH_MAX),
    callerArn: userArn,
    key: () => readKey(headers['idempotency-key']) ?? requestContext.requestId,
    body: () => readBody(event),
  };
}

function readKey(key: string | undefined): string | undefined {
  return key === undefined ? undefined : parseStrictly(keySchema, key, 'idempotency-key');
}

function readBody(event: HttpEvent): Readonly<Record<string, unknown>> {
  const { body = '', isBase64Encoded = false } = event;
  if (body === '') return {};
  refuseOtherTypes(event);
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > BODY_BYTES_MAX) {
    throw new UnreadableRequest(
      413,
      `The body has ${bytes.length} bytes, and ${BODY_BYTES_MAX} are the most that are read.`,
    );
  }
  const value = parseJson(bytes);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  const kind = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`;
  throw new UnreadableRequest(400, `The body is ${kind}; send a JSON object.`);
}

/** JSON is UTF-8; a form that a tool sends by default is nobody's intention. */
function refuseOtherTypes({ headers }: HttpEvent): void {
  const type = headers['content-type'];
  if (type === undefined || /^application\/([\w.-]+\+)?json\s*(;.*)?$/i.test(type)) {
    const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(type ?? '') ?? [];
    if (/^(?:utf-?8|us-ascii)$/i.test(charset)) return;
  }
  throw new UnreadableRequest(
    415,
    'The body is not JSON in UTF-8, by its content-type; send a JSON object as application/json.',
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    // The parser's own message would repeat what was sent.
    throw new UnreadableRequest(400, 'The body is not JSON; send a JSON object.', { cause });
  }
}
