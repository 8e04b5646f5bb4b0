/**
 * `npm run bench`: every benchmark, one after the other, each in a process of its own. They print
 * tables and judge nothing; a benchmark that cannot measure ends with an error.
 *   npm run bench                     all of them, half an hour
 *   npm run bench -- bundles          those that are named
 */
import { spawn } from 'node:child_process';
import path from 'node:path';

/** The quick ones first. */
const BENCHMARKS = [
  'transitions',
  'bundles',
  'rehearsal',
  'first-shift',
  'rollback',
  'verbs',
  'kill',
  'stop',
  'api',
  'fuzz',
  'laws',
  'busy',
];

/** Minutes after which a benchmark is ended: several times what the slowest takes. */
const MINUTES_MAX = 60;

async function runOne(name: string): Promise<boolean> {
  const file = path.join(import.meta.dirname, `${name}.ts`);
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    stdio: 'inherit',
    timeout: MINUTES_MAX * 60_000,
  });
  // Ctrl-C reaches the whole group; what is sent to this process alone is passed on.
  process.once('SIGTERM', () => child.kill());
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.join(', ')}.`);
  process.exit(2);
}
const failed: string[] = [];
for (const name of asked.length > 0 ? asked : BENCHMARKS) {
  if (!(await runOne(name))) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nThese could not measure: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
