/** What `teal leftovers` prints. */
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { leftoversCommand } from '../../cli/leftovers.ts';
import type { Leftover } from '../../shared/core/leftovers.ts';

const leftover: Leftover = {
  service: 'web',
  deploymentId: 'web-v2',
  kind: 'leftover',
  resource: 'web-blue',
  expiresAt: '2026-03-01T12:05:00.000Z',
  attempts: 2,
  undo: 'Group web-blue was to be taken down; delete it.',
};

async function print(leftovers: readonly Leftover[], ...words: string[]): Promise<string> {
  const printed: string[] = [];
  const asked: string[] = [];
  const api = {
    send: async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
      return { leftovers };
    },
  };
  const command = leftoversCommand(
    (text) => printed.push(text),
    () => api,
  );
  const all = ['leftovers', '--api', 'https://api.test', ...words];
  await new Command().addCommand(command).parseAsync(all, { from: 'user' });
  expect(asked).toEqual(['GET /leftovers']);
  return printed.join('\n');
}

describe('the list of leftovers', () => {
  it('says of each what it is, since when it is due, and how to undo it by hand', async () => {
    expect(await print([leftover])).toBe(
      'web: leftover web-blue, due 2026-03-01T12:05:00.000Z, tried 2 times (deployment web-v2)\n' +
        '  Group web-blue was to be taken down; delete it.',
    );
  });

  it('says so when there is nothing', async () => {
    expect(await print([])).toBe('Nothing is left over.');
  });

  it('is an object for programs', async () => {
    expect(JSON.parse(await print([leftover], '--json'))).toEqual({ leftovers: [leftover] });
  });
});
