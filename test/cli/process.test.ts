/** The command line as a process: how it ends where its words are off, or nobody can take its output. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where every write fails as on a disk that is full. */
const FULL = '/dev/full';

function run(line: string) {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, out: stdout, err: stderr };
}

const TEAL = 'node cli/teal.mjs';

describe('the command line as a process', () => {
  it.skipIf(!existsSync(FULL))('says in a sentence that a disk is full (needs /dev/full)', () => {
    const { status, err } = run(`${TEAL} completion bash >${FULL}`);
    expect(status).toBe(1);
    expect(err).toMatch(/^Standard output could not be written: ENOSPC[^\n]*\n$/);
  });

  it.each([
    ['pause', '(teal pause --help shows what there is)'],
    ['services get', '(teal services get --help shows what there is)'],
    ['--nonsense', '(teal --help shows what there is)'],
  ])('%s with words that are off points to the help that tells', (words, said) => {
    const { status, err } = run(`${TEAL} ${words}`);
    expect(status).toBe(2);
    expect(err).toContain(said);
  });
});
