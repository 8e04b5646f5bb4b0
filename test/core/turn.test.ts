/** Whose turn it is when several deployments of one service are wanted at once. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onBusyOf } from '../../shared/core/busy-policy.ts';
import {
  decideTurn,
  isDisplaceable,
  isOlder,
  isUnmended,
  mayStillSucceed,
  newerSuperseder,
  olderThan,
  QUEUE_LENGTH_MAX,
  type Rival,
  type TurnSituation,
  type Waiting,
} from '../../shared/core/decide-turn.ts';
import type { LeaseKind, OpenLease } from '../../shared/core/leases.ts';
import { initialProgress, type Progress } from '../../shared/core/progress.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { NOW, plan } from './situations.ts';

const at = (seconds: number) => instantAfter(NOW, seconds);

function waiting(
  deploymentId: string,
  seconds: number,
  onBusy: Waiting['onBusy'] = 'queue',
): Waiting {
  return { service: 'web', deploymentId, startedAt: at(seconds), onBusy };
}

function rival(deploymentId: string, seconds: number, onBusy: Rival['onBusy'] = 'queue'): Rival {
  return { deploymentId, startedAt: at(seconds), onBusy, expiresAt: at(3600) };
}

const progress = (over: Partial<Progress>) => ({
  progress: { ...initialProgress('It ran.'), phase: 'holding' as const, ...over },
  request: {},
});

const decide = (self: Waiting, over: Partial<TurnSituation> = {}) =>
  decideTurn({ self, waiting: [], now: NOW, ...over });

describe('a deployment whose service is free', () => {
  it.each(['refuse', 'queue', 'supersede'] as const)(
    'begins, whatever its policy (%s)',
    (policy) => {
      expect(decide(waiting('b', 0, policy))).toMatchObject({ type: 'begin' });
    },
  );
});

describe('a deployment whose service is busy', () => {
  const busy = { rival: rival('a', -60) };

  it('is refused with the name of who is in the way', () => {
    const turn = decide(waiting('b', 0, 'refuse'), busy);
    expect(turn).toMatchObject({ type: 'refuse', error: 'ServiceBusy' });
    expect(turn.reason).toMatch(/^Deployment a of web is under way and holds its lock until/);
  });

  it('is told that the one in the way is being recovered once its lock is overdue', () => {
    const overdue = { rival: { ...busy.rival, expiresAt: at(-1) } };
    expect(decide(waiting('b', 0, 'refuse'), overdue).reason).toMatch(/is being recovered/);
  });

  it('is refused as well while somebody waits before it, although nobody runs', () => {
    const turn = decide(waiting('b', 0, 'refuse'), { waiting: [waiting('a', -5)] });
    expect(turn.reason).toBe(
      'Deployment a of web waits for its turn, which comes first; start again after its end. Nothing was changed.',
    );
  });

  it('waits behind those that came before, and is told its place', () => {
    const others = [waiting('c', 5), waiting('y', -5), waiting('x', -10)];
    expect(decide(waiting('b', 0), { ...busy, waiting: others })).toEqual({
      type: 'queue',
      reason:
        'It had to wait for its turn, as number 3 in the queue of web, until deployment a was over.',
    });
  });

  it('is refused where the queue is full, and superseding is what is left', () => {
    const full = Array.from({ length: QUEUE_LENGTH_MAX }, (_, index) =>
      waiting(`w${index}`, -100 + index),
    );
    const turn = decide(waiting('b', 0), { ...busy, waiting: full });
    expect(turn).toMatchObject({ type: 'refuse', error: 'ServiceBusy' });
    expect(turn.reason).toMatch(/^20 deployments of web wait already/);
    const newest = waiting('b', 0, 'supersede');
    expect(decide(newest, { ...busy, waiting: full })).toMatchObject({ type: 'queue' });
  });
});

describe('a deployment that somebody aborts before it begins', () => {
  it('is refused with who and why, although its turn has come', () => {
    const abort = { by: 'ann', reason: 'wrong image', at: NOW };
    expect(decide(waiting('b', 0), { abort })).toEqual({
      type: 'refuse',
      error: 'Aborted',
      reason: 'ann asked to abort before anything was changed: wrong image',
    });
  });
});

describe('a deployment that a newer one supersedes', () => {
  it('is refused while both wait', () => {
    const turn = decide(waiting('b', 0), { waiting: [waiting('c', 5, 'supersede')] });
    expect(turn).toEqual({
      type: 'refuse',
      error: 'Superseded',
      reason: 'Deployment c, which is newer, superseded it before anything was changed.',
    });
  });

  it('is refused where the newer one was faster', () => {
    const faster = { rival: rival('c', 5, 'supersede') };
    expect(decide(waiting('b', 0), faster)).toMatchObject({ error: 'Superseded' });
    const plain = { rival: rival('c', 5, 'queue') };
    expect(decide(waiting('b', 0), plain)).toMatchObject({ type: 'queue' });
    expect(decide(waiting('b', 0, 'supersede'), plain)).toMatchObject({ error: 'Superseded' });
  });

  it('is not superseded by an older one', () => {
    const older = { waiting: [waiting('a', -5, 'supersede')] };
    expect(decide(waiting('b', 0), older)).toMatchObject({ type: 'queue' });
  });
});

describe('a deployment under way', () => {
  it('can be asked to go back until blue is retired or it goes back already', () => {
    expect(isDisplaceable(progress({}))).toBe(true);
    expect(isDisplaceable(progress({ retirementStartedAt: NOW }))).toBe(false);
    expect(isDisplaceable(progress({ rollbackStartedAt: NOW }))).toBe(false);
    expect(isDisplaceable(progress({ phase: 'succeeded' }))).toBe(false);
  });

  it('is not displaced where it takes back what was over', () => {
    const request = { service: 'web', rollbackOf: 'v2' };
    expect(isDisplaceable({ ...progress({}), request })).toBe(false);
  });

  it('may bring what serves next until it goes back, is asked to, or is over', () => {
    const abort = { by: 'ann', reason: 'wrong image', at: NOW };
    expect(mayStillSucceed(progress({}))).toBe(true);
    expect(mayStillSucceed({ ...progress({}), abort })).toBe(false);
    expect(mayStillSucceed({ ...progress({ retirementStartedAt: NOW }), abort })).toBe(true);
    expect(mayStillSucceed(progress({ rollbackStartedAt: NOW }))).toBe(false);
    expect(mayStillSucceed(progress({ phase: 'rolledBack' }))).toBe(false);
  });
});

describe('a rollback that waits', () => {
  const rollback = { ...waiting('b', 0), isRollback: true };

  it('is superseded by none, waiting or under way, which waits for it instead', () => {
    const newer = waiting('c', 5, 'supersede');
    expect(decide(rollback, { waiting: [newer] })).toMatchObject({ type: 'begin' });
    expect(decide(newer, { waiting: [rollback] })).toMatchObject({ type: 'queue' });
    const faster = { rival: rival('c', 5, 'supersede') };
    expect(decide(rollback, faster)).toMatchObject({ type: 'queue' });
  });

  it('is counted in the place of one that supersedes all others before it', () => {
    const others = [waiting('a', -5), rollback];
    expect(decide(waiting('c', 5, 'supersede'), { waiting: others }).reason).toMatch(/as number 2/);
  });
});

/** An open row of deployment `a`. */
const row = (kind: LeaseKind): OpenLease => {
  const kept = { deploymentId: 'a', service: 'web', owner: 'arn', expiresAt: NOW, undo: 'Undo.' };
  return { ...kept, kind };
};

describe('a deployment that waited for one that failed', () => {
  const left = { deploymentId: 'a', ...progress({ phase: 'failed' }), plan };
  const serving = { autoScalingGroupName: plan.blue.autoScalingGroupName };
  it('waits on, and is told for whom and what to do', () => {
    expect(decide(waiting('b', 0), { unmended: 'a' })).toEqual({
      type: 'queue',
      reason:
        'It had to wait until what deployment a froze was undone, because that one failed; recover a by hand, or abort this one.',
    });
    const abort = { by: 'ann', reason: 'wrong image', at: NOW };
    expect(decide(waiting('b', 0), { unmended: 'a', abort })).toMatchObject({ error: 'Aborted' });
  });

  it('does so as long as a fleet is frozen that serves', () => {
    expect(isUnmended(left, [row('bluePin')], serving)).toBe(true);
    expect(isUnmended(left, [row('greenFreeze')], undefined)).toBe(true);
    expect(isUnmended(left, [row('lock'), row('leftover')], serving)).toBe(false);
    expect(isUnmended(left, [{ ...row('bluePin'), deploymentId: 'z' }], serving)).toBe(false);
    expect(isUnmended({ ...left, ...progress({}) }, [row('bluePin')], serving)).toBe(false);
  });

  it('does not where another release serves by now', () => {
    expect(isUnmended(left, [row('bluePin')], { autoScalingGroupName: 'web-h' })).toBe(false);
  });
});

describe('what a deployment does when its service is busy', () => {
  it('is what the request wants, else what the service wants, else to refuse', () => {
    expect(onBusyOf({ onBusy: 'queue' }, { onBusy: 'supersede' })).toBe('supersede');
    expect(onBusyOf({ onBusy: 'queue' }, {})).toBe('queue');
    expect(onBusyOf({}, { onBusy: 'nonsense' })).toBe('refuse');
    expect(onBusyOf(undefined, {})).toBe('refuse');
  });
});

const anyWaiting: fc.Arbitrary<Waiting> = fc.record({
  service: fc.constant('web'),
  deploymentId: fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
  startedAt: fc.integer({ min: -30, max: 30 }).map(at),
  onBusy: fc.constantFrom('refuse', 'queue', 'supersede'),
});
const anyQueue = fc.uniqueArray(anyWaiting, {
  selector: ({ deploymentId }) => deploymentId,
  minLength: 1,
  maxLength: QUEUE_LENGTH_MAX,
});

describe('of all that wait for one service', () => {
  it('exactly one is the oldest, so that never two and never none begin', () => {
    fc.assert(
      fc.property(anyQueue, (queue) => {
        const oldest = queue.filter((one) => olderThan(one, queue).length === 0);
        expect(oldest).toHaveLength(1);
        expect(queue.filter((one) => isOlder(one, one))).toEqual([]);
      }),
    );
  });

  it('the turns come in the order of the starts, and all come', () => {
    fc.assert(
      fc.property(anyQueue, (queue) => {
        let left: readonly Waiting[] = queue.map((one) => ({ ...one, onBusy: 'queue' }));
        const begun: Waiting[] = [];
        while (left.length > 0) {
          const free = left.filter((self) => decide(self, { waiting: left }).type === 'begin');
          expect(free).toHaveLength(1);
          begun.push(...free);
          left = left.filter((one) => !free.includes(one));
        }
        expect(begun).toEqual(begun.toSorted((one, other) => (isOlder(one, other) ? -1 : 1)));
      }),
      // Each run looks at every pair of a queue for every place in it.
      { numRuns: 20 },
    );
  });

  it('only the newest stays where all supersede, whatever the order in which they look', () => {
    fc.assert(
      fc.property(anyQueue, (queue) => {
        const all = queue.map((one) => ({ ...one, onBusy: 'supersede' as const }));
        const staying = all.filter((self) => decide(self, { waiting: all }).type !== 'refuse');
        expect(staying).toHaveLength(1);
        expect(all.every((one) => one === staying[0] || isOlder(one, staying[0]!))).toBe(true);
      }),
    );
  });

  it('nobody begins while somebody has the lock', () => {
    fc.assert(
      fc.property(anyQueue, anyWaiting, (queue, holder) => {
        const held = { rival: { ...holder, expiresAt: at(60) }, waiting: queue };
        expect(queue.filter((self) => decide(self, held).type === 'begin')).toEqual([]);
      }),
    );
  });

  it('whoever is superseded is told of the newest', () => {
    fc.assert(
      fc.property(anyQueue, (queue) => {
        for (const self of queue) {
          const newest = newerSuperseder(self, queue);
          if (!newest) continue;
          expect(decide(self, { waiting: queue }).reason).toContain(newest.deploymentId);
        }
      }),
    );
  });
});
