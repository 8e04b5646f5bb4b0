/** Completion, as the shells themselves do it. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createTestShell, runTeal } from './test-shell.ts';

async function scriptFor(name: string): Promise<string> {
  const shell = createTestShell(() => undefined);
  await runTeal(shell, 'completion', name);
  return shell.written();
}

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

/** What bash offers after these words; the last one is being typed. */
async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const quoted = ['teal', ...words].map((word) => `'${word}'`).join(' ');
  const script = `${await scriptFor('bash')}
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
    expect(await complete(...words)).toEqual(expected);
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
});
