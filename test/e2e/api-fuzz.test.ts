/**
 * Whatever is sent to the HTTP API: it answers as its document says, blames nothing but the request,
 * and leaves nothing half made. `bench/fuzz.ts` sends far more of the same.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFuzzer, fuzzRequests } from '../lab/fuzz.ts';
import { halfMade } from '../lab/half-made.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Chance begins here; a failure prints it with the path to the smallest request that fails. */
const SEED = 5;

/** Requests; `npm run bench -- fuzz` sends a hundred times as many. */
const RUNS = 700;

test('no request breaks the API, and none leaves anything half made', async () => {
  const lab = await openLab({ requestsPerSecond: 1 });
  const id = await lab.deploy({
    version: 'v2',
    strategy: { type: 'linear', stepPercent: 2, holdSeconds: 86_400 },
  });
  await lab.untilState(id, 'Hold');
  const fuzzer = createFuzzer(lab.api, () => id);
  await fc.assert(
    fc.asyncProperty(fuzzRequests, async (request) => {
      expect(await fuzzer.ask(request)).toEqual([]);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  await lab.end(id);
  expect(await halfMade(lab)).toEqual([]);
});
