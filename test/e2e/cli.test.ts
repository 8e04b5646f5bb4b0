/** The command line as a process, from a clone and as it is installed, against the local region. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundleCli } from '../../scripts/bundle-cli.ts';
import { run as runProgram } from '../../scripts/run.ts';
import { type Door, openDoor } from '../lab/door.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { useLabs } from '../lab/use-labs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const openLab = useLabs();

/** Real milliseconds in which npm packs and installs, on a machine that is busy. */
const PACK_MILLISECONDS_MAX = 120_000;

let folder = '';
/** What `npm install` made of the tarball. */
let installedTeal = '';

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'teal-npm-'));
  const source = path.join(folder, 'package');
  await bundleCli(ROOT, source);
  const npm = (...args: readonly string[]) =>
    runProgram({ file: 'npm', args: [...args, '--silent'], folder: source });
  const packed = await npm('pack', '--ignore-scripts');
  const tarball = /\S+\.tgz/.exec(packed.output)?.[0] ?? '';
  const prefix = path.join(folder, 'prefix');
  const installed = await npm('install', '-g', '--offline', '--prefix', prefix, tarball);
  if (installed.exitCode !== 0) throw new Error(`npm install failed: ${installed.output}`);
  installedTeal = path.join(prefix, 'bin/teal');
}, PACK_MILLISECONDS_MAX);

afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface Teal {
  readonly lab: Lab;
  readonly door: Door;
  readonly environment: Record<string, string | undefined>;
  /** Runs `teal` to its end. */
  readonly teal: (...words: readonly string[]) => Promise<Ended>;
}

/** Seconds of region time that pass at each look of whoever waits. */
const SECONDS_PER_LOOK = 240;

const SOURCE = path.join(ROOT, 'cli/teal.mjs');

/** A lab, its door, and `teal` with the keys to it. */
async function open(options?: LabOptions, isInstalled = true): Promise<Teal> {
  const lab = await openLab({
    service: { strategy: { type: 'allAtOnce' }, bakeTimeSeconds: 240 },
    ...options,
  });
  const door = await openDoor(lab, SECONDS_PER_LOOK);
  onTestFinished(() => door.close());
  const { accessKeyId, secretAccessKey, sessionToken } = lab.region.administrator;
  const environment = {
    PATH: process.env['PATH'],
    HOME: os.tmpdir(),
    NO_COLOR: '1',
    TEAL_API: door.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
  };
  return {
    lab,
    door,
    environment,
    teal: (...words) => runTeal(isInstalled ? installedTeal : SOURCE, words, environment),
  };
}

function runTeal(
  program: string,
  words: readonly string[],
  environment: Record<string, string | undefined>,
  interruptAt?: string,
): Promise<Ended> {
  return runToEnd(process.execPath, [program, ...words], environment, interruptAt);
}

function runToEnd(
  file: string,
  words: readonly string[],
  environment: Record<string, string | undefined>,
  interruptAt?: string,
): Promise<Ended> {
  const child = spawn(file, words, {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  let interrupting: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (interruptAt && out.includes(interruptAt)) interrupting ??= interruptOften(child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearInterval(interrupting);
      resolve({ status, out, err });
    });
  });
}

/** Ctrl-C as npm makes it, and worse: more than once, at any moment of the ending. */
function interruptOften(child: ChildProcess): NodeJS.Timeout {
  child.kill('SIGINT');
  return setInterval(() => child.kill('SIGINT'), 1);
}

const START = ['start', '--service', 'web', '--release', 'v2', '--image'] as const;

describe('release tooling on the command line', () => {
  test('starts a deployment from a clone, waits for it, and exits with 0', async () => {
    const { lab, teal } = await open({}, false);
    const { status, out, err } = await teal(...START, lab.addImage('v2'), '--wait', '--key', 'r42');
    expect(err).toBe('');
    expect(out).toMatch(/ShiftTraffic +Green was given 100 % on 1 route\./);
    expect(out).toMatch(/green +2\/2 healthy/);
    expect(out.trimEnd()).toMatch(/web-\S+ succeeded: Green serves v2\.$/);
    expect(status).toBe(0);
    const again = await teal('list', '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      deployments: [{ service: 'web', version: 'v2', status: 'succeeded' }],
    });
  });

  test('learns from the exit status 3 that it was rolled back, and why from the last line', async () => {
    const { lab, teal } = await open();
    const program = { type: 'model', bootSeconds: 5, errorRate: 1 } as const;
    const imageId = lab.addImage('v2', { program });
    const { status, out } = await teal(...START, imageId, '--wait', '--json');
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ type: 'accepted', deploymentId: expect.any(String) });
    expect(lines.at(-1)).toMatchObject({
      type: 'outcome',
      status: 'rolledBack',
      reason: expect.stringContaining('Alarm web-5xx went into ALARM'),
      exitStatus: 3,
    });
    expect(status).toBe(3);
  });

  test('learns from the exit status 1 that it was refused, and 2 that it asked for nonsense', async () => {
    const { teal } = await open();
    const refused = await teal(...START, 'ami-00000000000000042', '--wait');
    expect(refused.out + refused.err).toContain('ami-00000000000000042');
    expect(refused.status).toBe(1);
    expect((await teal(...START)).status).toBe(2);
  });
});

/** What bash has for `word` after `teal <command>`, with the script that `teal` prints for it. */
async function pressTab(environment: Teal['environment'], command: string, word: string) {
  const folders = `${path.dirname(installedTeal)}:${environment['PATH']}`;
  const script = `source <(teal completion bash)
    COMP_WORDS=(teal ${command} ${word}); COMP_CWORD=2; _teal; echo "\${COMPREPLY[@]}"`;
  return runToEnd('bash', ['--norc', '-c', script], { ...environment, PATH: folders });
}

const hasBash = spawnSync('bash', ['--version']).error === undefined;

describe.skipIf(!hasBash)('somebody who presses Tab in bash (needs bash)', () => {
  test('gets the deployments that there are, and their services', async () => {
    const { lab, environment } = await open();
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'AwaitGreen');
    const wanted = { status: 0, err: '', out: `${id} web\n` };
    let found = await pressTab(environment, 'pause', 'we');
    // An answer that comes after a second is no answer, which a busy machine may need.
    for (let more = 5; more > 0 && found.out === '\n'; more -= 1) {
      found = await pressTab(environment, 'pause', 'we');
    }
    expect(found).toEqual(wanted);
  });

  test('gets nothing and no complaint where nobody has signed in, or nothing answers', async () => {
    const { environment } = await open();
    const { AWS_ACCESS_KEY_ID: _id, ...unsigned } = environment;
    const nothing = { status: 0, out: '\n', err: '' };
    expect(await pressTab(unsigned, 'pause', 'we')).toEqual(nothing);
    const deaf = { ...environment, TEAL_API: 'http://127.0.0.1:9' };
    expect(await pressTab(deaf, 'pause', 'we')).toEqual(nothing);
    const { TEAL_API: _api, ...lost } = environment;
    expect(await pressTab(lost, 'pause', 'we')).toEqual(nothing);
  });
});

describe('an operator on the command line', () => {
  test('pauses, resumes and aborts the running deployment by the name of the service', async () => {
    const { lab, teal } = await open({ service: { bakeTimeSeconds: 240 } });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    const paused = await teal('pause', 'web', '--timeout', '1h', '-m', 'lunch');
    expect(paused).toMatchObject({ status: 0, err: expect.stringContaining(`web means ${id}`) });
    const shown = await teal('get', id);
    expect(shown.out).toContain(`teal resume ${id}`);
    expect((await teal('resume', id)).status).toBe(0);
    const refused = await teal('resume', id);
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('Possible now: ') });
    const early = await teal('rollback', 'web', '--bake', '5m', '--strategy', 'all-at-once');
    expect(early.status).toBe(1);
    expect(early.err).toContain('--bake: the API does not take this one here');
    expect(early.err).toContain('--strategy and --bake: only for a deployment that is over');
    const aborted = await teal('abort', id, '-m', 'wrong build', '--wait');
    expect(aborted.status).toBe(3);
    expect(aborted.out).toContain('wrong build');
    const timeline = await teal('timeline', id);
    expect(timeline.out).toMatch(/lunch/);
  });

  test('stops watching with Ctrl-C, and the deployment goes on', async () => {
    const { lab, environment } = await open({ service: { bakeTimeSeconds: 86_400 } });
    const id = await lab.deploy({ version: 'v2' });
    await lab.untilState(id, 'Hold');
    const ended = await runTeal(installedTeal, ['watch', id], environment, 'ShiftTraffic');
    expect(ended.status).toBe(130);
    expect(ended.err).toContain(`Stopped watching; deployment ${id} goes on.`);
    expect(lab.isRunning(id)).toBe(true);
  });

  test('is told who is not allowed what', async () => {
    const { lab, door } = await open();
    const arn = 'arn:aws:iam::123456789012:role/nobody';
    const { region } = lab;
    const principal = 'lambda.amazonaws.com';
    region.identities.addRole({ arn, trust: [principal], policies: [] });
    const { accessKeyId, secretAccessKey, sessionToken } = region.identities.assume({
      roleArn: arn,
      principal,
      sessionName: 'ann',
    });
    const { status, err } = await runTeal(installedTeal, ['list'], {
      PATH: process.env['PATH'],
      TEAL_API: door.url,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
    });
    expect(status).toBe(1);
    expect(err).toContain('is not allowed this: a policy must allow execute-api:Invoke on');
    expect(err).not.toContain(secretAccessKey);
  });
});

describe('the tarball', () => {
  test('installs without a network, and knows its version and its commands', async () => {
    const version = await runTeal(installedTeal, ['--version'], {});
    expect(version).toEqual({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    });
    const help = await runTeal(installedTeal, ['--help'], {});
    expect(help.out).toContain('promote-all [options] <deployment>');
    // It could only say that it needs a clone.
    expect(help.out).not.toContain('rehearse');
  });

  test('talks to the API', async () => {
    const { teal } = await open();
    expect((await teal('services', 'list')).out).toContain('allAtOnce');
  });

  test('says that a rehearsal needs a clone', async () => {
    const { status, err } = await runTeal(installedTeal, ['rehearse'], {});
    expect([status, err]).toEqual([1, expect.stringContaining('needs a clone')]);
    expect((await runTeal(installedTeal, ['rehearse', '--nonsense'], {})).status).toBe(2);
  });
});
