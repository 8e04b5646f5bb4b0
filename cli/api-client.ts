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
  /** @throws ApiRefused when the answer is not 2xx */
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
      const response = await fetch(url, { method, headers, ...(text && { body: text }) });
      const answer = await response.text();
      if (response.ok) return JSON.parse(answer) as unknown;
      throw new ApiRefused(
        `${method} ${path} was answered with ${response.status}: ${readDetail(answer)}`,
        response.status,
      );
    },
  };
}

function readDetail(answer: string): string {
  try {
    const { detail, message } = JSON.parse(answer) as { detail?: string; message?: string };
    return detail ?? message ?? answer;
  } catch (error) {
    if (error instanceof SyntaxError) return answer;
    throw error;
  }
}
