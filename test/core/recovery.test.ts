/** What a recovery must never do, whatever an execution left behind, and what it does where. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideRecovery,
  needsRecovery,
  type RecoverySituation,
} from '../../shared/core/decide-recovery.ts';
import { decideOutcome, type Ending } from '../../shared/core/decide-outcome.ts';
import type { LeaseKind, OpenLease } from '../../shared/core/leases.ts';
import { findLeftovers } from '../../shared/core/leftovers.ts';
import { recoveryName } from '../../shared/core/names.ts';
import { lockLease, noticeLease } from '../../shared/core/open-leases.ts';
import { hasEnded, type Phase, type Progress } from '../../shared/core/progress.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { settleLeases } from '../../shared/core/settle-leases.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { anyObservation, fleet, NOW, plan, routesAt, situation } from './situations.ts';

const LAST = plan.steps.length - 1;

function lease(kind: LeaseKind, over: Partial<OpenLease> = {}): OpenLease {
  return {
    deploymentId: 'd-1',
    service: 'web',
    kind,
    owner: 'arn:first',
    expiresAt: instantAfter(NOW, -60),
    undo: 'Undo it.',
    ...over,
  };
}

function record(progress: Partial<Progress> = {}): DeploymentRecord {
  return {
    deploymentId: 'd-1',
    service: 'web',
    startedAt: NOW,
    executionArn: 'arn:first',
    request: {},
    plan,
    progress: { ...situation({ progress: { stepIndex: LAST } }).progress, ...progress },
    fence: 1,
    revision: 7,
  };
}

/** An execution that was stopped a minute ago, at 100 % on green and after its bake. */
function left(over: Partial<RecoverySituation> = {}): RecoverySituation {
  return {
    record: record({ holdUntil: instantAfter(NOW, -90) }),
    leases: [lease('lock'), lease('bluePin')],
    driver: { isRunning: false, status: 'ABORTED', stoppedAt: instantAfter(NOW, -60) },
    servingGroupName: 'web-blue',
    observation: situation({ progress: { stepIndex: LAST } }).observation,
    now: NOW,
    ...over,
  };
}

const PHASES: readonly Phase[] = [
  'planned',
  'preparingGreen',
  'awaitingGreen',
  'shifting',
  'holding',
  'retiringBlue',
  'rollingBack',
  'cleaningUpGreen',
  'refused',
  'succeeded',
  'rolledBack',
  'failed',
];

const maybe = (seconds: number) =>
  fc.option(fc.constant(instantAfter(NOW, seconds)), { nil: undefined });

const anyLeft: fc.Arbitrary<RecoverySituation> = fc
  .record({
    phase: fc.constantFrom(...PHASES),
    stepIndex: fc.integer({ min: -1, max: LAST }),
    confirmed: fc.constantFrom(0, 25, 100),
    holdUntil: maybe(-90),
    bakedLate: fc.boolean(),
    retirementStartedAt: maybe(-30),
    rollbackStartedAt: maybe(-20),
    rollbackConfirmedAt: maybe(-10),
    observation: fc.option(anyObservation, { nil: undefined }),
    weight: fc.option(fc.constantFrom(0, 50, 100), { nil: undefined }),
    kinds: fc.subarray<LeaseKind>(['lock', 'bluePin', 'greenFreeze', 'leftover', 'retainedBlue']),
    isRunning: fc.boolean(),
    stoppedAgo: fc.option(fc.nat(120), { nil: undefined }),
    rival: fc.option(fc.constant('d-2'), { nil: undefined, freq: 2 }),
    serving: fc.constantFrom(undefined, 'web-blue', 'web-g', 'web-other'),
    abort: fc.boolean(),
  })
  .map(({ phase, stepIndex, confirmed, observation, weight, kinds, ...rest }) => {
    const { isRunning, stoppedAgo, rival, serving, abort, bakedLate, holdUntil } = rest;
    const times = {
      ...(holdUntil && { holdUntil: bakedLate ? NOW : holdUntil }),
      ...(rest.retirementStartedAt && { retirementStartedAt: rest.retirementStartedAt }),
      ...(rest.rollbackStartedAt && { rollbackStartedAt: rest.rollbackStartedAt }),
      ...(rest.rollbackConfirmedAt && { rollbackConfirmedAt: rest.rollbackConfirmedAt }),
    };
    const { holdUntil: _hold, ...progress } = record().progress;
    const seen = observation && {
      ...observation,
      ...(weight !== undefined && { routes: routesAt(weight) }),
      ...(abort && { abort: { by: 'ann', reason: 'wrong', at: NOW } }),
    };
    return {
      record: {
        ...record(),
        progress: {
          ...progress,
          ...times,
          phase,
          stepIndex,
          confirmedGreenWeightPercent: confirmed,
        },
      },
      leases: kinds.map((kind) => lease(kind)),
      driver: {
        isRunning,
        status: isRunning ? 'RUNNING' : 'ABORTED',
        ...(stoppedAgo !== undefined && { stoppedAt: instantAfter(NOW, -stoppedAgo) }),
      },
      now: NOW,
      ...(rival && { rival }),
      ...(serving && { servingGroupName: serving }),
      ...(seen && { observation: seen }),
    };
  });

function never(isBroken: (left: RecoverySituation) => boolean): void {
  fc.assert(fc.property(anyLeft, (one) => !isBroken(one)));
}

const typeOf = (one: RecoverySituation) => decideRecovery(one).type;
const carries = ({ observation }: RecoverySituation, colour: 'blue' | 'green') =>
  (observation?.routes ?? []).some(({ weights }) => (weights?.[colour] ?? 0) > 0);

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
      return typeOf(one) === 'retireBlue' && isThere && carries(one, 'blue');
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
    never((one) => typeOf(one) === 'cleanUpGreen' && carries(one, 'green'));
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
