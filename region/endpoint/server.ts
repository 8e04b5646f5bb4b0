/**
 * The endpoint's socket: HTTP on the loopback address.
 */
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WireAnswer, WireRequest } from '../wire/message.ts';
import { ConnectionLost } from './faults.ts';

/** Bytes of a request's body: DynamoDB takes the largest, 16 MiB. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Milliseconds of real time that an idle connection is kept: longer than clients keep theirs, so
 * that no request meets a connection that is just being closed.
 */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** Prepares a server over something that answers requests; `now` is the region's time. */
export function createServer(
  answer: (request: WireRequest) => Promise<WireAnswer>,
  now: () => number,
): {
  listen(port?: number): Promise<string>;
  close(): Promise<void>;
} {
  const server = createHttpServer(
    { keepAliveTimeout: KEEP_ALIVE_MILLISECONDS },
    (incoming, outgoing) => {
      // An SDK that sees another date than its own takes every error for one of its clock, and
      // retries it. Functions live by the region's time, so the answers must as well.
      outgoing.setHeader('date', new Date(now()).toUTCString());
      // Whatever fails here, the client sees a broken connection: it has no other meaning on a wire.
      serve(incoming, outgoing, answer).catch(() => incoming.socket.destroy());
    },
  );
  return {
    listen: (port = 0) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => {
          server.removeListener('error', reject);
          resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: (request: WireRequest) => Promise<WireAnswer>,
): Promise<void> {
  const body = await readBody(incoming);
  if (!body) {
    outgoing.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const {
    status,
    headers,
    body: text,
  } = await answer({
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    headers: headersOf(incoming),
    body,
  });
  const length = Buffer.byteLength(text);
  outgoing.writeHead(status, { ...headers, 'content-length': length }).end(text);
}

/** Undefined when the body is too long. @throws ConnectionLost when the client went away */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > BODY_LIMIT_BYTES) return undefined;
    parts.push(part);
  }
  if (!incoming.complete) throw new ConnectionLost();
  return Buffer.concat(parts, length);
}

function headersOf(incoming: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, [value ?? ''].flat().join(',')]),
  );
}
