/** Bundles made and loaded as the packaged functions are, with or without slimming. */
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
