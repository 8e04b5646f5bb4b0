/**
 * Bundles every function into one file of its own under `dist/functions`, with its source map
 * beside it and a list of what went into it under `dist/meta`.
 * Not for: packaging; `package.ts` hands the bundles to the Serverless Framework.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Metafile, OutputFile } from 'esbuild';
import { slimSdk } from './slim-sdk.ts';

/** What esbuild emits where a CommonJS package calls `require` in an ES module. */
const BROKEN_REQUIRE = 'Dynamic require of ';

/** One function's bundle. */
export interface Bundle {
  /** Such as `plan-deployment`. */
  readonly name: string;
  readonly bytes: number;
}

/** The functions under `<root>/functions`, sorted: every `.ts` file whose name has no leading `_`. */
export async function functionNames(root: string): Promise<readonly string[]> {
  const files = await readdir(path.join(root, 'functions'));
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('_'))
    .map((file) => path.basename(file, '.ts'))
    .sort();
}

/**
 * Empties `<root>/dist` and bundles every function of `<root>/functions` into it.
 * @throws Error when there is nothing to bundle, or when a bundle could not be loaded by Node.js
 */
export async function buildFunctions(root: string): Promise<readonly Bundle[]> {
  const names = await functionNames(root);
  if (names.length === 0) throw new Error(`There is no function to bundle in ${root}/functions.`);
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => `functions/${name}.ts`),
    outdir: 'dist/functions',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    // The laptop region runs the same bundles on Node.js 20.
    target: 'node20',
    // The ES module builds of the SDK can be tree-shaken: half the size.
    mainFields: ['module', 'main'],
    minify: true,
    plugins: [slimSdk],
    sourcemap: 'external',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  await Promise.all(outputFiles.map((file) => writeOutput(file)));
  await writeMetafiles(root, metafile);
  return names.map((name) => ({
    name,
    bytes: metafile.outputs[`dist/functions/${name}.mjs`]?.bytes ?? 0,
  }));
}

async function writeOutput(file: OutputFile): Promise<void> {
  if (file.path.endsWith('.mjs') && file.text.includes(BROKEN_REQUIRE)) {
    throw new Error(
      `The bundle ${path.basename(file.path)} calls require, which ES modules do not have: ` +
        'one of its packages is CommonJS and needs a Node.js module. Import another build of it.',
    );
  }
  await mkdir(path.dirname(file.path), { recursive: true });
  await writeFile(file.path, file.contents);
}

async function writeMetafiles(root: string, metafile: Metafile): Promise<void> {
  const folder = path.join(root, 'dist/meta');
  await mkdir(folder, { recursive: true });
  const bundles = Object.entries(metafile.outputs).filter(([file]) => file.endsWith('.mjs'));
  await Promise.all(
    bundles.map(([file, output]) => {
      const used = new Set(Object.keys(output.inputs));
      const inputs = Object.fromEntries(
        Object.entries(metafile.inputs).filter(([input]) => used.has(input)),
      );
      const one: Metafile = { inputs, outputs: { [file]: output } };
      return writeFile(
        path.join(folder, `${path.basename(file, '.mjs')}.json`),
        JSON.stringify(one, undefined, 1),
      );
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bundles = await buildFunctions(path.resolve(import.meta.dirname, '..'));
  const kilobytes = bundles.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  console.log(`Bundled ${bundles.length} functions, ${kilobytes.toFixed(0)} kB in all.`);
}
