/** Pauses between looks, of one deployment and of several at once. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countUnderWay, pauseSeconds } from '../../shared/core/polling.ts';

const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}-[0-9a-f]{4,12}$/), {
  minLength: 2,
  maxLength: 20,
});

describe('deployments that look at the same account', () => {
  it('never look more often together than one of them alone', () => {
    fc.assert(
      fc.property(ids, fc.constantFrom(0.5, 5), (running, alone) => {
        const deployments = running.length;
        const looks = running
          .map((deploymentId) => 1 / pauseSeconds(alone, { deploymentId, deployments }))
          .reduce((sum, one) => sum + one, 0);
        expect(looks).toBeLessThanOrEqual(1 / alone + 1e-9);
      }),
    );
  });

  it('do not look in step, and each keeps to its own', () => {
    fc.assert(
      fc.property(ids, (running) => {
        const pauses = running.map((deploymentId) =>
          pauseSeconds(1, { deploymentId, deployments: 1 }),
        );
        expect(new Set(pauses).size).toBe(running.length);
        expect(Math.max(...pauses)).toBeLessThan(1.25);
        const again = running.map((deploymentId) =>
          pauseSeconds(1, { deploymentId, deployments: 1 }),
        );
        expect(again).toEqual(pauses);
      }),
    );
  });

  it('are counted by their locks alone', () => {
    const kinds = ['lock', 'bluePin', 'greenFreeze', 'lock', 'leftover', 'retainedBlue'] as const;
    expect(countUnderWay(kinds.map((kind) => ({ kind })))).toBe(2);
  });

  it('count for one when nobody is seen', () => {
    const alone = pauseSeconds(1, { deploymentId: 'web-1', deployments: 1 });
    expect(pauseSeconds(1, { deploymentId: 'web-1', deployments: 0 })).toBe(alone);
  });
});
