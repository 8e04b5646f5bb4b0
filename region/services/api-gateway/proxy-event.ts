/**
 * The event of a Lambda proxy integration, payload format 2.0, and the answer to it.
 * Not for: payload format 1.0.
 * @source https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { ACCOUNT_ID } from '../../kernel/kernel.ts';
import type { Caller } from '../../kernel/service.ts';
import { ownAnswer } from './messages.ts';
import type { ApiAnswer, ApiRequest } from './messages.ts';
import type { Match } from './routes.ts';

/** Types of bodies that are handed over as text; every other is base64. */
const TEXT_TYPES = /^(?:text\/|application\/(?:json|javascript|xml|[\w.+-]+\+(?:json|xml))\b)/;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What a function is told about a request. */
export function proxyEvent(options: {
  readonly request: ApiRequest;
  readonly match: Match;
  /** Absent when the route asks for no identity. */
  readonly caller?: Caller;
  readonly apiId: string;
  readonly stageName: string;
  readonly requestId: string;
  /** Region time, epoch milliseconds. */
  readonly at: number;
}): object {
  const { request, match, caller, apiId, stageName, requestId, at } = options;
  const { cookie, ...headers } = request.headers;
  const [path, query] = splitUrl(request.url);
  const isText = TEXT_TYPES.test(headers['content-type'] ?? 'text/plain');
  const domainName = headers['host'] ?? '';
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query !== '' && { queryStringParameters: queryParameters(query) }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId,
      ...(caller && { authorizer: { iam: iamContext(caller, headers) } }),
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: match.route.routeKey,
      stage: stageName,
      time: commonLogTime(at),
      timeEpoch: at,
    },
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: match.pathParameters }),
    ...(request.body.length > 0 && {
      body: Buffer.from(request.body).toString(isText ? 'utf8' : 'base64'),
    }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

/** Path and query of a URL as it was sent; the query is empty when there is none. */
export function splitUrl(url: string): readonly [string, string] {
  const mark = url.indexOf('?');
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

function queryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

/** The unique ids that IAM would tell are those of the ARN here. */
function iamContext(caller: Caller, headers: Readonly<Record<string, string>>): object {
  const [, accessKey = ''] = /Credential=([^/,\s]+)/.exec(headers['authorization'] ?? '') ?? [];
  const id = caller.arn.split('/').slice(1).join(':');
  return {
    accessKey,
    accountId: ACCOUNT_ID,
    callerId: id,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: caller.arn,
    userId: id,
  };
}

function commonLogTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/**
 * The answer that a function's result means. Without a status code the result itself is the body;
 * a result that cannot be an answer is an error of the API.
 */
export function proxyAnswer(payload: string): ApiAnswer {
  const result = JSON.parse(payload) as unknown;
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: payload };
  }
  const { statusCode, headers = {}, cookies, body = '', isBase64Encoded } = result as ProxyResult;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || typeof body !== 'string') {
    return ownAnswer(500);
  }
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...(Object.fromEntries(named) as Record<string, string>),
      ...(cookies && { 'set-cookie': cookies }),
    },
    body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  };
}

interface ProxyResult {
  readonly statusCode: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly cookies?: readonly string[];
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}
