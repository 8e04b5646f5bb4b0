/**
 * Lambda may run a function twice, and AWS may refuse any call for a while: neither changes how a
 * deployment ends.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Around } from '../lab/in-process.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { PROGRAMS } from '../lab/programs.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Real milliseconds: a test compares up to three whole deployments. */
vi.setConfig({ testTimeout: 180_000 });

const STORIES = [
  { story: 'a good version', program: PROGRAMS.sound, error: undefined },
  { story: 'a broken version', program: PROGRAMS.broken, error: 'RolledBack' },
];

/** Runs every function again right after it succeeded, with the same event. */
const twice =
  (answer: 'first' | 'second'): Around =>
  async (_call, run) => {
    const first = await run();
    const second = await run();
    return answer === 'first' ? first : second;
  };

/** What a deployment leaves in the region, without the times. */
async function deployOnce(
  lab: Lab,
  program: (typeof STORIES)[number]['program'],
): Promise<{ error: string | undefined; belongings: unknown; left: readonly string[] }> {
  const id = await lab.deploy({ version: 'v2', program });
  const { error } = await lab.end(id);
  const left = await leftovers(lab);
  return { error, belongings: await lab.act(() => lab.belongings()), left };
}

describe.each(STORIES)('$story', ({ program, error }) => {
  test('ends the same when every function runs twice', async () => {
    const once = await deployOnce(await openLab(), program);
    expect(once).toMatchObject({ error, left: [] });
    const labs: LabOptions[] = [{ around: twice('first') }, { around: twice('second') }];
    for (const options of labs) {
      const lab = await openLab(options);
      // Ids come from the seed, and one more call draws no more of them.
      expect(await deployOnce(lab, program)).toEqual(once);
      expect(lab.traffic.count().lost).toBe(0);
    }
  });

  test('ends the same when every call is throttled twice', async () => {
    const once = await deployOnce(await openLab(), program);
    const lab = await openLab();
    throttleEveryOperation(lab, 2);
    expect(await deployOnce(lab, program)).toEqual(once);
    expect(lab.traffic.count().lost).toBe(0);
    const throttled = lab.calls().filter(({ errorCode }) => /thrott|limit/i.test(errorCode ?? ''));
    expect(throttled.length).toBeGreaterThan(40);
  });
});

/** The first calls of each operation by each function. */
function throttleEveryOperation(lab: Lab, times: number): void {
  const met = new Map<string, number>();
  lab.spoil(({ service, operation, callerLabel }) => {
    if (callerLabel === 'administrator') return undefined;
    const key = `${callerLabel} ${service} ${operation}`;
    const before = met.get(key) ?? 0;
    met.set(key, before + 1);
    return before < times ? { type: 'throttle' } : undefined;
  });
}
