/**
 * One request's way to a target and back: connection, streaming both ways, and what it means when
 * the target refuses, falls silent or hangs up.
 * Not for: choosing the target (see `routing.ts`).
 *
 * A target may close an idle connection in the very moment in which the proxy sends the next
 * request on it. That is an accident of reuse and no failure of the target, so a request that met
 * a reset on a *reused* connection, before any byte of an answer, is sent once more on a fresh one
 * if all of it can be sent again. Without this the proxy itself would make up 502s that no alarm
 * should see.
 */
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as startRequest } from 'node:http';
import { headersForClient, hasBody } from './request-headers.ts';
import type { ReplayableBody } from './replayable-body.ts';
import { createReplayableBody } from './replayable-body.ts';

/** How the way to a target ended. */
export type Ending =
  /** The target answered, and its answer went to the client as far as either wanted. */
  | { readonly type: 'answered'; readonly status: number; readonly targetMilliseconds: number }
  /** No connection came about. */
  | { readonly type: 'refused' }
  /** The connection broke before an answer, or its time was over. */
  | { readonly type: 'broken' }
  /** The target kept the connection and said nothing. */
  | { readonly type: 'silent' }
  /** The client went away first. */
  | { readonly type: 'abandoned' };

/** A request together with everything that its way to a target needs. */
export interface Journey {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly origin: { readonly host: string; readonly port: number };
  readonly agent: Agent;
  /** Flat list of names and values. */
  readonly headers: string[];
  readonly cookies: readonly string[];
  /** Real milliseconds of silence after which the target is given up. */
  readonly timeoutMilliseconds: number;
  /** Called once. For everything but `answered` the client has had no answer yet. */
  readonly onEnd: (ending: Ending) => void;
}

/** Sends a request on its way. @returns how to break it off from outside */
export function travel(journey: Journey): () => void {
  const { request, response, onEnd } = journey;
  const body = hasBody(request) ? createReplayableBody(request) : undefined;
  let current: Attempt | undefined;
  let over = false;
  let brokenOff = false;

  const end = (ending: Ending): void => {
    if (over) return;
    over = true;
    response.off('close', onClose);
    onEnd(ending);
  };
  const onClose = (): void => {
    const answered = current?.answered();
    end(answered ?? { type: 'abandoned' });
    current?.destroy();
  };
  const onFailure = (failure: Failure, again: boolean): void => {
    body?.detach();
    if (!over && !brokenOff && again && (body?.isReplayable() ?? true)) {
      current = attempt(journey, body, { fresh: true, end, onFailure });
      return;
    }
    end(failure);
  };

  response.on('close', onClose);
  current = attempt(journey, body, { fresh: false, end, onFailure });
  return () => {
    brokenOff = true;
    current?.destroy();
  };
}

type Failure = Extract<Ending, { type: 'refused' | 'broken' | 'silent' }>;

interface Attempt {
  /** The ending once the target has begun to answer. */
  answered(): Ending | undefined;
  destroy(): void;
}

function attempt(
  journey: Journey,
  body: ReplayableBody | undefined,
  way: {
    readonly fresh: boolean;
    readonly end: (ending: Ending) => void;
    readonly onFailure: (failure: Failure, again: boolean) => void;
  },
): Attempt {
  const { request, response, origin } = journey;
  const startedAt = performance.now();
  let answered: Ending | undefined;
  let silent = false;
  let connected = false;

  const upstream: ClientRequest = startRequest({
    host: origin.host,
    port: origin.port,
    method: request.method,
    path: request.url,
    headers: journey.headers,
    setHost: false,
    agent: way.fresh ? false : journey.agent,
  });
  upstream.setTimeout(journey.timeoutMilliseconds, () => {
    const heard = upstream.socket?.bytesRead;
    // A process that was busy sees its timers before the sockets that had something to say.
    setImmediate(() => {
      if (upstream.socket?.bytesRead !== heard) return;
      silent = true;
      upstream.destroy();
    });
  });
  upstream.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => (connected = true));
    else connected = true;
  });
  upstream.on('response', (answer) => {
    const targetMilliseconds = performance.now() - startedAt;
    const status = answer.statusCode ?? 502;
    answered = { type: 'answered', status, targetMilliseconds };
    response.writeHead(status, answer.statusMessage, headersForClient(answer, journey.cookies));
    answer.pipe(response);
    answer.on('end', () => way.end({ type: 'answered', status, targetMilliseconds }));
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', () => {
    if (answered) return response.destroy();
    if (silent) return way.onFailure({ type: 'silent' }, false);
    if (!connected) return way.onFailure({ type: 'refused' }, false);
    return way.onFailure({ type: 'broken' }, upstream.reusedSocket && !way.fresh);
  });
  if (body) body.sendTo(upstream);
  else upstream.end();

  return { answered: () => answered, destroy: () => upstream.destroy() };
}
