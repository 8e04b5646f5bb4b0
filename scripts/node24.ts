/**
 * Runs the tests on Node.js 24, the runtime that the functions have on AWS, whatever Node.js runs
 * this. The binary comes from the package `node` and is kept until the next clean install.
 * Not for: replacing the tests on the Node.js that developers have.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ROOT, run } from './run.ts';

/** Pinned, so that a run today and a run next year test the same. */
const VERSION = '24.21.0';

const MAJOR = Number(VERSION.split('.')[0]);

async function installNode(): Promise<string> {
  const folder = path.join(ROOT, `node_modules/.cache/node-${VERSION}`);
  const binary = path.join(folder, 'node_modules/node/bin/node');
  if (existsSync(binary)) return binary;
  await mkdir(folder, { recursive: true });
  const { exitCode, output } = await run({
    file: 'npm',
    args: ['install', '--prefix', folder, '--no-save', '--no-package-lock', `node@${VERSION}`],
    folder,
  });
  if (exitCode !== 0 || !existsSync(binary)) {
    throw new Error(`Installing node@${VERSION} into ${folder} failed:\n${output.trim()}`);
  }
  return binary;
}

const isThisOne = Number(process.versions.node.split('.')[0]) === MAJOR;
const node = isThisOne ? process.execPath : await installNode();
const { exitCode } = await run({
  file: node,
  args: [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)],
  show: true,
});
process.exitCode = exitCode;
