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
import { EC2_BY_NAME, EC2_WITH_WHOLE_TEMPLATES, type Reading } from './slim-shapes.ts';
import { slimSdk } from './slim-sdk.ts';

/** What esbuild emits where a CommonJS package calls `require` in an ES module. */
const BROKEN_REQUIRE = 'Dynamic require of ';

/** What compares launch templates with all that is in them, so that its bundles must know it all. */
const COMPARES_TEMPLATES = 'shared/aws/clone/compare-launch.ts';

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
  const { metafile, outputFiles } = await bundleAll(root, names);
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await Promise.all(outputFiles.map((file) => writeOutput(file)));
  await writeMetafiles(root, metafile);
  return names.map((name) => ({ name, bytes: metafile.outputs[outputOf(name)]?.bytes ?? 0 }));
}

/** A bundle that turns out to compare templates is made again, with all that is in them. */
async function bundleAll(root: string, names: readonly string[]) {
  const first = await bundle(root, names, EC2_BY_NAME);
  const comparing = names.filter((name) => comparesTemplates(first.metafile, name));
  if (comparing.length === 0) {
    throw new Error(`No function carries ${COMPARES_TEMPLATES}; tell the build where it went.`);
  }
  const second = await bundle(root, comparing, EC2_WITH_WHOLE_TEMPLATES);
  const again = new Set(second.outputFiles.map((file) => file.path));
  const others = first.outputFiles.filter((file) => !again.has(file.path));
  return {
    outputFiles: [...others, ...second.outputFiles],
    metafile: {
      inputs: { ...first.metafile.inputs, ...second.metafile.inputs },
      outputs: { ...first.metafile.outputs, ...second.metafile.outputs },
    },
  };
}

function comparesTemplates({ outputs }: Metafile, name: string): boolean {
  const carried = outputs[outputOf(name)]?.inputs[COMPARES_TEMPLATES];
  return carried !== undefined && carried.bytesInOutput > 0;
}

const outputOf = (name: string): string => `dist/functions/${name}.mjs`;

async function bundle(root: string, names: readonly string[], reading: Reading) {
  return build({
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
    plugins: [slimSdk(reading)],
    sourcemap: 'external',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
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
