/**
 * A function that dies at a call to AWS, before or after the call took effect, changes neither how
 * a deployment ends nor what is there afterwards. One death for each function that changes
 * something on AWS, chosen by a seed; `bench/kill.ts` tries every call of every function.
 */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createRandom } from '../../region/kernel/chance.ts';
import { describeDeath, judge, play, type Played, type References } from '../lab/kill.ts';
import type { Story } from '../lab/kill-stories.ts';
import { type Death, isWrite, type Position } from '../lab/positions.ts';

/** Real milliseconds: a test plays up to a dozen whole deployments. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Another seed chooses other deaths. */
const SEED = Number(process.env['KILL_SEED'] ?? 1);

const whole: Partial<Record<Story, Played>> = {};

beforeAll(async () => {
  for (const story of ['success', 'rollback', 'recovery', 'retain', 'takeBack'] as const) {
    whole[story] = await play(story);
  }
});

/** One death for each function that changes something besides its own table, or also that. */
function chooseDeaths(
  story: Story,
  isChosen: (task: string) => boolean,
  { ofTable = false } = {},
): readonly Death[] {
  const random = createRandom(SEED);
  const writes = writesOf(story, ofTable);
  const tasks = [...new Set(writes.map(({ task }) => task))].filter(isChosen);
  return tasks.map((task) => {
    const own = writes.filter((position) => position.task === task);
    const position = own[Math.floor(random() * own.length)]!;
    return { position, when: random() < 0.5 ? 'before' : 'after' };
  });
}

/** What every death broke, by where it was; empty when nothing was. */
async function complaintsOf(
  story: Story,
  deaths: readonly Death[],
): Promise<Record<string, readonly string[]>> {
  const references: References = Object.fromEntries(
    Object.values(whole).map((played) => [played.story, played.possessions]),
  );
  const complaints: Record<string, readonly string[]> = {};
  for (const death of deaths) {
    const found = judge(await play(story, death), references);
    if (found.length > 0) complaints[`${describeDeath(death)}; KILL_SEED=${SEED}`] = found;
  }
  return complaints;
}

/** Calls that change something, in Teal's own table only where asked for. */
function writesOf(story: Story, ofTable: boolean): readonly Position[] {
  return (whole[story]?.positions ?? []).filter(
    (position) => isWrite(position) && (ofTable || position.service !== 'dynamodb'),
  );
}

describe('a function that dies at a call to AWS', () => {
  test('does not keep a good version from going live, and no request gets lost', async () => {
    const deaths = chooseDeaths('success', () => true);
    expect(deaths.map(({ position }) => position.task)).toEqual([
      'api',
      'prepare-green',
      'shift-traffic',
      'retire-blue',
      'record-outcome',
    ]);
    expect(await complaintsOf('success', deaths)).toEqual({});
  });

  test('does not keep a broken version from being taken back', async () => {
    const tried = new Set(writesOf('success', false).map(({ task }) => task));
    const deaths = chooseDeaths('rollback', (task) => !tried.has(task));
    expect(deaths.map(({ position }) => position.task)).toEqual([
      'on-alarm-change',
      'roll-back',
      'clean-up-green',
    ]);
    expect(await complaintsOf('rollback', deaths)).toEqual({});
  });

  test('does not keep a stopped deployment from being recovered', async () => {
    const tasks = ['on-execution-ended', 'recover-deployment'];
    const deaths = chooseDeaths('recovery', (task) => tasks.includes(task), { ofTable: true });
    expect(deaths.map(({ position }) => position.task)).toEqual(tasks);
    expect(await complaintsOf('recovery', deaths)).toEqual({});
  });

  test('keeps no blue for longer than it was to be kept, and none from going', async () => {
    const tasks = ['recover-deployment'];
    const deaths = chooseDeaths('retain', (task) => tasks.includes(task), { ofTable: true });
    expect(deaths.map(({ position }) => position.task)).toEqual(tasks);
    expect(await complaintsOf('retain', deaths)).toEqual({});
  });

  test('does not keep people from going back to a blue that was kept', async () => {
    const tasks = ['prepare-green'];
    const deaths = chooseDeaths('takeBack', (task) => tasks.includes(task));
    expect(deaths.map(({ position }) => position.task)).toEqual(tasks);
    expect(await complaintsOf('takeBack', deaths)).toEqual({});
  });
});
