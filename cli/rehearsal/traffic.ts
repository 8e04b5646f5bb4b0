/**
 * Steady traffic on the load balancer: an open loop that sends so many requests a second whether
 * or not they are answered, and counts what came back.
 * Not for: finding out how much a server can take.
 */
import { Agent, type ClientRequest, request } from 'node:http';

/** Requests counted so far. */
export interface TrafficCount {
  readonly sent: number;
  /** Requests that no version answered: refused, cut, timed out, or answered by the balancer. */
  readonly failed: number;
  /** Answers by the application, whatever their status. */
  readonly answered: number;
}

/** Traffic under way: its count so far can be read at any time. */
export interface Traffic {
  count(): TrafficCount;
  /**
   * Sends nothing until every request has its answer or has failed, so that the count is exact, and
   * then goes on. Between two deployments only: traffic that pauses would hide losses.
   */
  settle(): Promise<TrafficCount>;
  /** Stops sending and waits until every request has its answer or has failed. */
  stop(): Promise<TrafficCount>;
}

/** Real milliseconds after which a request without a whole answer counts as failed. */
const ANSWER_MILLISECONDS_MAX = 10_000;

/** Connections that are kept; more requests at once wait for one of them. */
const CONNECTIONS_MAX = 256;

/** Real milliseconds between two looks for requests that are due. */
const TICK_MILLISECONDS = 5;

/**
 * Real seconds of traffic that are made up for after this process was kept from sending; what a
 * laptop slept through is left out.
 */
const BACKLOG_SECONDS_MAX = 1;

/**
 * What an Application Load Balancer calls itself in answers of its own.
 * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
const BALANCER_NAME = 'awselb/2.0';

/** Starts sending `requestsPerSecond` GET requests to `url`; once `signal` aborts, all of them fail. */
export function startTraffic(options: {
  url: string;
  requestsPerSecond: number;
  signal: AbortSignal;
}): Traffic {
  const { requestsPerSecond, signal } = options;
  const target = new URL(options.url);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  const count = { sent: 0, failed: 0, answered: 0 };
  const underWay = new Map<ClientRequest, Promise<void>>();
  let isPaused = false;
  let lookedAt = performance.now();
  let due = 0;

  const sendOne = (): void => {
    count.sent += 1;
    const sent = request(target, { agent });
    const end = awaitAnswer(sent).then((isAnswered) => {
      if (isAnswered) count.answered += 1;
      else count.failed += 1;
      underWay.delete(sent);
    });
    underWay.set(sent, end);
  };
  // Requests that are due by the clock, so that a late timer does not lower the rate.
  const timer = setInterval(() => {
    const now = performance.now();
    const seconds = Math.min((now - lookedAt) / 1000, BACKLOG_SECONDS_MAX);
    lookedAt = now;
    if (isPaused || signal.aborted) return;
    for (due += seconds * requestsPerSecond; due >= 1; due -= 1) sendOne();
  }, TICK_MILLISECONDS);

  const abandon = (): void => {
    for (const sent of underWay.keys()) sent.destroy(new Error('nobody waits for the answer'));
  };
  signal.addEventListener('abort', abandon, { once: true });

  const settle = async (): Promise<TrafficCount> => {
    isPaused = true;
    await Promise.all(underWay.values());
    isPaused = false;
    return { ...count };
  };
  return {
    count: () => ({ ...count }),
    settle,
    stop: async () => {
      clearInterval(timer);
      await settle();
      signal.removeEventListener('abort', abandon);
      agent.destroy();
      return { ...count };
    },
  };
}

/** Sends a request; true when the application answered it, and the answer came to its end. */
function awaitAnswer(sent: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => sent.destroy(new Error('no answer')), ANSWER_MILLISECONDS_MAX);
    const settle = (isAnswered: boolean): void => {
      clearTimeout(timer);
      resolve(isAnswered);
    };
    sent.on('response', (response) => {
      response.on('error', () => settle(false));
      response.on('end', () => settle(response.headers.server !== BALANCER_NAME));
      response.resume();
    });
    sent.on('error', () => settle(false));
    sent.end();
  });
}
