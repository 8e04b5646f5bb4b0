/**
 * The bundles that `npm run package` made do what the factories in this process do.
 */
import { expect, test } from 'vitest';
import type { LabOptions } from '../lab/lab.ts';
import { leftovers } from '../lab/leftovers.ts';
import { useLabs } from '../lab/use-labs.ts';

const openLab = useLabs();

/** Real milliseconds: each of the bundles is loaded into a thread of its own. */
const TIMEOUT_MILLISECONDS = 180_000;

/** Seconds of region time in which the sweeper has tried again whatever was owed at the end. */
const SWEEP_SECONDS = 1800;

async function run(options: LabOptions) {
  const lab = await openLab(options);
  const id = await lab.deploy({ version: 'v2' });
  const ending = await lab.end(id);
  // The SDK of a packaged function backs off in real time, in which this region's clock stands still:
  // Parameter Store's three writes a second are over for it, and the sweeper writes the rest.
  await lab.pass(SWEEP_SECONDS);
  return {
    ending,
    directives: await lab.act(() => lab.directives(id)),
    left: await leftovers(lab),
    lost: lab.traffic.count().lost,
  };
}

test(
  'packaged functions decide as those in this process',
  async () => {
    const packaged = await run({ runtime: 'packaged' });
    expect(packaged).toMatchObject({ ending: { status: 'SUCCEEDED' }, left: [], lost: 0 });
    expect(packaged).toEqual(await run({ runtime: 'inProcess' }));
  },
  TIMEOUT_MILLISECONDS,
);
