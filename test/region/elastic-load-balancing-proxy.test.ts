import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { once } from 'node:events';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from 'node:http';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { AccessLogEntry } from '../../region/kernel/contracts.ts';
import { createRealClock } from '../../region/kernel/real-clock.ts';
import { answers, createRig, forwardTo, split } from './elastic-load-balancing-rig.ts';

const SPEED = 500;
const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function createRealRig(options: { propagationMilliseconds?: number } = {}) {
  const clock = createRealClock({
    speed: SPEED,
    onFailure: (error) => {
      throw error;
    },
  });
  const rig = createRig({ clock, ...options });
  await rig.elb.startDataPlane();
  endings.push(() => clock.stop());
  endings.push(() => rig.elb.close());
  const log: AccessLogEntry[] = [];
  rig.elb.onAccess((entry) => log.push(entry));
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) await clock.sleep(500);
  };
  return {
    ...rig,
    log,
    until,
    /** A target group with one healthy target per handler. */
    served: async (name: string, ...handlers: RequestListener[]) => {
      const group = await rig.group(name, {
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
      });
      const ids: string[] = [];
      for (const handler of handlers) {
        const { server, origin } = await serve(handler);
        ids.push(rig.launch(`${name.charCodeAt(0)}${ids.length}`, { origin }));
        endings.push(() => close(server));
      }
      if (ids.length > 0) await rig.register(group, ...ids);
      return { group, ids };
    },
    healthy: (group: string) =>
      until(async () => (await rig.health(group)).every((state) => state === 'healthy')),
    address: (listenerArn: string) => rig.elb.listenerAddress(listenerArn)!,
  };
}

async function serve(handler: RequestListener) {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, origin: { host: '127.0.0.1', port } };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Question {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
}

function ask(address: { host: string; port: number }, options: Question = {}): Promise<Reply> {
  const { body, agent, ...rest } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...address, agent: agent ?? false, ...rest }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode!, headers: incoming.headers, body: text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const says =
  (text: string): RequestListener =>
  (_request, response) =>
    void response.end(text);

const text = (MessageBody: string): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody },
});

/** Answers a connection's first request and hangs up on its second, unread. */
function hangsUpOnReuse(): RequestListener {
  const used = new WeakSet<object>();
  return (incoming, response) => {
    if (used.has(incoming.socket)) return void incoming.socket.destroy();
    used.add(incoming.socket);
    incoming.resume();
    incoming.on('end', () => response.end('fine'));
  };
}

/** A server in a thread of its own: says its port, then that it was asked, and answers soon. */
const ANSWERS_SOON = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:http').createServer((_, response) => {
    parentPort.postMessage('asked');
    setTimeout(() => response.end('late'), 200);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const slowly =
  (answer: string): RequestListener =>
  (_incoming, response) =>
    void setImmediate(() => setImmediate(() => response.end(answer)));

describe('carrying requests', () => {
  it('carries a request and its answer with their headers', async () => {
    const rig = await createRealRig();
    const { group } = await rig.served('echo', (incoming, response) => {
      response.writeHead(201, 'Made', { 'X-Own': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
      incoming.pipe(response);
      seen = { ...incoming.headers, url: incoming.url };
    });
    let seen: IncomingHttpHeaders & { url?: string } = {};
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)], { Port: 8080 });
    await rig.healthy(group);
    const body = 'x'.repeat(1_000_000);
    const reply = await ask(rig.address(listener), {
      path: '/a?b=c',
      method: 'POST',
      headers: {
        host: 'shop.example.com',
        'x-forwarded-for': '203.0.113.9',
        connection: 'close, x-hop',
        'x-hop': '1',
      },
      body,
    });
    expect(reply.status).toBe(201);
    expect(reply.body).toBe(body);
    expect(reply.headers).toMatchObject({ 'x-own': 'yes', 'set-cookie': ['a=1', 'b=2'] });
    expect(seen).toMatchObject({
      url: '/a?b=c',
      host: 'shop.example.com',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': '8080',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    });
    expect(seen).not.toHaveProperty('x-hop');
    expect(rig.log).toMatchObject([
      { targetGroupArn: group, elbStatusCode: 201, targetStatusCode: 201 },
    ]);
  });

  it('passes on the first bytes of an answer before the last', async () => {
    const rig = await createRealRig();
    let slow: ServerResponse | undefined;
    const { group } = await rig.served('slow', (_incoming, response) => {
      response.write('first');
      slow = response;
    });
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const outgoing = request({ ...rig.address(listener), agent: false }).end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: string[] = [];
    for await (const chunk of incoming) {
      chunks.push(String(chunk));
      // The target says the rest only once the client has the beginning.
      if (chunks.length === 1) slow!.end('last');
    }
    expect(chunks).toEqual(['first', 'last']);
  });

  it('follows the first rule that matches, by priority', async () => {
    const rig = await createRealRig();
    const listener = await rig.listen(await rig.balance(), [text('default')]);
    const conditions: [string, object][] = [
      ['path', { Field: 'path-pattern', Values: ['/img/*.p?g'] }],
      ['host', { Field: 'host-header', Values: ['*.Example.com'] }],
      [
        'header',
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Test', Values: ['TEAL*'] } },
      ],
      ['method', { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PURGE'] } }],
      [
        'query',
        { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2*' }] } },
      ],
      ['regex', { Field: 'path-pattern', RegexValues: ['^/v[0-9]+/'] }],
      ['nobody', { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24'] } }],
      ['local', { Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } }],
    ];
    for (const [index, [name, condition]] of conditions.entries()) {
      await rig.rule(listener, index + 1, [text(name)], { Conditions: [condition] });
    }
    const address = rig.address(listener);
    const questions: Question[] = [
      { path: '/img/a.png' },
      { path: '/img/a.jpeg', headers: { host: 'shop.example.com:80' } },
      { headers: { 'x-test': 'teal-1' } },
      { method: 'PURGE' },
      { path: '/?a=1&V=23' },
      { path: '/v12/x' },
      { path: '/anything' },
    ];
    const bodies = await Promise.all(
      questions.map(async (question) => (await ask(address, question)).body),
    );
    expect(bodies).toEqual(['path', 'host', 'header', 'method', 'query', 'regex', 'local']);
  });

  it('redirects with what the action leaves of the URL', async () => {
    const rig = await createRealRig();
    const listener = await rig.listen(await rig.balance(), [
      {
        Type: 'redirect',
        RedirectConfig: {
          Protocol: 'HTTPS',
          Port: '443',
          Path: '/new/#{path}',
          StatusCode: 'HTTP_301',
        },
      },
    ]);
    const reply = await ask(rig.address(listener), {
      path: '/a/b?c=d',
      headers: { host: 'x.org:80' },
    });
    expect(reply.status).toBe(301);
    expect(reply.headers).toMatchObject({
      location: 'https://x.org/new/a/b?c=d',
      server: 'awselb/2.0',
    });
  });
});

describe('failing targets', () => {
  it('answers 503 for an empty target group, and does not step over to the other', async () => {
    const rig = await createRealRig();
    const blue = await rig.served('blue', says('blue'));
    const green = await rig.group('green');
    const listener = await rig.listen(await rig.balance(), [
      split({ [blue.group]: 0, [green]: 1 }),
    ]);
    await rig.healthy(blue.group);
    const reply = await ask(rig.address(listener));
    expect(reply.status).toBe(503);
    expect(reply.headers).toMatchObject({ server: 'awselb/2.0', 'content-type': 'text/html' });
    expect(reply.body).toContain('<h1>503 Service Temporarily Unavailable</h1>');
    expect(rig.log[0]).not.toHaveProperty('instanceId');
    await rig.until(() => rig.measurements.some((m) => m.metricName === 'HTTPCode_ELB_503_Count'));
    expect(rig.measurements.some((m) => m.metricName === 'RequestCount')).toBe(false);
  });

  it('answers 502 when the target refuses, and counts the connection that failed', async () => {
    const rig = await createRealRig();
    const { server, origin } = await serve(says('never'));
    await close(server);
    const group = await rig.group('green');
    await rig.register(group, rig.launch('1', { origin }));
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    expect((await ask(rig.address(listener))).status).toBe(502);
    await rig.until(() => rig.measurements.some((m) => m.metricName === 'HTTPCode_ELB_502_Count'));
    const names = rig.measurements
      .filter((m) => m.dimensions['TargetGroup']?.startsWith('targetgroup/green/'))
      .map((m) => m.metricName);
    expect(names).toContain('TargetConnectionErrorCount');
    expect(names.filter((name) => name.startsWith('HTTPCode'))).toEqual([]);
  });

  it('answers 502 when the target hangs up in the middle of a request', async () => {
    const rig = await createRealRig();
    const { group } = await rig.served('green', (incoming) => void incoming.socket.destroy());
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    expect((await ask(rig.address(listener))).status).toBe(502);
  });

  it('answers 504 when the target says nothing for the idle timeout', async () => {
    const rig = await createRealRig();
    const { group } = await rig.served('green', () => {});
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    expect((await ask(rig.address(listener))).status).toBe(504);
  });

  it('does not take a target for silent because the region itself was busy', async () => {
    const rig = await createRealRig();
    const target = new Worker(ANSWERS_SOON, { eval: true });
    endings.push(() => target.terminate());
    const [port] = (await once(target, 'message')) as [number];
    const { group } = await rig.served('green');
    const origin = { host: '127.0.0.1', port };
    await rig.register(group, rig.launch('a0', { origin }));
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const answer = ask(rig.address(listener));
    await once(target, 'message');
    // Longer than a target may be silent, while its answer waits to be read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    expect(await answer).toMatchObject({ status: 200, body: 'late' });
  });

  it('sends requests to all targets when none is healthy', async () => {
    const rig = await createRealRig();
    const { group, ids } = await rig.served('green', says('one'), says('two'));
    for (const id of ids) rig.fleet.get(id)!.answer = () => answers(500);
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.until(async () =>
      (await rig.health(group)).every((state) => state.startsWith('unhealthy')),
    );
    const bodies = [await ask(rig.address(listener)), await ask(rig.address(listener))];
    expect(bodies.map(({ body }) => body).sort()).toEqual(['one', 'two']);
  });
});

describe('connections to targets', () => {
  it('makes up no 502 when the target closes an idle connection as it is used again', async () => {
    const rig = await createRealRig();
    const { group } = await rig.served('green', hangsUpOnReuse());
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const statuses: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      const body = index % 2 === 0 ? undefined : 'small';
      const method = body ? 'POST' : 'GET';
      statuses.push((await ask(rig.address(listener), { method, body })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
  });

  it('does not send twice what it could not keep', async () => {
    const rig = await createRealRig();
    const { group } = await rig.served('green', hangsUpOnReuse());
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const body = 'x'.repeat(4_000_000);
    const first = await ask(rig.address(listener), { method: 'POST', body });
    const second = await ask(rig.address(listener), { method: 'POST', body }).catch(
      () => undefined,
    );
    expect(first.status).toBe(200);
    expect(second?.status ?? 502).toBe(502);
  });

  it('loses no request while targets come and go', async () => {
    const rig = await createRealRig();
    const { group, ids } = await rig.served('blue', slowly('0'), slowly('1'), slowly('2'));
    await rig.call('ModifyTargetGroupAttributes', {
      TargetGroupArn: group,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
    });
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const agent = new Agent({ keepAlive: true });
    endings.push(() => agent.destroy());
    const over = new AbortController();
    const replies: Reply[] = [];
    const client = async (): Promise<void> => {
      while (!over.signal.aborted) replies.push(await ask(rig.address(listener), { agent }));
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    for (const id of ids.slice(1)) {
      rig.elb.registry.deregister(group, [id]);
      await rig.until(() => !rig.elb.registry.targetHealth(group).has(id));
      rig.fleet.delete(id);
    }
    const before = replies.length;
    await rig.until(() => replies.length > before + 20);
    over.abort();
    await clients;
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.slice(before + 8).map(({ body }) => body))).toEqual(new Set(['0']));
  });

  it('lets a draining target finish, and cuts off what is left at the end of the delay', async () => {
    const rig = await createRealRig();
    const pending: (() => void)[] = [];
    const { group, ids } = await rig.served('blue', (_incoming, response) => {
      pending.push(() => void response.end('done'));
    });
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const finished = ask(rig.address(listener));
    const stuck = ask(rig.address(listener));
    await rig.until(() => pending.length === 2);
    rig.elb.registry.deregister(group, ids);
    expect((await ask(rig.address(listener))).status).toBe(503);
    pending[0]!();
    const statuses = new Set([(await finished).status, (await stuck).status]);
    expect(statuses).toEqual(new Set([200, 502]));
  });
});

describe('cookies', () => {
  it('keeps a client on its target group, even at weight 0, until the action drops it', async () => {
    const rig = await createRealRig();
    const blue = await rig.served('blue', says('blue'));
    const green = await rig.served('green', says('green'));
    const weigh = (blueWeight: number, greenWeight: number) =>
      split({ [blue.group]: blueWeight, [green.group]: greenWeight }, 3600);
    const listener = await rig.listen(await rig.balance(), [weigh(0, 1)]);
    await rig.healthy(blue.group);
    await rig.healthy(green.group);
    const first = await ask(rig.address(listener));
    expect(first.body).toBe('green');
    expect(first.headers['set-cookie']).toMatchObject([
      expect.stringMatching(/^AWSALBTG=[\w-]+; Expires=.*; Path=\/$/),
      expect.stringMatching(/^AWSALBTGCORS=[\w-]+; .*SameSite=None; Secure$/),
    ]);
    const headers = { cookie: first.headers['set-cookie']![0]!.split(';')[0]! };
    const change = (action: object) =>
      rig.call('ModifyListener', { ListenerArn: listener, DefaultActions: [action] });
    await change(weigh(1, 0));
    expect((await ask(rig.address(listener), { headers })).body).toBe('green');
    expect((await ask(rig.address(listener))).body).toBe('blue');
    await change(forwardTo(blue.group));
    expect((await ask(rig.address(listener), { headers })).body).toBe('blue');
  });

  it('keeps a client on its target', async () => {
    const rig = await createRealRig();
    const { group } = await rig.served('blue', says('0'), says('1'), says('2'));
    await rig.call('ModifyTargetGroupAttributes', {
      TargetGroupArn: group,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    });
    const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
    await rig.healthy(group);
    const first = await ask(rig.address(listener));
    const headers = { cookie: `x=1; ${first.headers['set-cookie']![0]!.split(';')[0]!}` };
    for (let index = 0; index < 5; index += 1) {
      expect((await ask(rig.address(listener), { headers })).body).toBe(first.body);
    }
  });
});

it('closes the socket of a deleted listener', async () => {
  const rig = await createRealRig();
  const { group } = await rig.served('blue', says('blue'));
  const listener = await rig.listen(await rig.balance(), [forwardTo(group)]);
  const address = rig.address(listener);
  await rig.healthy(group);
  expect((await ask(address)).body).toBe('blue');
  await rig.call('DeleteListener', { ListenerArn: listener });
  expect(rig.elb.listenerAddress(listener)).toBeUndefined();
  await expect(ask(address)).rejects.toThrow(/ECONNREFUSED/);
});
