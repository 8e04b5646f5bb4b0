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

async function run(options: LabOptions) {
  // The SDK of a packaged function backs off in real time, in which this region's clock stands still:
  // at Parameter Store's standard throughput it would wait for the fourth write in vain.
  const quotas = { 'parameter-writes-per-second': 10 };
  const lab = await openLab({ ...options, quotas });
  const id = await lab.deploy({ version: 'v2' });
  const ending = await lab.end(id);
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
