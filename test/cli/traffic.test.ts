import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startTraffic, type Traffic } from '../../cli/rehearsal/traffic.ts';

const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function send(listener: RequestListener, requestsPerSecond = 500) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => server.close());
  endings.push(() => server.closeAllConnections());
  const interruption = new AbortController();
  const { port } = server.address() as AddressInfo;
  const traffic = startTraffic({
    url: `http://127.0.0.1:${port}/path`,
    requestsPerSecond,
    signal: interruption.signal,
  });
  endings.push(() => traffic.stop());
  endings.push(() => interruption.abort());
  return { traffic, interruption, server };
}

async function untilSent(traffic: Traffic, count: number): Promise<void> {
  while (traffic.count().sent < count) await new Promise((resolve) => setImmediate(resolve));
}

describe('the traffic', () => {
  it('counts what the application answers as answered, errors included', async () => {
    let served = 0;
    const { traffic } = await send((request, response) => {
      expect(request.url).toBe('/path');
      served += 1;
      response.writeHead(served % 2 === 0 ? 500 : 200).end('text');
    });
    await untilSent(traffic, 20);
    const count = await traffic.stop();
    expect(count).toEqual({ sent: served, answered: served, failed: 0 });
  });

  it('counts as failed what the load balancer answers itself', async () => {
    const { traffic } = await send((_, response) => {
      response.writeHead(502, { server: 'awselb/2.0' }).end();
    });
    await untilSent(traffic, 5);
    expect(await traffic.stop()).toMatchObject({ answered: 0 });
  });

  it('counts as failed what breaks off in the middle of an answer', async () => {
    const { traffic } = await send((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    await untilSent(traffic, 5);
    expect(await traffic.stop()).toMatchObject({ answered: 0 });
  });

  it('counts as failed what nobody listens to', async () => {
    const { traffic, server } = await send((_, response) => response.end());
    server.close();
    server.closeAllConnections();
    const before = traffic.count().sent;
    await untilSent(traffic, before + 5);
    const { failed } = await traffic.stop();
    expect(failed).toBeGreaterThanOrEqual(5);
  });

  it('has an exact count when it settles, and goes on afterwards', async () => {
    const { traffic } = await send((_, response) => response.end());
    await untilSent(traffic, 10);
    const { sent, answered } = await traffic.settle();
    expect(answered).toBe(sent);
    await untilSent(traffic, sent + 5);
  });

  it('does not wait for an application that hangs once it is interrupted', async () => {
    const { traffic, interruption } = await send(() => undefined);
    await untilSent(traffic, 5);
    interruption.abort();
    const { sent, failed } = await traffic.stop();
    expect(failed).toBe(sent);
  });
});
