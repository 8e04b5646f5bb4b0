/** Teal's API from the outside: every way in which it does not answer is a sentence of its own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ApiRefused, ApiUnreachable, createApiClient } from '../../cli/api-client.ts';
import { addApiOptions } from '../../cli/api-options.ts';

const KEYS = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

function ask(endpoint: string): Promise<unknown> {
  const client = createApiClient({ endpoint, region: 'eu-west-1', credentials: KEYS });
  return client.send('GET', '/leftovers');
}

/** Listens on loopback and gives every request one answer. */
async function listen(status: number, body: string): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
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
    [403, '{"message":"Forbidden"}', 'GET /leftovers was answered with 403: Forbidden'],
    [404, '{"detail":"No such thing."}', 'GET /leftovers was answered with 404: No such thing.'],
    [200, '<html>', "answered with 200 and no JSON, so this is not Teal's API"],
  ])('says what was answered with %d', async (status, body, said) => {
    const { url } = await listen(status, body);
    const failure = await ask(url).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiRefused);
    expect(failure).toMatchObject({ status, message: expect.stringContaining(said) });
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
    [['--api', 'https://api.test'], /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
    [['--api', 'https://api.test', '--access-key-id', 'AKIA'], /set AWS_SECRET_ACCESS_KEY/],
  ])('%j are refused with what to give', async (words, said) => {
    for (const name of ['TEAL_API', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      vi.stubEnv(name, undefined);
    }
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
