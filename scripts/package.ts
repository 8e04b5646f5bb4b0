/**
 * Produces in `.serverless` what a deployment to AWS would upload: the CloudFormation template and
 * one zip per function. Does nothing when none of its inputs changed. Needs no network.
 * Not for: deploying.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildFunctions } from './build.ts';
import { ROOT, run } from './run.ts';

/** Everything that the package is made of; files and folders of the repository. */
const INPUTS = [
  'functions',
  'shared',
  'statemachines',
  'resources',
  'serverless.yml',
  'package-lock.json',
  'scripts/build.ts',
  'scripts/slim-sdk.ts',
  'scripts/slim-shapes.ts',
  'scripts/slim-twins.ts',
];

const STAMP = '.serverless/inputs.sha256';
const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

async function filesIn(entry: string): Promise<readonly string[]> {
  if (path.extname(entry) !== '') return [entry];
  const found = await readdir(path.join(ROOT, entry), { recursive: true, withFileTypes: true });
  return found
    .filter((item) => item.isFile())
    .map((item) => path.relative(ROOT, path.join(item.parentPath, item.name)));
}

async function hashInputs(): Promise<string> {
  const files = (await Promise.all(INPUTS.map(filesIn))).flat().sort();
  const contents = await Promise.all(files.map((file) => readFile(path.join(ROOT, file))));
  const hash = createHash('sha256');
  files.forEach((file, index) =>
    hash
      .update(`${file}\0`)
      .update(contents[index] ?? '')
      .update('\0'),
  );
  return hash.digest('hex');
}

async function isUpToDate(hash: string): Promise<boolean> {
  if (!existsSync(path.join(ROOT, TEMPLATE))) return false;
  const stamp = await readFile(path.join(ROOT, STAMP), 'utf8').catch(() => '');
  return stamp.trim() === hash;
}

async function packageAll(hash: string): Promise<string> {
  const bundles = await buildFunctions(ROOT);
  const { exitCode, output, seconds } = await run({
    file: process.execPath,
    args: [path.join(ROOT, 'node_modules/serverless/bin/serverless.js'), 'package'],
  });
  if (exitCode !== 0) {
    throw new Error(`serverless package ended with exit code ${exitCode}:\n${output.trim()}`);
  }
  await writeFile(path.join(ROOT, STAMP), `${hash}\n`);
  return `Packaged ${bundles.length} functions in ${seconds.toFixed(1)} s.`;
}

try {
  const hash = await hashInputs();
  console.log((await isUpToDate(hash)) ? 'The package is up to date.' : await packageAll(hash));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
