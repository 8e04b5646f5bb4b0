/**
 * The lab's API on a port of this machine, for programs that know nothing of the lab. Region time
 * stands still but for what a request takes, and for what whoever looks is made to wait.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Lab } from './lab.ts';

export interface Door {
  readonly url: string;
  /** What was asked so far, such as `GET /deployments`. */
  readonly asked: readonly string[];
  close(): void;
}

/** Region seconds that any other request takes, so that what it began can begin. */
const SECONDS_PER_REQUEST = 1;

/** Opens the door; after each observation so many region seconds pass. */
export async function openDoor(lab: Lab, secondsPerLook: number): Promise<Door> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    asked.push(`${method} ${url}`);
    void buffer(request)
      .then(async (body) => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        const call = { method, url, headers, body, sourceIp: '198.51.100.2' };
        const answer = await lab.act(() => lab.region.httpApis.handle(lab.stack.apiId, call));
        await lab.pass(url.endsWith('/observation') ? secondsPerLook : SECONDS_PER_REQUEST);
        return answer;
      })
      .then(({ status, headers, body }) => {
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.writeHead(status).end(body);
      })
      .catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
