/**
 * The headers of a request and of its answer on their way through the load balancer.
 * Not for: stickiness cookies, which routing decides.
 *
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
import type { IncomingMessage } from 'node:http';

/** Headers that concern one connection only and are never passed on. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

const REPLACED = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port']);

/** What the load balancer tells a target about the client's connection. */
export interface Forwarding {
  readonly clientIp: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** Attribute `routing.http.xff_header_processing.mode`. */
  readonly forwardedForMode: string;
  /** Value of a new `X-Amzn-Trace-Id` root. */
  readonly traceRoot: string;
}

/** Headers for the target, as a flat list of names and values in the client's order. */
export function headersForTarget(request: IncomingMessage, forwarding: Forwarding): string[] {
  const { rawHeaders, headers } = request;
  const dropped = connectionTokens(headers.connection);
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    const gone = HOP_BY_HOP.has(lower) || dropped.has(lower) || REPLACED.has(lower);
    if (!gone && lower !== 'x-amzn-trace-id') kept.push(name, rawHeaders[index + 1] ?? '');
  }
  const forwardedFor = forwardedForValue(headers['x-forwarded-for'], forwarding);
  if (forwardedFor !== undefined) kept.push('X-Forwarded-For', forwardedFor);
  kept.push('X-Forwarded-Proto', forwarding.protocol.toLowerCase());
  kept.push('X-Forwarded-Port', String(forwarding.port));
  const trace = headers['x-amzn-trace-id'];
  const given = Array.isArray(trace) ? trace[0] : trace;
  const { traceRoot } = forwarding;
  kept.push('X-Amzn-Trace-Id', given ? `Self=${traceRoot};${given}` : `Root=${traceRoot}`);
  if (headers['transfer-encoding'] !== undefined) kept.push('Transfer-Encoding', 'chunked');
  else if (headers['content-length'] === undefined && METHODS_WITH_BODY.has(request.method ?? '')) {
    // Without a length Node would announce a chunked body that the client never meant to send.
    kept.push('Content-Length', '0');
  }
  return kept;
}

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** Headers for the client, with the load balancer's own cookies added. */
export function headersForClient(answer: IncomingMessage, cookies: readonly string[]): string[] {
  const { rawHeaders } = answer;
  const dropped = connectionTokens(answer.headers.connection);
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !dropped.has(lower)) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  for (const cookie of cookies) kept.push('Set-Cookie', cookie);
  return kept;
}

/** Whether a request has a body that would have to be sent again with it. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

const NO_TOKENS: ReadonlySet<string> = new Set();

function connectionTokens(value: string | undefined): ReadonlySet<string> {
  if (value === undefined || value === 'keep-alive' || value === 'close') return NO_TOKENS;
  return new Set(value.split(',').map((token) => token.trim().toLowerCase()));
}

function forwardedForValue(
  given: string | string[] | undefined,
  { clientIp, forwardedForMode }: Forwarding,
): string | undefined {
  const before = Array.isArray(given) ? given.join(', ') : given;
  if (forwardedForMode === 'remove') return undefined;
  if (forwardedForMode === 'preserve') return before;
  return before === undefined ? clientIp : `${before}, ${clientIp}`;
}
