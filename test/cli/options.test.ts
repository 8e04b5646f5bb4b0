import { describe, expect, it } from 'vitest';
import { complainAboutNode } from '../../cli/node-version.mjs';
import { rehearseCommand } from '../../cli/rehearsal/command.ts';
import type { RehearsalOptions } from '../../cli/rehearsal/options.ts';

async function parse(...words: string[]): Promise<RehearsalOptions> {
  const heard: RehearsalOptions[] = [];
  const command = rehearseCommand(async (options) => {
    heard.push(options);
  });
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  await command.parseAsync(words, { from: 'user' });
  return heard[0]!;
}

describe('the words of a rehearsal', () => {
  it('deploys the example application when nothing is said', async () => {
    const options = await parse();
    expect(options).toMatchObject({ rate: 250, speed: 30, steps: [5, 20, 50, 80], keep: false });
    expect(options.blue).toContain('VERSION=v1');
    expect(options.broken).toContain('ERROR_RATE=0.5');
  });

  it("takes a person's own applications", async () => {
    const options = await parse('--blue', 'node a.js', '--green', 'node b.js', '--no-broken');
    expect(options).toMatchObject({ blue: 'node a.js', green: 'node b.js' });
    expect(options).not.toHaveProperty('broken');
  });

  it('raises the alarm at a share of the traffic, whatever the rate and the speed', async () => {
    expect((await parse()).alarmThreshold).toBe(20);
    expect((await parse('--rate', '500')).alarmThreshold).toBe(40);
    expect((await parse('--speed', '1')).alarmThreshold).toBe(600);
    expect((await parse('--rate', '1')).alarmThreshold).toBe(0);
    expect((await parse('--rate', '500', '--alarm-threshold', '7')).alarmThreshold).toBe(7);
  });

  it.each([
    [['--rate', '0'], 'whole number from 1 to 2000'],
    [['--rate', '1e3'], 'whole number from 1 to 2000'],
    [['--speed', '61'], 'whole number from 1 to 60'],
    [['--hold', '-1'], 'whole number from 0 to 86400'],
    [['--bake', '239'], 'whole number from 240 to 86400'],
    [['--green-deadline', '59'], 'whole number from 60 to 86400'],
    [['--steps', '20,10'], 'must rise'],
    [['--steps', '10,,20'], 'whole number from 1 to 100'],
    [['--steps', '101'], 'whole number from 1 to 100'],
    [['--path', 'health'], 'a path such as /health'],
    [['--health-path', '/a b'], 'a path such as /health'],
    [['--blue', '  '], 'this one is empty'],
    [['--broken', 'node c.js', '--no-broken'], 'give one of --broken and --no-broken'],
    [['--no-broken', '--broken', 'node c.js'], 'give one of --broken and --no-broken'],
    [['--bogus'], "unknown option '--bogus'"],
    [['extra'], 'too many arguments'],
  ])('refuses %j and says what it takes', async (words, message) => {
    await expect(parse(...words)).rejects.toThrow(message);
  });
});

it('refuses a Node.js that is too old, and says which one it needs', () => {
  expect(complainAboutNode('18.20.1')).toContain(
    'needs Node.js 20.19 or newer, and this is 18.20.1',
  );
  expect(complainAboutNode('20.18.9')).toContain('needs Node.js 20.19');
  expect(complainAboutNode('20.19.0')).toBeUndefined();
  expect(complainAboutNode('24.1.0')).toBeUndefined();
});
