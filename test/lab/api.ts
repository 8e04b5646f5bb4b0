/**
 * Teal's HTTP API as release tooling uses it, without a socket.
 */
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../../region/kernel/contracts.ts';
import type { Region } from '../../region/region.ts';
import { Sha256 } from '../../cli/sha256.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Record<string, unknown>;
}

export interface LabApi {
  /** Sends a signed request. */
  send(
    method: string,
    /** With its query; parameters encoded. */
    path: string,
    options?: {
      /** Sent as JSON. */
      readonly body?: unknown;
      /** Sent as it is, in place of `body`. */
      readonly rawBody?: string | Uint8Array;
      readonly headers?: Readonly<Record<string, string>>;
      /** Absent means true. */
      readonly isSigned?: boolean;
      /** Who signs; absent means the administrator. */
      readonly as?: Credentials;
    },
  ): Promise<ApiAnswer>;
}

const HOST = 'api.in-process';

/** Makes a client of an API that signs with somebody's credentials. */
export function createLabApi(region: Region, apiId: string, credentials: Credentials): LabApi {
  return {
    send: async (method, path, { body, rawBody, headers = {}, isSigned = true, as } = {}) => {
      const text = rawBody ?? (body === undefined ? '' : JSON.stringify(body));
      const [pathname = '', query = ''] = path.split(/\?(.*)/s);
      const plain = {
        method,
        protocol: 'https:',
        hostname: HOST,
        path: pathname,
        query: Object.fromEntries(new URLSearchParams(query)),
        headers: { host: HOST, 'content-type': 'application/json', ...headers },
        body: text,
      };
      const signed = isSigned ? await signerOf(as ?? credentials).sign(plain) : plain;
      const answer = await region.httpApis.handle(apiId, {
        method,
        url: path,
        headers: lowerCase(signed.headers),
        body: Buffer.from(text as string),
        sourceIp: '198.51.100.2',
      });
      const answered = Buffer.from(answer.body).toString('utf8');
      return { ...answer, body: JSON.parse(answered) as Record<string, unknown> };
    },
  };
}

function signerOf(credentials: Credentials): SignatureV4 {
  return new SignatureV4({
    service: 'execute-api',
    region: 'us-east-1',
    credentials,
    sha256: Sha256,
  });
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
