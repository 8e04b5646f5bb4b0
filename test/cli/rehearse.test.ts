/** The rehearsal as a process: what it prints where, how it exits, and what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { PackageMissing, prepareRegion } from '../../cli/rehearsal/start-region.ts';

/** Milliseconds that a whole rehearsal may take on a machine that is busy with other tests. */
const WHOLE_MILLISECONDS = 90_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const isPackaged = existsSync(
  path.join(ROOT, '.serverless/cloudformation-template-update-stack.json'),
);
const folder = mkdtempSync(path.join(os.tmpdir(), 'teal-cli-'));
const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ status: number | null; out: string; err: string }>;
  /** Settles once standard error says something; at the end at the latest. */
  says(text: string): Promise<void>;
}

function rehearse(words: string, ...more: string[]): Run {
  const child = spawn(
    process.execPath,
    ['cli/teal.mjs', 'rehearse', ...words.split(' '), ...more],
    {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<{ status: number | null; out: string; err: string }>((resolve) => {
    child.on('close', (status) => {
      running.delete(child);
      resolve({ status, out, err });
    });
  });
  return {
    child,
    ended,
    says: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (err.includes(text)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () => resolve());
        look();
      }),
  };
}

/** A command that writes down its process before it becomes the application. */
function noted(name: string): { command: string; pids: () => number[] } {
  const file = path.join(folder, name);
  const app = path.join(ROOT, 'examples/app.mjs');
  return {
    command: `echo $$ >> '${file}'; exec '${process.execPath}' '${app}'`,
    pids: () => readFileSync(file, 'utf8').trim().split('\n').map(Number),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('exits with 2 and says what is wrong when an option is', async () => {
  const { status, out, err } = await rehearse('--rate many').ended;
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toContain("'--rate <n>' argument 'many' is invalid");
});

it('says what to run when nothing was packaged', () => {
  const options = { packageFolder: folder, speed: 1, onFailure: () => {}, log: () => {} };
  expect(() => prepareRegion(options)).toThrow(PackageMissing);
  expect(() => prepareRegion(options)).toThrow('Run `npm run package` first');
});

describe
  .skipIf(!isPackaged)
  .concurrent('a rehearsal (needs npm run package)', { timeout: WHOLE_MILLISECONDS }, () => {
    it('succeeds, is rolled back, and prints the figures of both', async () => {
      const blue = noted('whole');
      const { status, out, err } = await rehearse(
        '--json --speed 60 --green-deadline 1200 --rate 40 --steps 50 --hold 60 --bake 240 --blue',
        blue.command,
      ).ended;
      expect(err).not.toContain('Warning');
      const report = JSON.parse(out) as { deployments: Record<string, unknown>[] };
      expect(report).toEqual({
        deployments: [expect.anything(), expect.anything()],
        region: { speed: 60, wallSeconds: expect.any(Number) },
      });
      const [good, broken] = report.deployments;
      const keys = [
        'deploymentId',
        'outcome',
        'reason',
        'steps',
        'requests',
        'stateTransitions',
        'awsCalls',
        'greenHealthyToFirstShiftMs',
        'alarmToBlueFullMs',
      ];
      expect(Object.keys(good!)).toEqual(keys);
      expect(Object.keys(broken!)).toEqual(keys);
      expect(good).toMatchObject({ outcome: 'succeeded', alarmToBlueFullMs: null });
      expect(good).toMatchObject({
        steps: [
          { greenWeightPercent: 50, at: expect.stringMatching(/^\d{4}-.*Z$/) },
          { greenWeightPercent: 100, at: expect.stringMatching(/^\d{4}-.*Z$/) },
        ],
      });
      expect(broken).toMatchObject({
        outcome: 'rolledBack',
        reason: expect.stringContaining('Alarm web-5xx went into ALARM'),
        alarmToBlueFullMs: expect.any(Number),
      });
      for (const { requests } of report.deployments) {
        const { sent, failed, byVersion } = requests as {
          sent: number;
          failed: number;
          byVersion: Record<string, { answered: number }>;
        };
        const answered = Object.values(byVersion).reduce((sum, one) => sum + one.answered, 0);
        expect(sent).toBe(failed + answered);
      }
      expect(status).toBe(0);
      expect(blue.pids().filter(isAlive)).toEqual([]);
    });

    it('says at once why blue does not run, with its last words', async () => {
      const { status, out, err } = await rehearse(
        '--json --blue',
        'echo the port is taken >&2; exit 4',
      ).ended;
      expect(status).toBe(1);
      expect(JSON.parse(out)).toMatchObject({ deployments: [] });
      expect(err).toContain('Version 1 is not running, so there is nothing to deploy onto');
      expect(err).toContain('| the port is taken\n  | The command exited with code 4.');
    });

    it('rolls a green back that does not start, with its last words', async () => {
      const { status, out, err } = await rehearse(
        '--json --rate 20 --green-deadline 60 --green',
        'echo cannot find the database; exit 3',
      ).ended;
      expect(JSON.parse(out)).toMatchObject({
        deployments: [
          {
            outcome: 'rolledBack',
            reason: expect.stringContaining('Green was not healthy within 60 s'),
            steps: [],
            requests: { failed: 0 },
          },
        ],
      });
      expect(err).toContain('| cannot find the database\n  | The command exited with code 3.');
      expect(err).toContain('v3 was not deployed');
      expect(status).toBe(1);
    });

    it('leaves no program behind after Ctrl-C, and says so', async () => {
      const blue = noted('interrupted');
      const run = rehearse('--rate 20 --blue', blue.command);
      await run.says('requests a second');
      expect(blue.pids().filter(isAlive)).toHaveLength(2);
      run.child.kill('SIGINT');
      const { status, err } = await run.ended;
      expect(status).toBe(130);
      expect(err).toContain('Interrupted by SIGINT');
      expect(err).toContain('no program and no port is left');
      expect(blue.pids().filter(isAlive)).toEqual([]);
    });

    it('stops when nobody reads what it says', async () => {
      const blue = noted('pipe');
      const run = rehearse('--rate 20 --blue', blue.command);
      await run.says('requests a second');
      run.child.stderr?.destroy();
      expect((await run.ended).status).toBe(141);
      expect(blue.pids().filter(isAlive)).toEqual([]);
    });
  });
