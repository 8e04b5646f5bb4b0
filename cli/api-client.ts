/**
 * Teal's HTTP API from the outside: signed requests, JSON answers, and refusals as one error.
 */
import { isAnswer } from './answer-shapes.ts';
import type { ApiCredentials, CredentialSource } from './credentials.ts';
import { explainForbidden } from './forbidden.ts';
import { nameOptions } from './option-names.ts';

/** What may be asked with. */
export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** The API as one method: the answer's JSON, parsed, or a refusal that carries the reason. */
export interface ApiClient {
  /**
   * Sends one request; `idempotencyKey` lets it be sent again without being done again.
   * @throws ApiRefused when the answer is not 2xx, or not what Teal's API answers
   * @throws ApiUnreachable when there is no answer
   * @throws CredentialsMissing when there is nothing to sign with
   */
  send(
    method: Method,
    path: string,
    body?: unknown,
    options?: { readonly idempotencyKey?: string },
  ): Promise<unknown>;
}

/** The API answered, and not with what was asked for. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly status: number;
  /** The answer's members; absent where it was no JSON object. */
  readonly problem: Readonly<Record<string, unknown>> | undefined;

  constructor(message: string, status: number, problem?: Readonly<Record<string, unknown>>) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

/** Nothing at the API's address answered. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}

/**
 * Real milliseconds after which an answer is not waited for any more: API Gateway itself gives an
 * integration 30 seconds.
 * @source https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const ANSWER_MILLISECONDS_MAX = 35_000;

/** A client for the API at `endpoint`, signing with `credentials` for `region`. */
export function createApiClient(options: {
  endpoint: string;
  region: string | (() => Promise<string>);
  credentials: ApiCredentials | CredentialSource;
}): ApiClient {
  const { endpoint, region: regionOf, credentials: credentialsOf } = options;
  return {
    send: async (method, path, body, { idempotencyKey } = {}) => {
      const url = new URL(`${endpoint.replace(/\/+$/, '')}${path}`);
      url.search = toQuery(url.searchParams);
      const credentials =
        typeof credentialsOf === 'function' ? await credentialsOf() : credentialsOf;
      const region = typeof regionOf === 'function' ? await regionOf() : regionOf;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = await sign({ url, method, region, credentials, text, idempotencyKey });
      const signal = AbortSignal.timeout(ANSWER_MILLISECONDS_MAX);
      const asking = fetch(url, { method, headers, signal, ...(text && { body: text }) });
      const { response, answer } = await asking
        .then(async (answered) => ({ response: answered, answer: await answered.text() }))
        .catch((error: unknown) => {
          throw new ApiUnreachable(explainSilence(`${method} ${url.href}`, url, error), {
            cause: error,
          });
        });
      const asked = { method, path, url, region, credentials };
      return readAnswer(asked, response, answer);
    },
  };
}

/**
 * A query as it is signed: `URLSearchParams` writes a space as `+`, and a signature counts `%20`.
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function toQuery(params: URLSearchParams): string {
  return [...params].map((pair) => pair.map(encode).join('=')).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function sign(request: {
  readonly url: URL;
  readonly method: Method;
  readonly region: string;
  readonly credentials: ApiCredentials;
  readonly text: string | undefined;
  readonly idempotencyKey: string | undefined;
}): Promise<Record<string, string>> {
  const { url, method, region, credentials, text, idempotencyKey } = request;
  // Loaded only now: `teal --help` signs nothing.
  const [{ SignatureV4 }, { Sha256 }] = await Promise.all([
    import('@smithy/signature-v4'),
    import('./sha256.ts'),
  ]);
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: {
      host: url.host,
      ...(text && { 'content-type': 'application/json' }),
      ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    ...(text && { body: text }),
  });
  return headers;
}

/** What to do about each way of not being answered. */
const REMEDIES: readonly (readonly [code: RegExp, remedy: string])[] = [
  [
    /ENOTFOUND|EAI_AGAIN/,
    'The name could not be resolved; check the address for a slip, and that this machine is online.',
  ],
  [/ECONNREFUSED/, 'Nothing listens there; check the address and its port.'],
  [/TimeoutError|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT/, 'Check the network, and try again.'],
  [/CERT|SELF_SIGNED/, "Its certificate is not trusted; check that it is the API's own name."],
  [/(?:)/, "Check that it is Teal's API, and that this machine can reach it."],
];

function explainSilence(asked: string, url: URL, error: unknown): string {
  const { said, code } = readCause(error, url);
  const remedy = REMEDIES.find(([pattern]) => pattern.test(code))?.[1] ?? '';
  return `${asked} was not answered: ${said}. ${remedy}`;
}

/** What `fetch` was told by the network: its own message only says that it failed. */
function readCause(error: unknown, url: URL): { said: string; code: string } {
  const { cause, name } = error as { cause?: unknown; name?: string };
  if (name === 'TimeoutError') {
    return { said: `${url.host} said nothing for ${ANSWER_MILLISECONDS_MAX / 1000} s`, code: name };
  }
  if (!(cause instanceof Error)) return { said: String(error), code: '' };
  // Node.js joins the failures of several addresses in an error that has a code and no message.
  const { code = '' } = cause as NodeJS.ErrnoException;
  return { said: cause.message || code, code };
}

/** A request as far as the explanation of its refusal needs it. */
interface Asked {
  readonly method: Method;
  readonly path: string;
  readonly url: URL;
  readonly region: string;
  readonly credentials: ApiCredentials;
}

async function readAnswer(asked: Asked, response: Response, answer: string): Promise<unknown> {
  const { status } = response;
  const said = `${asked.method} ${asked.path} was answered with ${status}`;
  const json = parseJson(answer);
  if (json === undefined) {
    // Gateways and proxies say in HTML that what is behind them does not answer.
    const why =
      status >= 500
        ? 'the API, or something on the way to it, is out of order for now; try again.'
        : "so this is not Teal's API; check its address.";
    throw new ApiRefused(`${said} and no JSON${status >= 500 ? ':' : ','} ${why}`, status);
  }
  if (status >= 200 && status < 300) {
    if (isAnswer(asked.method, asked.path, json)) return json;
    throw new ApiRefused(
      `${said} and something else than Teal answers, so this is not Teal's API; check its address.`,
      status,
    );
  }
  const problem = (json ?? {}) as { detail?: string; message?: string; title?: string };
  // API Gateway speaks of a `message`; Teal's own refusals have a `title` and a `detail`.
  const isGateway = problem.title === undefined && problem.message !== undefined;
  if (isGateway && status === 403) {
    const why = await explainForbidden(asked, problem.message ?? '', response.headers.get('date'));
    throw new ApiRefused(`${said}: ${why}`, status, problem);
  }
  const hint =
    isGateway && status === 404
      ? ". No such path is there: this is not Teal's API, or an older one; check the address."
      : '';
  throw new ApiRefused(
    `${said}: ${nameOptions(asked.method, problem) ?? problem.message ?? answer}${hint}`,
    status,
    problem,
  );
}

/** The value, or undefined where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
