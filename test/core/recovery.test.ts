/** What a recovery must never do, whatever an execution left behind, and what it does where. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRecovery, needsRecovery } from '../../shared/core/decide-recovery.ts';
import { decideOutcome, type Ending } from '../../shared/core/decide-outcome.ts';
import { isDueLater, isOverdue, type OpenLease } from '../../shared/core/leases.ts';
import { findLeftovers } from '../../shared/core/leftovers.ts';
import type { RouteReading } from '../../shared/core/observation.ts';
import { recoveryName } from '../../shared/core/names.ts';
import { lockLease, noticeLease } from '../../shared/core/open-leases.ts';
import { hasEnded, type Phase, type Progress } from '../../shared/core/progress.ts';
import type { RecoverySituation } from '../../shared/core/recovery-situation.ts';
import { settleLeases } from '../../shared/core/settle-leases.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { anyLeft, lease, left, record, withGone } from './left.ts';
import { fleet, NOW, plan, routesAt } from './situations.ts';

/** Most that can be left meets an early rule, so that many are needed to meet all of them. */
const RUNS = 1000;

function never(isBroken: (left: RecoverySituation) => boolean): void {
  fc.assert(
    fc.property(anyLeft, (one) => !isBroken(one)),
    { numRuns: RUNS },
  );
}

const typeOf = (one: RecoverySituation) => decideRecovery(one).type;
/** A route that is gone says nothing: where none is left, anybody may carry anything. */
function carries({ observation }: RecoverySituation, colour: 'blue' | 'green'): boolean {
  const seen = (observation?.routes ?? []).filter(({ weights }) => weights);
  if (observation && seen.length === 0) return true;
  return seen.some(({ weights }) => (weights?.[colour] ?? 0) > 0);
}
/** Teal itself saw at its end that the other side had everything. */
const wasProved = ({ record: { progress } }: RecoverySituation, at: keyof Progress) =>
  !hasEnded(progress) && progress[at] !== undefined;
const areRoutesGone = ({ observation }: RecoverySituation) =>
  observation?.routes.every(({ weights }) => !weights) ?? false;

const isGreenAlone = (weights: NonNullable<RouteReading['weights']>) =>
  (weights.blue ?? 0) === 0 && (weights.green ?? 0) > 0;
const isElseDue = (rows: readonly OpenLease[]) =>
  rows.some((row) => !isDueLater(row) || isOverdue(row, NOW));
/** Of a failure all that is frozen is a person's. */
const isUnsaidDue = (rows: readonly OpenLease[]) =>
  rows.every((row) => row.kind === 'pointers' && isOverdue(row, NOW));

describe('a recovery', () => {
  it('never touches what another execution is at work on', () => {
    never((one) => one.driver.isRunning && typeOf(one) !== 'finish');
  });

  it('never moves or removes anything while another deployment has the lock', () => {
    const working = ['rollBack', 'retireBlue', 'cleanUpGreen'];
    never((one) => one.rival !== undefined && working.includes(typeOf(one)));
  });

  it('never retires a blue that carries traffic and is there', () => {
    never((one) => {
      const isThere = one.observation?.blue.exists ?? false;
      const isKnown = areRoutesGone(one) && wasProved(one, 'retirementStartedAt');
      return typeOf(one) === 'retireBlue' && isThere && carries(one, 'blue') && !isKnown;
    });
  });

  it('never finishes a failure for green unless every route gives green everything', () => {
    never((one) => {
      const { blue, routes = [] } = one.observation ?? {};
      const isFailed = one.record.progress.phase === 'failed';
      const isAll = routes.every(({ weights }) =>
        weights ? isGreenAlone(weights) : blue?.exists === false,
      );
      return typeOf(one) === 'retireBlue' && isFailed && !isAll;
    });
  });

  it('never counts a bake during which weights of somebody else stood', () => {
    never((one) => {
      const { foreignChange, retirementStartedAt } = one.record.progress;
      const isCompleted = !hasEnded(one.record.progress) && typeOf(one) === 'retireBlue';
      return isCompleted && retirementStartedAt === undefined && foreignChange !== undefined;
    });
  });

  it('never retires the group that the service goes by, once the deployment has ended', () => {
    never(
      (one) =>
        hasEnded(one.record.progress) &&
        one.servingGroupName === plan.blue.autoScalingGroupName &&
        typeOf(one) === 'retireBlue',
    );
  });

  it('never gives blue up for a green that cannot carry everything', () => {
    never((one) => {
      const { blue, green } = one.observation ?? {};
      const isAble = (green?.healthyCount ?? 0) >= plan.green.desiredCapacity;
      const isServing = one.servingGroupName === plan.green.autoScalingGroupName;
      const isNeeded = isServing || !hasEnded(one.record.progress);
      return typeOf(one) === 'retireBlue' && (blue?.exists ?? false) && isNeeded && !isAble;
    });
  });

  it('never completes what has not had its whole bake under watch', () => {
    never((one) => {
      const { holdUntil, retirementStartedAt } = one.record.progress;
      const watchedUntil = one.driver.stoppedAt ?? one.now;
      const isBaked = holdUntil !== undefined && Date.parse(watchedUntil) >= Date.parse(holdUntil);
      const isCompleted = !hasEnded(one.record.progress) && typeOf(one) === 'retireBlue';
      return isCompleted && retirementStartedAt === undefined && !isBaked;
    });
  });

  it('never cleans up a green that carries traffic', () => {
    never((one) => {
      const isThere = one.observation?.green.exists ?? false;
      const isKnown = areRoutesGone(one) && (!isThere || wasProved(one, 'rollbackConfirmedAt'));
      return typeOf(one) === 'cleanUpGreen' && carries(one, 'green') && !isKnown;
    });
  });

  it('never undoes an outcome: what succeeded is not rolled back, what was rolled back not completed', () => {
    never((one) => one.record.progress.phase === 'succeeded' && typeOf(one) === 'rollBack');
    never((one) => one.record.progress.phase === 'rolledBack' && typeOf(one) === 'retireBlue');
  });

  it('always has something to do for a deployment that has not ended and nobody drives', () => {
    never(
      (one) =>
        !one.driver.isRunning &&
        one.rival === undefined &&
        one.observation !== undefined &&
        !hasEnded(one.record.progress) &&
        typeOf(one) === 'finish',
    );
  });

  it('leaves nothing to be told or done once it has told, until something else is due', () => {
    never((one) => {
      const { record: ended, leases, now } = one;
      if (typeOf(one) !== 'tell') return false;
      const told = { directive: { type: 'tell', reason: 'People were told.' } };
      const { phase } = ended.progress;
      const { open, close } = settle(phase, told, leases, true);
      const names = [...close, ...open].map(({ kind }) => kind);
      const rest = [...leases.filter(({ kind }) => !names.includes(kind)), ...open].filter(
        ({ kind }) => kind !== 'notice',
      );
      const isDue = phase === 'failed' ? isUnsaidDue : isElseDue;
      const isLeft = needsRecovery({ record: ended, leases: rest, now }) && !isDue(rest);
      return isLeft || typeOf({ ...one, leases: rest }) === 'tell';
    });
  });

  it('comes to nothing the second time, when the outcome is recorded and the rows are closed', () => {
    never((one) => {
      const { phase } = one.record.progress;
      const isOver = ['succeeded', 'rolledBack', 'refused'].includes(phase);
      return isOver && typeOf({ ...one, leases: [] }) !== 'finish';
    });
  });
});

describe('an execution that was stopped', () => {
  it('after the bake is completed', () => {
    expect(decideRecovery(left())).toMatchObject({ type: 'retireBlue' });
  });

  it.each<[string, Partial<RecoverySituation>]>([
    ['during the bake', { record: record({ holdUntil: instantAfter(NOW, -30) }) }],
    [
      'while weights of somebody else stood',
      {
        record: record({
          holdUntil: instantAfter(NOW, -90),
          foreignChange: { routeId: 'arn:rule', since: NOW, lookedAt: NOW },
        }),
      },
    ],
    ['while an alarm is raised', { observation: alarming() }],
    ['after an operator asked to abort', { observation: aborted() }],
  ])('%s is rolled back', (_when, over) => {
    expect(decideRecovery(left(over))).toMatchObject({ type: 'rollBack' });
  });

  it('while blue was being retired is rolled back when green fell ill, if blue is still there', () => {
    const retiring = record({ retirementStartedAt: NOW });
    const observation = { ...left().observation!, green: fleet({ healthyCount: 1 }) };
    expect(typeOf(left({ record: retiring, observation }))).toBe('rollBack');
    const gone = { ...observation, blue: fleet({ exists: false }) };
    expect(typeOf(left({ record: retiring, observation: gone }))).toBe('retireBlue');
    expect(typeOf(left({ record: retiring }))).toBe('retireBlue');
  });

  it('while green was being made is looked at again when its last call must be over', () => {
    const preparing = record({ phase: 'preparingGreen', stepIndex: -1 });
    const stopped = (ago: number) =>
      left({
        record: preparing,
        driver: { isRunning: false, status: 'ABORTED', stoppedAt: instantAfter(NOW, -ago) },
      });
    expect(decideRecovery(stopped(5))).toMatchObject({ type: 'wait', seconds: 25 });
    expect(typeOf(stopped(30))).toBe('rollBack');
  });

  it('before anything was changed is refused, and says so', () => {
    const planned = record({ phase: 'planned' });
    const directive = decideRecovery(left({ record: planned }));
    expect(directive).toMatchObject({ type: 'release' });
    expect(decideOutcome(planned, { directive })).toMatchObject({
      type: 'refused',
      reason: 'The execution was gone (ABORTED) before anything was changed.',
    });
  });
});

function alarming() {
  const alarms = [{ alarmName: 'web-5xx', state: 'ALARM' as const }];
  return { ...left().observation!, alarms: { type: 'read' as const, alarms } };
}

function aborted() {
  return { ...left().observation!, abort: { by: 'ann', reason: 'wrong build', at: NOW } };
}

function needs(phase: Phase, leases: readonly OpenLease[]): boolean {
  return needsRecovery({ record: record({ phase }), leases, now: NOW });
}

describe('a deployment that has ended', () => {
  it('needs nobody while what it owes is not due, and a person when it failed', () => {
    const later = lease('leftover', { expiresAt: instantAfter(NOW, 60) });
    expect(needs('succeeded', [])).toBe(false);
    expect(needs('succeeded', [later, lease('bluePin')])).toBe(false);
    expect(needs('succeeded', [lease('leftover')])).toBe(true);
    expect(needs('rolledBack', [lease('bluePin')])).toBe(true);
    expect(needs('failed', [lease('bluePin')])).toBe(false);
    expect(needs('holding', [])).toBe(true);
  });

  it('that failed is taken up again only by hand, and cleaned up once blue has everything', () => {
    const failed = { record: record({ phase: 'failed' }), leases: [lease('bluePin')] };
    expect(typeOf(left(failed))).toBe('rollBack');
    const observation = { ...left().observation!, routes: routesAt(0) };
    expect(typeOf(left({ ...failed, observation }))).toBe('cleanUpGreen');
  });
});

describe('a deployment that has ended, and of whose routes none is left', () => {
  const gone = { ...left().observation!, routes: withGone(routesAt(100), [0, 1]) };
  const owes = (phase: Phase, over: Partial<RecoverySituation> = {}) =>
    decideRecovery(left({ record: record({ phase }), observation: gone, ...over }));

  it('has no fleet taken down that may serve by a new one', () => {
    const leases = [lease('retainedBlue')];
    expect(owes('succeeded', { leases, servingGroupName: 'web-g' })).toMatchObject({
      type: 'finish',
      reason: expect.stringMatching(/whether blue had traffic, because arn:listener, arn:rule was/),
    });
    for (const phase of ['rolledBack', 'failed'] as const) {
      expect(owes(phase, { leases: [lease('leftover')] })).toMatchObject({
        type: 'finish',
        reason: expect.stringMatching(/whether green had traffic.* nothing leads to group web-g,/),
      });
    }
  });

  it('is done with once that fleet is gone', () => {
    const none = fleet({ exists: false });
    const leases = [lease('leftover')];
    const seen = { leases, servingGroupName: 'web-g', observation: { ...gone, blue: none } };
    expect(owes('succeeded', seen).type).toBe('retireBlue');
    const observation = { ...gone, green: none };
    expect(owes('rolledBack', { leases, observation }).type).toBe('cleanUpGreen');
  });
});

describe('a deployment that failed, and whose green a person named in the definition', () => {
  const leases = [lease('bluePin'), lease('greenFreeze'), lease('mirroredAlarms')];
  const failed = (over: Partial<RecoverySituation['observation']> = {}) =>
    left({
      record: record({ phase: 'failed' }),
      servingGroupName: plan.green.autoScalingGroupName,
      leases,
      observation: { ...left().observation!, routes: routesAt(100), ...over },
    });

  it('is finished for green, and never gives blue anything back', () => {
    expect(decideRecovery(failed())).toEqual({
      type: 'retireBlue',
      reason: 'Green served by its definition, so blue was retired.',
    });
    expect(typeOf({ ...failed(), leases: [] })).toBe('finish');
    const ended = { directive: { type: 'finish', reason: 'Blue was gone.' } };
    expect(settle('failed', ended, leases, true)).toEqual({ open: [], close: leases });
  });

  it('is left alone where a route is gone that may lead to blue by now, until blue is gone', () => {
    for (const gone of [[0, 1], [1]]) {
      const routes = withGone(routesAt(100), gone);
      expect(decideRecovery(failed({ routes }))).toMatchObject({
        type: 'finish',
        reason: expect.stringMatching(
          /whether blue had traffic, because .*arn:rule was gone.* nothing leads to group web-blue, undo by hand what teal leftovers lists/,
        ) as string,
      });
      expect(typeOf(failed({ routes, blue: fleet({ exists: false }) }))).toBe('retireBlue');
    }
  });

  it('is left alone where a third fleet serves, and says what to do', () => {
    const [listener] = routesAt(100);
    const third = { routeId: 'arn:rule', weights: { blue: 0, green: 0 } };
    const { type, reason } = decideRecovery(failed({ routes: [listener!, third] }));
    expect(type).toBe('finish');
    expect(reason).toMatch(/less than everything on arn:rule, so both were left alone; give one/);
  });

  it('is left alone, rows and all, while green does not carry everything', () => {
    for (const over of [{ routes: routesAt(60) }, { green: fleet({ healthyCount: 1 }) }]) {
      expect(typeOf(failed(over))).toBe('finish');
    }
    // Each is listed at once, with how to undo it by hand.
    const { open, close } = settle('failed', {}, leases);
    expect(findLeftovers(open, NOW).map(({ kind }) => kind)).toEqual(
      leases.map(({ kind }) => kind),
    );
    expect(close).toEqual([]);
  });
});

describe('an outcome that nobody may have been told', () => {
  const ENDED = ['succeeded', 'rolledBack', 'refused', 'failed'] as const;
  const later = { expiresAt: instantAfter(NOW, 60) };
  const directive = { type: 'tell', reason: 'People were to be told.' };

  it.each(ENDED)('is told before anything else while the lock has its row: %s', (phase) => {
    const leases = [lease('lock', later), lease('leftover', later), lease('bluePin')];
    expect(needs(phase, leases)).toBe(true);
    const one = left({ record: record({ phase }), leases, rival: 'd-2' });
    expect(typeOf(one)).toBe('tell');
    expect(typeOf({ ...one, driver: { isRunning: true, status: 'RUNNING' } })).toBe('finish');
  });

  it.each(ENDED)('is told again when its time has come, and not before: %s', (phase) => {
    expect(needs(phase, [lease('notice', later)])).toBe(false);
    expect(needs(phase, [lease('notice')])).toBe(true);
    const told = (over: Partial<OpenLease>) =>
      typeOf(left({ record: record({ phase }), leases: [lease('notice', over)] }));
    // Before, only a person asks.
    expect([told({}), told(later)]).toEqual(['tell', 'tell']);
  });

  it('keeps nobody from going on with a failure while it waits to be told again', () => {
    const leases = [lease('notice', later), lease('bluePin')];
    expect(typeOf(left({ record: record({ phase: 'failed' }), leases }))).toBe('rollBack');
  });

  it('leaves every other row to whoever it is for when it is told', () => {
    const rows = [lease('bluePin'), lease('leftover'), lease('notice'), lease('lock')];
    const close = (phase: Phase) => settle(phase, { directive }, rows, true).close;
    expect(close('failed').map(({ kind }) => kind)).toEqual(['lock']);
    expect(close('rolledBack').map(({ kind }) => kind)).toEqual(['lock']);
    expect(close('succeeded').map(({ kind }) => kind)).toEqual(['bluePin', 'lock']);
  });

  it('is listed at once, with why, and waits longer after every attempt in vain', () => {
    const told = { outcome: 'failed', because: 'The topic was gone.', attempts: 3 };
    const row = noticeLease(record({ phase: 'failed' }), told, NOW);
    expect(row).toMatchObject({ attempts: 3, expiresAt: instantAfter(NOW, 1200) });
    expect(findLeftovers([row], NOW)).toMatchObject([
      { kind: 'notice', undo: expect.stringContaining('The topic was gone.') as string },
    ]);
    // Its time is its own, whatever becomes due for a person.
    const { open } = settle('failed', {}, [row, lease('bluePin', later)]);
    expect(open).toEqual([lease('bluePin', { expiresAt: NOW })]);
  });
});

describe('pointers that could not be written', () => {
  const ended = { holdUntil: instantAfter(NOW, -90), phase: 'succeeded' } as const;
  const owes = (leases: readonly OpenLease[]) =>
    typeOf(left({ record: record(ended), servingGroupName: 'web-g', leases }));
  const later = { expiresAt: instantAfter(NOW, 60) };

  it('are written again, and blue is left alone where nothing else is due', () => {
    expect(owes([lease('pointers')])).toBe('publish');
    expect(owes([lease('pointers'), lease('retainedBlue', later)])).toBe('publish');
    expect(owes([lease('pointers'), lease('leftover')])).toBe('retireBlue');
    expect(owes([lease('pointers', later), lease('leftover')])).toBe('retireBlue');
  });

  it('of a failure that was finished for green are tried again, and touch no fleet', () => {
    const row = lease('pointers', later);
    expect(needs('failed', [row])).toBe(false);
    expect(needs('failed', [lease('pointers')])).toBe(true);
    // Whatever else is frozen is a person's.
    expect(needs('failed', [lease('pointers'), lease('bluePin')])).toBe(false);
    const failed = { record: record({ phase: 'failed' }), servingGroupName: 'web-g' };
    for (const leases of [[row], [lease('pointers'), lease('notice', later)]]) {
      expect(typeOf(left({ ...failed, leases }))).toBe('publish');
    }
    expect(settle('failed', {}, [row]).open).toEqual([]);
  });

  it('are waited for like a leftover, listed at once, and closed by whoever writes them', () => {
    expect(needs('succeeded', [lease('pointers', later)])).toBe(false);
    expect(needs('succeeded', [lease('pointers')])).toBe(true);
    expect(findLeftovers([lease('pointers', later)], NOW)).toMatchObject([{ kind: 'pointers' }]);
    const directive = { type: 'publish', reason: 'They were to be written once more.' };
    const { close } = settle('succeeded', { directive }, [lease('pointers')], true);
    expect(close).toEqual([]);
  });
});

function settle(phase: Phase, ending: Ending, leases: readonly OpenLease[], errand = false) {
  return settleLeases({
    record: {
      ...record({ phase }),
      ...(errand && { errand: { type: 'retireBlue', begunAt: NOW } }),
    },
    leases,
    outcome: phase as 'succeeded',
    ending,
    now: NOW,
  });
}

describe('the rows of a deployment', () => {
  const failure = { state: 'RetireBlue', error: 'AwsRefused', cause: 'It is protected.' };
  it('say what could not be removed after a success, how to, and when it is tried again', () => {
    const { open, close } = settle('succeeded', { failure }, [lease('lock'), lease('bluePin')]);
    expect(open).toMatchObject([
      { kind: 'leftover', resource: 'web-blue', attempts: 1, expiresAt: instantAfter(NOW, 300) },
    ]);
    expect(open[0]?.undo).toContain('It is protected.');
    expect(close.map(({ kind }) => kind)).toEqual(['bluePin', 'lock']);
  });

  it('wait longer after every attempt in vain', () => {
    const before = lease('leftover', { resource: 'web-blue', attempts: 3 });
    const { open } = settle('succeeded', { failure }, [before], true);
    expect(open).toMatchObject([{ attempts: 4, expiresAt: instantAfter(NOW, 2400) }]);
  });

  it('are all done with when the errand for them is', () => {
    const directive = { type: 'finish', reason: 'Blue was gone.' };
    const before = [lease('leftover', { resource: 'web-blue' }), lease('lock')];
    expect(settle('succeeded', { directive }, before, true)).toEqual({ open: [], close: before });
  });

  it('stay for a person after a failure, and are listed from then on', () => {
    const later = instantAfter(NOW, 3600);
    const pin = lease('bluePin', { expiresAt: later });
    const { open, close } = settle('failed', {}, [pin, lease('lock')]);
    expect(open).toEqual([{ ...pin, expiresAt: NOW }]);
    expect(close.map(({ kind }) => kind)).toEqual(['lock']);
    expect(findLeftovers([pin], NOW)).toEqual([]);
    expect(findLeftovers(open, NOW)).toMatchObject([{ kind: 'bluePin', undo: 'Undo it.' }]);
  });
});

it('a deployment that holds for days is not overdue while it goes by its plan', () => {
  const steps = [{ greenWeightPercent: 100, holdSeconds: 3 * 86_400 }];
  const rows = [lockLease({ ...record(), plan: { ...plan, steps } }, NOW)];
  expect(findLeftovers(rows, instantAfter(NOW, 3 * 86_400))).toEqual([]);
  expect(findLeftovers(rows, instantAfter(NOW, 4 * 86_400))).toMatchObject([{ kind: 'lock' }]);
});

it('a recovery has one name for whoever starts it, which Step Functions takes', () => {
  const long = { deploymentId: `web-${'x'.repeat(76)}`, occasion: 'arn:first' };
  expect(recoveryName(long, 23)).toMatch(/^[\w-]{1,80}$/);
  expect(recoveryName(long, 0)).toBe(recoveryName({ ...long }, 0));
  expect(recoveryName(long, 0)).not.toBe(recoveryName({ ...long, occasion: 'arn:second' }, 0));
});
