/**
 * Teal's HTTP API from the outside: signed requests, JSON answers, and refusals as one error.
 */
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './sha256.ts';

/** Keys that requests are signed with; the session token belongs to temporary ones only. */
export interface ApiCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The API as one method: the answer's JSON, parsed, or a refusal that carries the reason. */
export interface ApiClient {
  /**
   * @throws ApiRefused when the answer is not 2xx, or not what Teal's API answers
   * @throws ApiUnreachable when there is no answer
   */
  send(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

/** The API answered, and not with what was asked for. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Nothing at the API's address answered. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}

/** A client for the API at `endpoint`, signing as `credentials` in `region`. */
export function createApiClient(options: {
  endpoint: string;
  region: string;
  credentials: ApiCredentials;
}): ApiClient {
  const { endpoint, region, credentials } = options;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  return {
    send: async (method, path, body) => {
      const url = new URL(path, endpoint);
      const text = body === undefined ? undefined : JSON.stringify(body);
      const signed = await signer.sign({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: { host: url.host, ...(text && { 'content-type': 'application/json' }) },
        ...(text && { body: text }),
      });
      const { headers } = signed;
      const asked = fetch(url, { method, headers, ...(text && { body: text }) });
      const response = await asked.catch((error: unknown) => {
        throw new ApiUnreachable(
          `${method} ${url.href} was not answered: ${readCause(error)}. ` +
            "Check that it is Teal's API, and that this machine can reach it.",
          { cause: error },
        );
      });
      return readAnswer(`${method} ${path}`, response.status, await response.text());
    },
  };
}

/** What `fetch` was told by the network: its own message only says that it failed. */
function readCause(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  if (!(cause instanceof Error)) return String(error);
  // Node.js joins the failures of several addresses in an error that has a code and no message.
  return cause.message || String((cause as NodeJS.ErrnoException).code);
}

function readAnswer(asked: string, status: number, answer: string): unknown {
  const json = parseJson(answer);
  if (json === undefined) {
    throw new ApiRefused(
      `${asked} was answered with ${status} and no JSON, so this is not Teal's API; check its address.`,
      status,
    );
  }
  if (status >= 200 && status < 300) return json;
  const { detail, message } = (json ?? {}) as { detail?: string; message?: string };
  const said = detail ?? message ?? answer;
  throw new ApiRefused(`${asked} was answered with ${status}: ${said}`, status);
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
