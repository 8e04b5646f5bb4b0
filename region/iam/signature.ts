/**
 * Signatures of requests (AWS Signature Version 4, in the Authorization header): whose request is
 * it, and was it signed with that secret?
 * Not for: signed URLs, and the age of a signature, since the region's time may run faster.
 * @source https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { REGION_NAME } from '../kernel/kernel.ts';
import type { Caller } from '../kernel/service.ts';
import type { WireRequest } from '../wire/message.ts';
import type { Credential } from './identities.ts';

/** Looks credentials up; undefined when they are not known. */
export type FindCredential = (
  accessKeyId: string,
  sessionToken: string | undefined,
) => Credential | undefined;

/** Why a request has no caller. */
export type SignatureProblem = 'missing' | 'incomplete' | 'unknownKey' | 'mismatch';

/** The caller of a request, or why there is none. */
export type Authentication =
  | { readonly type: 'caller'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly problem: SignatureProblem };

const ALGORITHM = 'AWS4-HMAC-SHA256';

interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/**
 * Finds out who signed a request to a service.
 * `signingName` is the service's name in the scope of signatures, such as `elasticloadbalancing`.
 */
export function authenticate(
  request: WireRequest,
  options: {
    signingName: string;
    find: FindCredential;
  },
): Authentication {
  const { authorization } = request.headers;
  if (!authorization) return refused('missing');
  const signature = parseAuthorization(authorization);
  const time = request.headers['x-amz-date'];
  if (!signature || !time || !signature.signedHeaders.includes('host')) {
    return refused('incomplete');
  }
  const credential = options.find(signature.accessKeyId, request.headers['x-amz-security-token']);
  if (!credential) return refused('unknownKey');
  const scoped =
    signature.service === options.signingName &&
    signature.region === REGION_NAME &&
    time.startsWith(signature.date);
  const expected = sign(request, signature, time, credential.secretAccessKey);
  if (!scoped || !isSame(expected, signature.signature)) return refused('mismatch');
  return { type: 'caller', caller: credential.caller };
}

function refused(problem: SignatureProblem): Authentication {
  return { type: 'refused', problem };
}

function parseAuthorization(header: string): Signature | undefined {
  if (!header.startsWith(`${ALGORITHM} `)) return undefined;
  const fields = new Map(
    header
      .slice(ALGORITHM.length)
      .split(',')
      .map((field) => field.trim().split(/=(.*)/s, 2) as [string, string]),
  );
  const scope = (fields.get('Credential') ?? '').split('/');
  const [accessKeyId, date, region, service, terminator] = scope;
  const signature = fields.get('Signature');
  const signedHeaders = fields.get('SignedHeaders')?.split(';');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request') {
    return undefined;
  }
  if (scope.length !== 5 || !signature || !signedHeaders) return undefined;
  return { accessKeyId, date, region, service, signature, signedHeaders };
}

function sign(request: WireRequest, signature: Signature, time: string, secret: string): string {
  const { date, region, service } = signature;
  const scope = [date, region, service, 'aws4_request'];
  const canonical = sha256(canonicalRequest(request, signature.signedHeaders));
  return hmac(
    signingKey(scope, secret),
    [ALGORITHM, time, scope.join('/'), canonical].join('\n'),
  ).toString('hex');
}

/** Keys that were derived last; deriving one takes as long as four signatures. */
const derived = new Map<string, Uint8Array>();

/** Derived keys that are remembered: those of a region's functions for one day. */
const DERIVED_KEPT = 500;

function signingKey(scope: readonly string[], secret: string): Uint8Array {
  const name = [secret, ...scope].join('\n');
  const known = derived.get(name);
  if (known) return known;
  const start: Uint8Array = Buffer.from(`AWS4${secret}`);
  const key = scope.reduce((parent, part) => hmac(parent, part), start);
  if (derived.size >= DERIVED_KEPT) derived.clear();
  derived.set(name, key);
  return key;
}

function canonicalRequest(request: WireRequest, signedHeaders: readonly string[]): string {
  const [path = '/', query = ''] = request.url.split(/\?(.*)/s, 2);
  const headers = signedHeaders.map((name) => {
    const value = (request.headers[name] ?? '').trim().replace(/\s+/g, ' ');
    return `${name}:${value}\n`;
  });
  return [
    request.method,
    canonicalPath(path),
    canonicalQuery(query),
    headers.join(''),
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
}

/** Every service but S3 encodes the already encoded path once more, without `.` and `..` in it. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const slash = path.endsWith('/') && segments.length > 0 ? '/' : '';
  return `/${segments.join('/')}${slash}`;
}

function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const;
    })
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
