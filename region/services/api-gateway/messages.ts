/**
 * Requests and answers of an HTTP API as plain data, and the answers that API Gateway itself gives.
 * Not for: sockets (see `listener.ts`).
 */

/** A request as it came from the socket, nothing decoded. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  /** Names in lower case; several values are joined with commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when there is none. */
  readonly body: Uint8Array;
  readonly sourceIp: string;
}

/** An answer as it goes to the socket; length and connection headers are the socket's affair. */
export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array;
}

/**
 * What an HTTP API says when no function does.
 * @source https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting.html
 */
const OWN_ANSWERS = {
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** One of API Gateway's own answers. */
export function ownAnswer(status: keyof typeof OWN_ANSWERS): ApiAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: OWN_ANSWERS[status] }),
  };
}
