/**
 * `npm run check`, the only command to remember: types, lint, format, dead code, and the tests
 * that hold rules, policy and state machine together. Runs all of them even if one fails.
 * Not for: the region and whole deployments, which `npm test` covers.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import pc from 'picocolors';
import { ROOT, run } from './run.ts';
import type { Ended } from './run.ts';

interface Check {
  readonly name: string;
  /** What a reader must do when it fails, besides reading its output. */
  readonly remedy: string;
  /** A script under `node_modules`, and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
}

/** Folders of fast tests; one that does not exist is left out. */
const FAST_TESTS = ['test/tidy', 'test/core', 'test/statemachine'];

const CHECKS: readonly Check[] = [
  {
    name: 'types',
    remedy: 'npx tsc -p .',
    script: 'typescript/bin/tsc',
    args: ['-p', '.'],
  },
  {
    name: 'lint',
    remedy: 'npx oxlint --type-aware',
    script: 'oxlint/bin/oxlint',
    args: ['--type-aware'],
  },
  {
    name: 'format',
    remedy: 'npx oxfmt',
    script: 'oxfmt/bin/oxfmt',
    args: ['--check'],
  },
  {
    name: 'dead code',
    remedy: 'npx knip',
    script: 'knip/bin/knip.js',
    args: ['--no-progress'],
  },
  {
    name: 'fast tests',
    remedy: `npx vitest run ${FAST_TESTS.join(' ')}`,
    script: 'vitest/vitest.mjs',
    args: ['run', ...FAST_TESTS.filter((folder) => existsSync(path.join(ROOT, folder)))],
  },
];

async function runCheck({ script, args }: Check): Promise<Ended> {
  return run({
    file: process.execPath,
    args: [path.join(ROOT, 'node_modules', script), ...args],
  });
}

const width = Math.max(...CHECKS.map(({ name }) => name.length));
const failures: { readonly check: Check; readonly output: string }[] = [];
for (const check of CHECKS) {
  const { exitCode, output, seconds } = await runCheck(check);
  const mark = exitCode === 0 ? pc.green('ok  ') : pc.red('FAIL');
  console.log(`${mark} ${check.name.padEnd(width)} ${seconds.toFixed(1).padStart(5)} s`);
  if (exitCode !== 0) failures.push({ check, output });
}
for (const { check, output } of failures) {
  console.error(`\n${pc.red(check.name)} failed; again with: ${check.remedy}\n${output.trim()}`);
}
if (failures.length > 0) process.exitCode = 1;
