/**
 * The load balancer's sockets: one HTTP server per listener on a free port of 127.0.0.1. A listener
 * of protocol HTTPS is served without TLS, as if the region's edge had already ended it.
 * Not for: deciding who gets a request (see `routing.ts`); web sockets are not carried.
 *
 * Sockets are not sped up with the clock: a process takes the time it takes, so response times are
 * real. Only the idle timeout is scaled, with a floor below which a busy machine would look silent.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Machines } from '../../kernel/machines.ts';
import type { RoutableRequest } from './matching.ts';
import type { OwnAnswer } from './own-answers.ts';
import { errorPage, SERVER_HEADER } from './own-answers.ts';
import type { ListenerView } from './propagation.ts';
import { headersForTarget } from './request-headers.ts';
import type { Decision, Router } from './routing.ts';
import type { TargetConnections } from './target-connections.ts';
import { createTargetConnections } from './target-connections.ts';
import type { Outcome, Traffic } from './traffic.ts';
import type { Ending } from './upstream.ts';
import { travel } from './upstream.ts';

/** Real milliseconds that a target may be silent at least, however fast the clock runs. */
const SILENCE_FLOOR_MILLISECONDS = 1000;

/** Real milliseconds for which a client's idle connection is kept. */
const CLIENT_KEEP_ALIVE_MILLISECONDS = 60_000;

/** Where a socket listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The sockets of all listeners. */
export interface DataPlane {
  /** Opens a socket for every listener, now and later. Resolves when the known ones listen. */
  start(): Promise<void>;
  /** Follows a change of a listener; undefined means that it is gone. */
  follow(listenerArn: string, view: ListenerView | undefined): void | Promise<void>;
  /** Where a listener listens; undefined before it does. */
  address(listenerArn: string): Address | undefined;
  /** Ends what a target still has to answer, and forgets its connections. */
  cut(targetGroupArn: string, instanceId: string): void;
  /** Closes every socket at once. */
  close(): Promise<void>;
}

/** What the sockets need to know. */
export interface ProxyWorld {
  readonly kernel: Kernel;
  readonly machines: Machines;
  readonly router: Router;
  readonly traffic: Traffic;
  readonly views: () => readonly ListenerView[];
  readonly view: (listenerArn: string) => ListenerView | undefined;
  /** Attribute of a load balancer; undefined once it is deleted. */
  readonly attribute: (loadBalancerArn: string, name: string) => string | undefined;
}

/** Starts without sockets. */
export function createDataPlane(world: ProxyWorld): DataPlane {
  const servers = new Map<string, Server>();
  const retired = new Set<Server>();
  const targets = createTargetConnections();
  let started = false;

  const open = (listenerArn: string): Promise<void> => {
    if (servers.has(listenerArn)) return Promise.resolve();
    const server = createServer((request, response) => {
      // A client that goes away in mid-answer is its own affair, and so is one broken request.
      response.on('error', () => response.destroy());
      try {
        serve(world, targets, listenerArn, request, response);
      } catch (error) {
        world.kernel.log(`A request on ${listenerArn} could not be served: ${String(error)}`);
        response.destroy();
      }
    });
    server.keepAliveTimeout = CLIENT_KEEP_ALIVE_MILLISECONDS;
    servers.set(listenerArn, server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve());
    });
  };

  // Whoever waits for an answer still gets it; nobody else gets in.
  const retire = (listenerArn: string): void => {
    const server = servers.get(listenerArn);
    if (!server) return;
    servers.delete(listenerArn);
    retired.add(server);
    server.close(() => retired.delete(server));
    server.closeIdleConnections();
  };

  return {
    start: async () => {
      started = true;
      await Promise.all(world.views().map((view) => open(view.listenerArn)));
    },
    follow: (listenerArn, view) => {
      if (!started) return undefined;
      return view ? open(listenerArn) : retire(listenerArn);
    },
    address: (listenerArn) => {
      const bound = servers.get(listenerArn)?.address() as AddressInfo | null | undefined;
      return bound ? { host: bound.address, port: bound.port } : undefined;
    },
    cut: (targetGroupArn, instanceId) => targets.cut(targetGroupArn, instanceId),
    close: async () => {
      await Promise.all([...servers.values(), ...retired].map(shut));
      servers.clear();
      targets.close();
    },
  };
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function serve(
  world: ProxyWorld,
  targets: TargetConnections,
  listenerArn: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const view = world.view(listenerArn);
  if (!view) {
    response.destroy();
    return;
  }
  const startedAt = performance.now();
  const finish: Finish = (outcome) =>
    world.traffic.record({
      ...outcome,
      at: world.kernel.clock.now(),
      loadBalancerArn: view.loadBalancerArn,
      requestMilliseconds: performance.now() - startedAt,
    });
  const decision = world.router.decide(view, routable(request));
  if (decision.type === 'own') sendOwn(response, decision, finish);
  else if (decision.type === 'unavailable') {
    sendError(response, 503);
    const { targetGroupArn } = decision;
    finish({ elbStatusCode: 503, ...(targetGroupArn === undefined ? {} : { targetGroupArn }) });
  } else forward({ world, targets, view, request, response, finish }, decision);
}

type Finish = (outcome: Omit<Outcome, 'at' | 'loadBalancerArn' | 'requestMilliseconds'>) => void;

function routable(request: IncomingMessage): RoutableRequest {
  const url = request.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    host: request.headers.host ?? '',
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    header: (name) => request.headersDistinct[name] ?? [],
  };
}

interface Exchange {
  readonly world: ProxyWorld;
  readonly targets: TargetConnections;
  readonly view: ListenerView;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly finish: Finish;
}

function forward(exchange: Exchange, decision: Extract<Decision, { type: 'forward' }>): void {
  const { world, targets, view, request, response, finish } = exchange;
  const { targetGroupArn, target, failsOpen, cookies } = decision;
  const { instanceId } = target;
  const origin = world.machines.origin(instanceId);
  const chosen = { targetGroupArn, instanceId, failsOpen };
  if (!origin) {
    answerForModel(exchange, chosen, cookies);
    return;
  }
  target.inFlight += 1;
  const breakOff = travel({
    request,
    response,
    origin,
    agent: targets.agent(targetGroupArn, instanceId),
    headers: headersForTarget(request, {
      clientIp: request.socket.remoteAddress ?? '127.0.0.1',
      protocol: view.protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
      port: view.port,
      forwardedForMode:
        world.attribute(view.loadBalancerArn, 'routing.http.xff_header_processing.mode') ??
        'append',
      traceRoot: traceRoot(world.kernel),
    }),
    cookies,
    timeoutMilliseconds: silence(world, view.loadBalancerArn),
    onEnd: (ending) => {
      target.inFlight -= 1;
      release();
      const outcome = outcomeOf(ending);
      if (ending.type !== 'answered' && ending.type !== 'abandoned') {
        sendError(response, outcome.elbStatusCode as 502 | 504);
      }
      finish({ ...chosen, ...outcome });
    },
  });
  const release = targets.hold(targetGroupArn, instanceId, breakOff);
}

function outcomeOf(
  ending: Ending,
): Pick<Outcome, 'elbStatusCode' | 'targetStatusCode' | 'targetMilliseconds' | 'connectionFailed'> {
  switch (ending.type) {
    case 'answered': {
      const { status, targetMilliseconds } = ending;
      return { elbStatusCode: status, targetStatusCode: status, targetMilliseconds };
    }
    case 'refused':
      return { elbStatusCode: 502, connectionFailed: true };
    case 'broken':
      return { elbStatusCode: 502 };
    case 'silent':
      return { elbStatusCode: 504 };
    case 'abandoned':
      // AWS logs this code when the client closed the connection before an answer.
      return { elbStatusCode: 460 };
  }
}

/** A modelled instance has no socket: the proxy gives its answer, or finds nobody there. */
function answerForModel(
  { world, response, finish }: Exchange,
  chosen: Pick<Outcome, 'targetGroupArn' | 'instanceId' | 'failsOpen'>,
  cookies: readonly string[],
): void {
  const answer = world.machines.model(chosen.instanceId ?? '');
  if (!answer) {
    sendError(response, 502);
    finish({ ...chosen, elbStatusCode: 502, connectionFailed: true });
    return;
  }
  response.writeHead(answer.status, cookies.length > 0 ? { 'Set-Cookie': [...cookies] } : {});
  response.end();
  finish({
    ...chosen,
    elbStatusCode: answer.status,
    targetStatusCode: answer.status,
    targetMilliseconds: answer.milliseconds,
  });
}

function silence({ kernel, attribute }: ProxyWorld, loadBalancerArn: string): number {
  const seconds = Number(attribute(loadBalancerArn, 'idle_timeout.timeout_seconds') ?? 60);
  const speed = kernel.clock.speed === 'virtual' ? 1 : kernel.clock.speed;
  return Math.max(SILENCE_FLOOR_MILLISECONDS, (seconds * 1000) / speed);
}

function traceRoot(kernel: Kernel): string {
  const seconds = Math.floor(kernel.clock.now() / 1000).toString(16);
  return `1-${seconds}-${kernel.hex(24)}`;
}

function sendOwn(response: ServerResponse, answer: OwnAnswer, finish: Finish): void {
  response.writeHead(answer.status, {
    Server: SERVER_HEADER,
    ...answer.headers,
    'Content-Length': String(Buffer.byteLength(answer.body)),
  });
  response.end(answer.body);
  finish({ elbStatusCode: answer.status, ownAnswer: answer.kind });
}

function sendError(response: ServerResponse, status: 502 | 503 | 504): void {
  if (response.headersSent || response.destroyed) return;
  const body = errorPage(status);
  response.writeHead(status, {
    Server: SERVER_HEADER,
    'Content-Type': 'text/html',
    'Content-Length': String(Buffer.byteLength(body)),
  });
  response.end(body);
}
