/** Completion, as the shells themselves do it. */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiUnreachable } from '../../cli/api-client.ts';
import { CredentialsMissing } from '../../cli/credentials.ts';
import { type Answering, createTestShell, runTeal } from './test-shell.ts';

async function scriptFor(name: string): Promise<string> {
  const shell = createTestShell(() => undefined);
  await runTeal(shell, 'completion', name);
  return shell.written();
}

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** A program that must not be run; the script silences 2, and so it complains on 3. */
const UNASKED = 'echo "$@ was run" >&3';

/** A program that knows what the API knows. */
const KNOWING = `case "$*" in
  '__complete running') printf '%s\\n' web-1a web shop-2b ;;
  '__complete deployments') printf '%s\\n' web-1a web-0f web shop-2b ;;
  '__complete services') printf '%s\\n' web shop ;;
  *) ${UNASKED} ;;
esac`;

/** What bash offers after these words, of which the last is being typed; `teal` is a program. */
async function complete(words: readonly string[], teal = UNASKED): Promise<readonly string[]> {
  const quoted = ['teal', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${await scriptFor('bash')}
teal() { ${teal}; }
exec 3>&2
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _teal; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(!isThere('bash'))('in bash (needs bash)', () => {
  it.each([
    [['pro'], ['promote', 'promote-all']],
    [['pause', '--on-'], ['--on-timeout']],
    [
      ['pause', '--on-timeout', 'r'],
      ['resume', 'roll-back'],
    ],
    [['pause', '--reason', 'st'], []],
    [
      ['start', '--on-busy', ''],
      ['refuse', 'queue', 'supersede'],
    ],
    [
      ['services', ''],
      ['list', 'get', 'delete', '--help', '-h'],
    ],
    [['services', 'delete', '--js'], ['--json']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', '--help', '-h'],
    ],
  ])('%j is completed to %j', async (words, expected) => {
    expect(await complete(words)).toEqual(expected);
  });
});

describe.skipIf(!isThere('bash'))('in bash (needs bash), as the API knows them,', () => {
  it.each([
    [
      ['pause', 'we'],
      ['web-1a', 'web'],
    ],
    [
      ['rollback', 'we'],
      ['web-1a', 'web-0f', 'web'],
    ],
    [['abort', '-m', 'odd', 's'], ['shop-2b']],
    [['services', 'delete', 's'], ['shop']],
    [
      ['list', '--service', ''],
      ['web', 'shop'],
    ],
    [['pause', '--rea'], ['--reason']],
    [['pause', '--reason', 'we'], []],
  ])('%j is completed to %j', async (words, expected) => {
    expect(await complete(words, KNOWING)).toEqual(expected);
  });

  it('words are completed all the same where the API cannot be asked', async () => {
    expect(await complete(['services', 'get', '--js'], 'false')).toEqual(['--json']);
    expect(await complete(['get', ''], 'echo oh no >&2; false')).toContain('--json');
  });
});

describe('teal __complete', () => {
  afterEach(() => vi.useRealTimers());

  const answers: Readonly<Record<string, unknown>> = {
    '/deployments?limit=50': {
      deployments: [
        { deploymentId: 'web-1a', service: 'web' },
        { deploymentId: 'web-0f', service: 'web' },
        { deploymentId: '$(reboot)', service: 'shop' },
      ],
    },
    '/services?limit=100': { services: [{ service: 'shop' }, { service: 'web' }] },
  };

  async function ask(what: string, answering: Answering = (_, path) => answers[path]) {
    const shell = createTestShell(answering);
    await runTeal(shell, '__complete', what);
    return { out: shell.written(), err: shell.complaints() };
  }

  it('prints a word in each line, and none that a shell would run', async () => {
    expect(await ask('deployments')).toEqual({ out: 'web-1a\nweb-0f\nweb\nshop\n', err: '' });
    expect(await ask('services')).toEqual({ out: 'shop\nweb\n', err: '' });
  });

  it('goes on where a page ends, and offers only what runs to verbs that need it', async () => {
    const pages: Readonly<Record<string, unknown>> = {
      '/services?limit=100': { services: [{ service: 'api' }], nextCursor: 'a b' },
      '/services?limit=100&cursor=a%20b': { services: [{ service: 'web' }] },
      '/deployments?limit=50&status=running': { deployments: [], nextCursor: 'c' },
      '/deployments?limit=50&status=running&cursor=c': {
        deployments: [{ deploymentId: 'web-2c', service: 'web' }],
      },
    };
    expect((await ask('services', (_, path) => pages[path])).out).toBe('api\nweb\n');
    expect((await ask('running', (_, path) => pages[path])).out).toBe('web-2c\nweb\n');
  });

  it('prints what came within the second where more would have followed', async () => {
    vi.useFakeTimers();
    const asked = ask('services', (_, path) =>
      path.includes('cursor')
        ? new Promise(() => undefined)
        : { services: [{ service: 'api' }], nextCursor: 'a' },
    );
    await vi.advanceTimersByTimeAsync(1000);
    expect((await asked).out).toBe('api\n');
  });

  it.each([
    new CredentialsMissing('No AWS credentials to sign the request with.'),
    new ApiUnreachable('GET x was not answered.'),
    new TypeError('a defect'),
  ])('says nothing at all at %s', async (failure) => {
    const failing = () => {
      throw failure;
    };
    expect(await ask('deployments', failing)).toEqual({ out: '', err: '' });
    expect(await ask('services', () => ({ odd: true }))).toEqual({ out: '', err: '' });
  });

  it('says nothing where the API is silent, and keeps nobody waiting for more than a second', async () => {
    vi.useFakeTimers();
    const asked = ask('deployments', () => new Promise(() => undefined));
    await vi.advanceTimersByTimeAsync(1000);
    expect(await asked).toEqual({ out: '', err: '' });
  });

  it('stands in no help', async () => {
    const shell = createTestShell(() => undefined);
    await runTeal(shell, '--help').catch(() => undefined);
    expect(shell.written()).toContain('completion');
    expect(shell.written()).not.toContain('__complete');
  });
});

it.skipIf(!isThere('zsh'))('zsh can read it (needs zsh)', async () => {
  const { status, stderr } = spawnSync('zsh', ['-n'], { input: await scriptFor('zsh') });
  expect([status, stderr.toString()]).toEqual([0, '']);
});

it.skipIf(!isThere('fish'))('fish can read it (needs fish)', async () => {
  const { status, stderr } = spawnSync('fish', ['-n'], { input: await scriptFor('fish') });
  expect([status, stderr.toString()]).toEqual([0, '']);
});

it('fish and zsh are told what every word does', async () => {
  expect(await scriptFor('zsh')).toContain("'resume:Ends a pause.'");
  expect(await scriptFor('fish')).toContain(
    "complete -c teal -n '__teal_at pause' -l on-timeout -x -a 'resume roll-back'",
  );
  expect(await scriptFor('fish')).toContain(
    "complete -c teal -n '__teal_at pause' -f -a '(__teal_ask running)'",
  );
});
