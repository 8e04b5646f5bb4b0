/** Bundles made and loaded as the packaged functions are, and an AWS that answers as a test says. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions } from 'esbuild';

/** Makes a bundle of `input` at `outfile`, and answers its module. */
export async function loadBundle<Module>(
  outfile: string,
  input: Pick<BuildOptions, 'entryPoints' | 'plugins' | 'stdin'>,
): Promise<Module> {
  await build({
    ...input,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  return (await import(pathToFileURL(outfile).href)) as Module;
}

/** A server on a free port of the loopback. */
export interface Answerer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts a server that answers every request by `answer`. */
export async function openAnswerer(answer: RequestListener): Promise<Answerer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
