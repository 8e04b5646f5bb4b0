/**
 * The laws of deployments, under whatever happens: any strategy, a good or a broken version, and
 * up to two mishaps at any time. The region's traffic and targets are watched, not Teal's opinion.
 * A longer search: `node --import tsx bench/laws.ts --runs 200 --seed 7`.
 */
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { playScenario, scenarios } from '../lab/scenario.ts';

/** Real milliseconds: a run plays a dozen whole deployments, and more to make a failure small. */
vi.setConfig({ testTimeout: 300_000 });

/** Another seed tries other deployments. */
const SEED = Number(process.env['LAWS_SEED'] ?? 1);

const RUNS = 6;

test(`no deployment breaks a law, whatever happens to it (LAWS_SEED=${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      expect(await playScenario(scenario)).toEqual([]);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});
