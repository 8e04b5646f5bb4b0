/**
 * A request's body on its way to a target, kept as long as it is small so that it can be sent once
 * more.
 * Not for: answers.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Bytes of a body that are kept. */
const KEPT_BYTES = 64 * 1024;

/** A body that can be sent to one target after another while it is small enough. */
export interface ReplayableBody {
  /** Streams the body into a request, from its beginning, and ends it. */
  sendTo(upstream: ClientRequest): void;
  /** Stops sending; what arrives meanwhile is kept. */
  detach(): void;
  /** True while everything that was sent could be sent again. */
  isReplayable(): boolean;
}

/** Takes over a request's body. */
export function createReplayableBody(request: IncomingMessage): ReplayableBody {
  const kept: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  let sink: ClientRequest | undefined;

  const keep = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes <= KEPT_BYTES) kept.push(chunk);
    else kept.length = 0;
  };

  request.on('data', (chunk: Buffer) => {
    keep(chunk);
    const current = sink;
    if (!current || current.write(chunk)) return;
    request.pause();
    current.once('drain', () => request.resume());
  });
  request.on('end', () => {
    ended = true;
    sink?.end();
  });

  return {
    sendTo: (upstream) => {
      sink = upstream;
      for (const chunk of kept) upstream.write(chunk);
      if (ended) upstream.end();
      else request.resume();
    },
    detach: () => {
      sink = undefined;
    },
    isReplayable: () => bytes <= KEPT_BYTES,
  };
}
