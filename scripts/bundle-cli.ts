/**
 * Makes the folder of an npm package from the command line: one bundle in several files, so that
 * what a command does not need is not loaded, and no dependencies.
 * Not for: the rehearsal, which needs the whole repository.
 */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';

/** The files of the package besides its bundle. */
const COPIED = ['cli/node-version.mjs', 'LICENSE', 'README.md'];

/** As `cli/teal.mjs`, but that there is no TypeScript to load. */
const LAUNCHER = "#!/usr/bin/env node\nimport './node-version.mjs';\nawait import('./main.js');\n";

/** Members of package.json that the package keeps. */
const KEPT = ['name', 'version', 'description', 'license', 'type', 'engines'] as const;

/** Packages of CommonJS ask for Node.js modules by a function that ES modules do not have. */
const REQUIRE =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** The rehearsal stays in the repository; what replaces it says so. */
const withoutRehearsal: Plugin = {
  name: 'without-rehearsal',
  setup: (bundling) => {
    bundling.onResolve({ filter: /\/rehearsal\/rehearse\.ts$/ }, ({ resolveDir }) => ({
      path: path.join(resolveDir, 'rehearsal/elsewhere.ts'),
    }));
  },
};

/** Empties `folder` and fills it with the package; answers the bytes of its bundle. */
export async function bundleCli(root: string, folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'cli/teal.ts' },
    outdir: path.join(folder, 'cli'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    // Keeps the names of errors and functions, so that a stack can be read; half as small as it is.
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE },
    plugins: [withoutRehearsal],
    legalComments: 'none',
    metafile: true,
    logLevel: 'error',
  });
  await mkdir(path.join(folder, 'cli'), { recursive: true });
  await Promise.all(COPIED.map((file) => copyFile(path.join(root, file), path.join(folder, file))));
  await writeFile(path.join(folder, 'cli/teal.mjs'), LAUNCHER, { mode: 0o755 });
  await writeFile(path.join(folder, 'package.json'), await describePackage(root));
  await writeFile(path.join(folder, 'NOTICES'), await collectNotices(root, metafile));
  return Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function describePackage(root: string): Promise<string> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8');
  const whole = JSON.parse(text) as Record<string, unknown>;
  const kept = Object.fromEntries(KEPT.map((name) => [name, whole[name]]));
  return `${JSON.stringify({ ...kept, bin: { teal: 'cli/teal.mjs' } }, undefined, 2)}\n`;
}

/** The licences of what went into the bundle: they ask to be passed on with it. */
async function collectNotices(root: string, { inputs }: Metafile): Promise<string> {
  const packages = new Set(
    Object.keys(inputs).flatMap(
      (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
    ),
  );
  const byLicence = new Map<string, string[]>();
  for (const name of [...packages].toSorted()) {
    const licence = await readLicence(root, name);
    byLicence.set(licence, [...(byLicence.get(licence) ?? []), name]);
  }
  return [...byLicence]
    .map(([licence, names]) => `${names.join(', ')}\n\n${licence}`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

async function readLicence(root: string, name: string): Promise<string> {
  const folder = path.join(root, 'node_modules', name);
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt']) {
    try {
      return await readFile(path.join(folder, file), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  const text = await readFile(path.join(folder, 'package.json'), 'utf8');
  const { license } = JSON.parse(text) as { license?: string };
  return `License: ${license ?? 'not stated'}\n`;
}
