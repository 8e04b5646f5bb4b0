/**
 * The whole rehearsal, as `npm start -- --json` runs it, a few times: requests that got lost, time
 * on the wall, and what both deployments cost.
 *   node --import tsx bench/rehearsal.ts [times] [requests per second]
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { RehearsalReport } from '../cli/rehearsal/report.ts';
import { printHeading, printTable } from './table.ts';
import { ROOT } from './world.ts';

const [times = 3, requestsPerSecond = 250] = process.argv.slice(2).map(Number);

async function rehearse(): Promise<{ report: RehearsalReport; seconds: number; exitCode: number }> {
  const startedAt = performance.now();
  const entry = path.join(ROOT, 'cli/teal.mjs');
  const options = ['--json', '--rate', String(requestsPerSecond)];
  const child = spawn(process.execPath, [entry, 'rehearse', ...options], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (output.stdout === '') throw new Error(`The rehearsal printed no report:\n${output.stderr}`);
  return { report: JSON.parse(output.stdout) as RehearsalReport, seconds, exitCode };
}

printHeading('The rehearsal', { times, 'requests/s': requestsPerSecond });
const rows = [];
for (let run = 1; run <= times; run += 1) {
  const { report, seconds, exitCode } = await rehearse();
  for (const deployment of report.deployments) {
    const { requests, awsCalls } = deployment;
    const errors = Object.values(requests.byVersion).reduce((sum, one) => sum + one.errors, 0);
    rows.push({
      run,
      outcome: deployment.outcome,
      sent: requests.sent,
      lost: requests.failed,
      "broken release's errors": errors,
      transitions: deployment.stateTransitions,
      'AWS calls': Object.values(awsCalls).reduce((sum, count) => sum + count, 0),
      'healthy to shift ms': deployment.greenHealthyToFirstShiftMs,
      'alarm to blue ms': deployment.alarmToBlueFullMs,
      'wall s': Math.round(seconds),
      'exit status': exitCode,
      speed: report.region.speed,
    });
  }
}
printTable(rows);
