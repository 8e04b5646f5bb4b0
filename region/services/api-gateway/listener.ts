/**
 * A socket on this machine behind which an HTTP API answers.
 * Not for: TLS; clients on the same machine need none.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ownAnswer } from './messages.ts';
import type { ApiAnswer, ApiRequest } from './messages.ts';

/** Bytes of a request's body. @source http-api-quotas page of the guide */
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** An open socket. It stays until it is closed. */
export interface Listener {
  /** Such as `http://127.0.0.1:40001`. */
  readonly origin: string;
  /** Closes the socket and its connections. */
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function listen(
  handle: (request: ApiRequest) => Promise<ApiAnswer>,
): Promise<Listener> {
  const server = createServer((incoming, outgoing) => {
    void answer(handle, incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handle: (request: ApiRequest) => Promise<ApiAnswer>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const body = await readBody(incoming);
    const {
      status,
      headers,
      body: content,
    } = body
      ? await handle({
          method: incoming.method ?? 'GET',
          url: incoming.url ?? '/',
          headers: joinHeaders(incoming),
          body,
          sourceIp: incoming.socket.remoteAddress ?? '',
        })
      : ownAnswer(413);
    outgoing.writeHead(status, headers as Record<string, string | string[]>);
    outgoing.end(content);
  } catch {
    // The client is gone, or the answer has a header that HTTP cannot say: there is nobody to tell.
    outgoing.destroy();
  }
}

/** Undefined when the body is too long. */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return size <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined;
}

function joinHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}
