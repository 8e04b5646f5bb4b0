/** Teal's API from the outside: every way in which it does not answer is a sentence of its own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ApiRefused, ApiUnreachable, createApiClient } from '../../cli/api-client.ts';
import { addApiOptions } from '../../cli/api-options.ts';
import { tellIssues } from '../../shared/core/parse-strictly.ts';

const KEYS = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

function ask(endpoint: string): Promise<unknown> {
  const client = createApiClient({ endpoint, region: 'eu-west-1', credentials: KEYS });
  return client.send('GET', '/leftovers');
}

/** Listens on loopback and gives every request one answer. */
async function listen(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => response.writeHead(status, headers).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("a client of Teal's API", () => {
  it('says where nothing answered, and what the network said', async () => {
    const { server, url } = await listen(200, '{}');
    await new Promise((resolve) => server.close(resolve));
    const failure = await ask(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiUnreachable);
    expect(String(failure)).toContain(
      `GET ${url}/leftovers was not answered: connect ECONNREFUSED`,
    );
  });

  it.each([
    [404, '{"detail":"No such thing."}', 'GET /leftovers was answered with 404: No such thing.'],
    [200, '<html>', "answered with 200 and no JSON, so this is not Teal's API"],
    [
      502,
      '<html>',
      'answered with 502 and no JSON: the API, or something on the way to it, is out of order for now; try again.',
    ],
  ])('says what was answered with %d', async (status, body, said) => {
    const { url } = await listen(status, body);
    const failure = await ask(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiRefused);
    expect(failure).toMatchObject({ status, message: expect.stringContaining(said) });
  });

  it.each([
    [
      '{"message":"The security token included in the request is expired"}',
      /keys have expired: sign in again/,
    ],
    ['{"message":"The security token included in the request is invalid."}', /AWS does not know/],
    ['{"message":"Missing Authentication Token"}', /this is not Teal's API/],
    [
      '{"message":"The request signature we calculated does not match the signature you provided."}',
      /you provided\. The secret key is not that of AKIA…AKIA; check the profile/,
    ],
    ['{"message":"Signature expired: 20260105T090000Z"}', /check this machine's clock/],
  ])('says what %s means', async (body, said) => {
    const { url } = await listen(403, body);
    await expect(ask(url)).rejects.toThrow(said);
  });

  it('says that the clock is off where AWS only says that it is forbidden', async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const { url } = await listen(403, '{"message":"Forbidden"}', { date });
    await expect(ask(url)).rejects.toThrow(/clock is 60 minutes ahead, and AWS takes signatures/);
  });

  it('names the caller that is not allowed, and what a policy has to allow', async () => {
    const arn = 'arn:aws:iam::123456789012:user/ann';
    const answer = `<Arn>${arn}</Arn><Account>123456789012</Account>`;
    const { url: identities } = await listen(200, answer);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', identities);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { url } = await listen(403, '{"message":"Forbidden"}');
    await expect(ask(url)).rejects.toThrow(
      `${arn} is not allowed this: a policy must allow execute-api:Invoke on ` +
        'arn:aws:execute-api:eu-west-1:123456789012:<api-id>/*/GET/leftovers',
    );
  });

  it('speaks of no policy where AWS does not take the keys at all', async () => {
    const answer =
      '<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>';
    const { url: identities } = await listen(403, answer);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', identities);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { url } = await listen(403, '{"message":"Forbidden"}');
    await expect(ask(url)).rejects.toThrow(
      'Forbidden. AWS does not take the keys AKIA…AKIA at all (SignatureDoesNotMatch); check',
    );
  });

  it('names the keys where nobody says whose they are', async () => {
    const { server, url: identities } = await listen(200, '');
    await new Promise((resolve) => server.close(resolve));
    vi.stubEnv('AWS_ENDPOINT_URL_STS', identities);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { url } = await listen(403, '{"message":"Forbidden"}');
    await expect(ask(url)).rejects.toThrow(
      /The caller with the keys AKIA…AKIA is not allowed this: .* \(or the keys are wrong, or eu-west-1 is the wrong region\)$/,
    );
  });

  it('says that a gateway without such a path is not the API', async () => {
    const { url } = await listen(404, '{"message":"Not Found"}');
    await expect(ask(url)).rejects.toThrow(/Not Found. No such path is there: this is not Teal/);
  });

  it('says that a name could not be resolved', async () => {
    await expect(ask('http://teal.invalid')).rejects.toThrow(
      /was not answered: getaddrinfo .*The name could not be resolved/,
    );
  });

  it('keeps the path of an address, and what a refusal carries', async () => {
    const { url } = await listen(
      409,
      '{"title":"TooLate","detail":"Over.","possible":["rollback"]}',
    );
    await expect(ask(`${url}/stage/`)).rejects.toMatchObject({
      status: 409,
      message: 'GET /leftovers was answered with 409: Over.',
      problem: { possible: ['rollback'] },
    });
  });

  it('sends a query as its signature counts it, spaces and all', async () => {
    const asked: string[] = [];
    const server = createServer(({ url = '', headers }, response) => {
      asked.push(url, headers.authorization ?? '');
      response.end('{"deployments":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createApiClient({ endpoint, region: 'eu-west-1', credentials: KEYS });
    const query = new URLSearchParams({ service: "a b+c*'é~", limit: '20' });
    await client.send('GET', `/deployments?${query.toString()}`);
    expect(asked[0]).toBe('/deployments?service=a%20b%2Bc%2A%27%C3%A9~&limit=20');
    expect(asked[1]).toContain('Signature=');
  });

  it.each(['null', '{}', '[]', '7', '{"leftovers":7}', '{"leftovers":[null]}'])(
    'says that whoever answers 200 with %s is not the API',
    async (body) => {
      const { url } = await listen(200, body);
      await expect(ask(url)).rejects.toThrow(
        "with 200 and something else than Teal answers, so this is not Teal's API; check its address.",
      );
    },
  );

  it.each([
    ['GET', '/deployments?limit=1'],
    ['POST', '/deployments'],
    ['GET', '/deployments/web-1'],
    ['GET', '/deployments/web-1/timeline'],
    ['GET', '/deployments/web-1/observation'],
    ['POST', '/deployments/web-1/pause'],
    ['GET', '/services?limit=1'],
    ['GET', '/services/web?as=given'],
    ['POST', '/services/web/plan'],
    ['GET', '/groups/web-blue/definition'],
  ] as const)('expects something of the answer to %s %s', async (method, path) => {
    const { url } = await listen(200, '{}');
    const client = createApiClient({ endpoint: url, region: 'eu-west-1', credentials: KEYS });
    await expect(client.send(method, path)).rejects.toThrow("this is not Teal's API");
  });

  it('speaks of options where people typed options, and of keys where they wrote keys', async () => {
    const issues = [
      { path: 'imageId', message: 'must be given' },
      { path: 'strategy.steps', message: 'is odd' },
      { path: 'onBusy', message: 'no such key; known are reason' },
    ];
    const detail = `The request was refused: ${tellIssues(
      issues.map((issue) => ({ ...issue, pointer: '' })),
    )}. Correct it.`;
    const { url } = await listen(422, JSON.stringify({ title: 'SpecRefused', detail, issues }));
    const client = createApiClient({ endpoint: url, region: 'eu-west-1', credentials: KEYS });
    await expect(client.send('POST', '/deployments', {})).rejects.toThrow(
      'refused: --image: must be given; --strategy.steps: is odd; --on-busy: the API does not take this one here. Correct it.',
    );
    await expect(client.send('PUT', '/services/web', {})).rejects.toThrow(
      'refused: imageId: must be given; strategy.steps: is odd;',
    );
  });

  it('hands over what was answered', async () => {
    const { url } = await listen(200, '{"leftovers":[]}');
    expect(await ask(url)).toEqual({ leftovers: [] });
  });
});

describe('the options for the API', () => {
  it.each([
    [[], /--api <url> or in TEAL_API/],
    [['--api', 'nonsense'], /takes an address such as https/],
    [['--api', 'https://a.example', '--region', 'bad region'], /the name of a region such as eu-w/],
  ])('%j are refused with what to give', async (words, said) => {
    vi.stubEnv('TEAL_API', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const written: string[] = [];
    const command = new Command()
      .exitOverride()
      .configureOutput({ writeErr: (text) => written.push(text) })
      .action(() => undefined);
    addApiOptions(command);
    await expect(command.parseAsync(words, { from: 'user' })).rejects.toMatchObject({
      exitCode: 1,
    });
    expect(written.join('')).toMatch(said);
  });
});
