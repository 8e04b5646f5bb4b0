/**
 * The region as the `requestHandler` of an SDK client: calls reach it without a socket.
 */
import type { WireAnswer, WireRequest } from '../wire/message.ts';

/** The parts of the SDK's HttpRequest that matter. */
export interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The parts of the SDK's HttpResponse that matter. */
export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** What an SDK client takes as its `requestHandler`. */
export interface SdkRequestHandler {
  handle(request: SdkRequest): Promise<{ response: SdkResponse }>;
  /** Nothing to release. */
  destroy(): void;
}

/** Builds a handler over something that answers requests. */
export function createRequestHandler(
  answer: (request: WireRequest) => Promise<WireAnswer>,
): SdkRequestHandler {
  return {
    handle: async (request) => {
      const { status, headers, body } = await answer(toWireRequest(request));
      return { response: { statusCode: status, headers: { ...headers }, body: bytesOf(body) } };
    },
    destroy: () => undefined,
  };
}

/**
 * The request as it would arrive over a socket.
 * @throws TypeError when the body is a stream, which no served operation needs
 */
export function toWireRequest(request: SdkRequest): WireRequest {
  const query = queryText(request.query ?? {});
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    method: request.method,
    url: query ? `${request.path}?${query}` : request.path,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: bytesOf(request.body ?? ''),
  };
}

function queryText(query: NonNullable<SdkRequest['query']>): string {
  return Object.entries(query)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly string[]) : [value]).map(
        (item) => `${encode(name)}=${encode(typeof item === 'string' ? item : '')}`,
      ),
    )
    .join('&');
}

/** `encodeURIComponent` and the characters that AWS wants escaped besides. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function bytesOf(body: unknown): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  // The SDK's own arrays turn themselves into text, with a warning, wherever they are copied.
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new TypeError('The region takes no streams as bodies of requests.');
}
