/** What alarms mean for a deployment: red beforehand, without data, broken, or gone off unnoticed. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRIC_DELAY_SECONDS } from '../../shared/core/alarm-sight.ts';
import { toAlarmTerms } from '../../shared/core/alarm-terms.ts';
import { decideNextStep } from '../../shared/core/decide-next-step.ts';
import type { FoundAlarm } from '../../shared/core/estate.ts';
import { GATE_SECONDS_MAX } from '../../shared/core/gates.ts';
import { judgeAlarms, noteRecovered } from '../../shared/core/judge-alarms.ts';
import type { AlarmReading, AlarmTransition } from '../../shared/core/observation.ts';
import { planSteps, type Step } from '../../shared/core/plan.ts';
import {
  complainAboutAlarms,
  planAlarms,
  type PlannedAlarm,
  warnAboutAlarms,
} from '../../shared/core/plan-alarms.ts';
import type { Progress } from '../../shared/core/progress.ts';
import {
  type DeploymentSpec,
  parseDeploymentRequest,
  parseServiceDefinition,
  toSpec,
} from '../../shared/core/spec.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { NOW, situation } from './situations.ts';

const BEFORE = instantAfter(NOW, -3600);
const CONFIRMED = instantAfter(NOW, -300);

const definition = parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue' });
const request = { service: 'web', imageId: 'ami-00000000000000002', requestedBy: 'ann' };

/** A spec that watches one alarm. */
function watching(
  terms: Partial<PlannedAlarm> & { readonly mirror?: boolean } = {},
  over: Partial<DeploymentSpec> = {},
): DeploymentSpec {
  const { whenRed = 'block', missingData = 'missing', mirror } = terms;
  const wish = { name: 'web-5xx', whenRed, missingData, ...(mirror && { mirror }) };
  return { ...toSpec(definition, parseDeploymentRequest(request)), alarms: [wish], ...over };
}

/** The alarm as the planner finds it, of one period of a minute. */
function found(over: Partial<FoundAlarm> = {}): { readonly alarms: readonly FoundAlarm[] } {
  const alarm = { alarmName: 'web-5xx', state: 'OK', type: 'metric', windowSeconds: 60 } as const;
  return { alarms: [{ ...alarm, ...over }] };
}

const LONG: readonly Step[] = planSteps({ type: 'allAtOnce' }, 600);

describe('an alarm that is red before anything began', () => {
  const red = found({ state: 'ALARM', stateReason: '12 > 5', since: BEFORE });

  it('refuses the deployment unless it was said to do otherwise', () => {
    expect(complainAboutAlarms(watching(), red, LONG)).toEqual([
      'Alarm web-5xx is already in ALARM (12 > 5); clear it first, or give fixForward with a reason if this version is the cure.',
    ]);
    for (const whenRed of ['armWhenRecovered', 'ignore'] as const) {
      expect(complainAboutAlarms(watching({ whenRed }), red, LONG)).toEqual([]);
    }
  });

  it('is let through by a fix forward, and kept in the plan with who and why', () => {
    const spec = watching({}, { fixForward: { reason: 'v2 mends it' } });
    expect(complainAboutAlarms(spec, red, LONG)).toEqual([]);
    const plan = planAlarms(spec, red, 'web-g');
    expect(plan.fixForward).toEqual({ by: 'ann', reason: 'v2 mends it' });
    expect(plan.watchedAlarms).toMatchObject([
      { whenRed: 'armWhenRecovered', atStart: { state: 'ALARM', since: BEFORE } },
    ]);
    expect(warnAboutAlarms(spec, red, LONG)).toEqual([
      'ann let alarms be red that were so already: v2 mends it.',
      'Alarm web-5xx was already in ALARM and counted once it had been seen OK.',
    ]);
  });

  it('does not have a fix forward asked for by nobody', () => {
    const { requestedBy: _nobody, ...anonymous } = request;
    const fixForward = { reason: 'v2 mends it' };
    expect(() => parseDeploymentRequest({ ...anonymous, fixForward })).toThrow(
      /requestedBy: must be given with fixForward/,
    );
    expect(parseDeploymentRequest({ ...request, fixForward })).toMatchObject({ fixForward });
  });
});

it('an alarm whose evaluation is broken is refused, unless it is to be ignored', () => {
  const broken = found({ evaluationState: 'EVALUATION_ERROR', stateReason: 'No permission.' });
  for (const whenRed of ['block', 'armWhenRecovered'] as const) {
    expect(complainAboutAlarms(watching({ whenRed }), broken, LONG)).toEqual([
      'Alarm web-5xx cannot be trusted, because CloudWatch says EVALUATION_ERROR (No permission.); mend it first.',
    ]);
  }
  const ignoring = watching({ whenRed: 'ignore' });
  expect(complainAboutAlarms(ignoring, broken, LONG)).toEqual([]);
  expect(warnAboutAlarms(ignoring, broken, LONG)).toEqual([
    'Alarm web-5xx was EVALUATION_ERROR before anything began and had no say.',
  ]);
});

it('an alarm that nobody knows is refused on any terms', () => {
  const spec = watching({ whenRed: 'ignore' });
  expect(complainAboutAlarms(spec, found({ state: 'absent' }), LONG)).toEqual([
    'CloudWatch knows no alarm web-5xx; create it or take it out of the list.',
  ]);
});

const define = (alarms: unknown) =>
  parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue', alarms });

it('an alarm is taken by its name, and twice by none', () => {
  expect(define(['a', { name: 'b' }]).alarms.map(toAlarmTerms)).toEqual([
    { name: 'a', whenRed: 'block', missingData: 'missing' },
    { name: 'b', whenRed: 'block', missingData: 'missing' },
  ]);
  expect(() => define(['a', { name: 'a' }])).toThrow(/alarms: names an alarm more than once/);
  expect(() => define([7])).toThrow(/alarms\.0: must be the name/);
  expect(() => define([{ name: 'a', whenRed: 'block ' }])).toThrow(
    /alarms\.0\.whenRed: .*did you mean block\?/,
  );
});

describe('a hold in which an alarm can see nothing', () => {
  const slow = found({ windowSeconds: 300 });
  const needed = 300 + METRIC_DELAY_SECONDS;

  it('is refused for the bake with the length that it needs', () => {
    const [enough, tooShort] = [needed, needed - 1].map((bake) =>
      complainAboutAlarms(watching(), slow, planSteps({ type: 'allAtOnce' }, bake)),
    );
    expect(enough).toEqual([]);
    expect(tooShort).toEqual([
      `The bake time of ${needed - 1} s is too short, because alarm web-5xx takes up to ${needed} s to see anything; make it ${needed} s or more.`,
    ]);
  });

  it('is refused for a canary and for linear steps as well', () => {
    const canary = { type: 'canary', greenWeightPercent: 10, holdSeconds: 60 } as const;
    const linear = { type: 'linear', stepPercent: 20, holdSeconds: 60 } as const;
    for (const strategy of [canary, linear]) {
      const spec = watching({}, { strategy });
      expect(complainAboutAlarms(spec, slow, planSteps(strategy, 600))).toEqual([
        expect.stringMatching(/^The hold of 60 s is too short/),
      ]);
    }
  });

  it('is a choice in a list of steps, and said', () => {
    const steps = [0, 60, 600].map((holdSeconds, index) => ({
      greenWeightPercent: 10 * (index + 1),
      holdSeconds,
    }));
    const strategy = { type: 'steps', steps } as const;
    const spec = watching({}, { strategy });
    const planned = planSteps(strategy, 600);
    expect(complainAboutAlarms(spec, slow, planned)).toEqual([]);
    expect(warnAboutAlarms(spec, slow, planned)).toEqual([
      `Alarm web-5xx takes up to ${needed} s to see anything, so what green does at 10 %, 20 % may be seen only after the next step.`,
    ]);
  });

  it('does not matter for an alarm without a say, or of which nobody knows the periods', () => {
    const brief = planSteps({ type: 'allAtOnce' }, 1);
    const red = found({ state: 'ALARM' });
    expect(complainAboutAlarms(watching({ whenRed: 'ignore' }), red, brief)).toEqual([]);
    const { windowSeconds: _unknown, ...log } = found({ type: 'log' }).alarms[0] as FoundAlarm;
    expect(complainAboutAlarms(watching(), { alarms: [log] }, brief)).toEqual([]);
  });
});

describe('an alarm that watches blue alone', () => {
  const blueOnly = found({ namesBlueAs: "blue's target group targetgroup/web/1" });

  it('is said to go blind, unless it is mirrored', () => {
    expect(warnAboutAlarms(watching(), blueOnly, LONG)).toEqual([
      expect.stringContaining('goes blind when green takes over'),
    ]);
    expect(warnAboutAlarms(watching({ mirror: true }), blueOnly, LONG)).toEqual([]);
  });

  it('is mirrored under a name of green, and itself excused when blue falls silent', () => {
    const spec = watching({ mirror: true, missingData: 'breaching', whenRed: 'ignore' });
    const { alarms, watchedAlarms } = planAlarms(spec, blueOnly, 'web-g');
    expect(alarms).toEqual(['web-5xx', 'web-g/watched/web-5xx']);
    expect(watchedAlarms).toMatchObject([
      { missingData: 'ignore' },
      { missingData: 'breaching', whenRed: 'block', mirrorOf: 'web-5xx', secondsToSee: 240 },
    ]);
  });

  it('is not mirrored where there is nothing to mirror, or nothing can be', () => {
    const mirrored = watching({ mirror: true });
    expect(planAlarms(mirrored, found(), 'web-g').alarms).toEqual(['web-5xx']);
    expect(warnAboutAlarms(mirrored, found(), LONG)).toEqual([
      'Alarm web-5xx does not name blue, so there was nothing to mirror.',
    ]);
    const composite = found({ type: 'composite' });
    expect(complainAboutAlarms(mirrored, composite, LONG)).toEqual([
      expect.stringContaining('is a composite alarm, of which no copy for green can be made'),
    ]);
  });
});

/** A deployment that has held 25 % for five minutes and watches one alarm. */
function holding(
  reading: Partial<AlarmReading>,
  planned: Partial<PlannedAlarm> = {},
  progress: Partial<Progress> = {},
) {
  const alarm = { alarmName: 'web-5xx', state: 'OK', ...reading } as const;
  return situation({
    plan: {
      createdAt: BEFORE,
      watchedAlarms: [
        { alarmName: 'web-5xx', whenRed: 'block', missingData: 'missing', ...planned },
      ],
    },
    progress: { confirmedAt: CONFIRMED, ...progress },
    observation: { alarms: { type: 'read', alarms: [alarm] } },
  });
}

const to = (state: AlarmTransition['to'], secondsAgo: number, reason?: string) => ({
  at: instantAfter(NOW, -secondsAgo),
  to: state,
  ...(reason !== undefined && { reason }),
});

describe('an alarm that went off and cleared within one hold', () => {
  it('rolls back all the same', () => {
    const transitions = [to('ALARM', 200, '12 > 5'), to('OK', 80)];
    expect(decideNextStep(holding({ transitions }))).toEqual({
      type: 'rollBack',
      reason: `Alarm web-5xx went into ALARM at ${instantAfter(NOW, -200)} and cleared unnoticed: 12 > 5`,
    });
  });

  it('says nothing about this step if it was over before its weight was confirmed', () => {
    const transitions = [to('ALARM', 400), to('OK', 310)];
    expect(decideNextStep(holding({ transitions })).type).toBe('shift');
  });
});

describe('an alarm that has to recover first', () => {
  const planned = {
    whenRed: 'armWhenRecovered',
    atStart: { alarmName: 'web-5xx', state: 'ALARM', since: BEFORE },
  } as const;

  it('does not count while it is still red', () => {
    const red = holding({ state: 'ALARM', since: BEFORE }, planned);
    expect(decideNextStep(red).type).toBe('shift');
    expect(noteRecovered(red)).toEqual({});
  });

  it('counts from its first OK on, for good', () => {
    const green = holding({ state: 'OK' }, planned);
    expect(decideNextStep(green).type).toBe('shift');
    const recovered = noteRecovered(green);
    expect(recovered).toEqual({ recoveredAlarms: ['web-5xx'] });
    expect(decideNextStep(holding({ state: 'ALARM' }, planned, recovered)).type).toBe('rollBack');
    expect(noteRecovered(holding({ state: 'ALARM' }, planned, recovered))).toEqual(recovered);
  });

  it('counts when it was OK between two looks and is red again', () => {
    const transitions = [to('OK', 200), to('ALARM', 100)];
    const again = holding({ state: 'ALARM', transitions }, planned);
    expect(decideNextStep(again).type).toBe('rollBack');
  });

  it('has not recovered by losing its data, unless that is as good as OK', () => {
    const transitions = [to('INSUFFICIENT_DATA', 200), to('ALARM', 100)];
    const reading = { state: 'ALARM', transitions } as const;
    expect(decideNextStep(holding(reading, planned)).type).toBe('shift');
    const lenient = { ...planned, missingData: 'notBreaching' } as const;
    expect(decideNextStep(holding(reading, lenient)).type).toBe('rollBack');
  });
});

it('an alarm that was red and is ignored has no say, even when it is deleted', () => {
  const atStart = { alarmName: 'web-5xx', state: 'ALARM' } as const;
  for (const state of ['ALARM', 'absent', 'INSUFFICIENT_DATA'] as const) {
    const ignored = holding({ state }, { whenRed: 'ignore', atStart, missingData: 'breaching' });
    expect(decideNextStep(ignored).type).toBe('shift');
  }
  const healthy = { whenRed: 'ignore', atStart: { ...atStart, state: 'OK' } } as const;
  expect(decideNextStep(holding({ state: 'ALARM' }, healthy)).type).toBe('rollBack');
});

describe('an alarm without data', () => {
  const silent = { state: 'INSUFFICIENT_DATA', since: BEFORE } as const;

  it('says nothing, which is said with the step that is taken without it', () => {
    const directive = decideNextStep(holding(silent));
    expect(directive.type).toBe('shift');
    expect(directive.reason).toContain('Alarm web-5xx had no data.');
  });

  it.each(['notBreaching', 'ignore'] as const)('is not worth a word with %s', (missingData) => {
    const directive = decideNextStep(holding(silent, { missingData }));
    expect(directive.type).toBe('shift');
    expect(directive.reason).not.toContain('data');
  });

  it('rolls back with breaching once green had traffic for as long as it takes to see', () => {
    const planned = { missingData: 'breaching', secondsToSee: 300 } as const;
    expect(decideNextStep(holding(silent, planned))).toEqual({
      type: 'rollBack',
      reason:
        'Alarm web-5xx had no data 300 s after green was given 25 %, which counts as breaching.',
    });
    const early = holding(silent, { ...planned, secondsToSee: 301 });
    expect(decideNextStep(early).type).toBe('shift');
    const untried = holding(silent, planned, {
      confirmedGreenWeightPercent: 0,
      writtenGreenWeightPercent: 0,
    });
    expect(judgeAlarms(untried)).toEqual([{ type: 'pass', reason: '' }]);
  });

  it('rolls back at once with breaching when its data ended under this weight', () => {
    const ended = { state: 'INSUFFICIENT_DATA', since: instantAfter(NOW, -30) } as const;
    const planned = { missingData: 'breaching', secondsToSee: 3600 } as const;
    expect(decideNextStep(holding(ended, planned)).type).toBe('rollBack');
  });
});

describe('an alarm whose evaluation breaks on the way', () => {
  const broken = { evaluationState: 'EVALUATION_FAILURE' } as const;

  it('keeps the next step waiting, and not for ever', () => {
    expect(decideNextStep(holding(broken))).toMatchObject({
      type: 'hold',
      isGateClosed: true,
      reason: 'Alarm web-5xx could not be trusted, because CloudWatch said EVALUATION_FAILURE.',
    });
    const gateClosedSince = instantAfter(NOW, -GATE_SECONDS_MAX);
    expect(decideNextStep(holding(broken, {}, { gateClosedSince })).type).toBe('rollBack');
  });

  it('is believed when it says ALARM', () => {
    expect(decideNextStep(holding({ ...broken, state: 'ALARM' })).type).toBe('rollBack');
  });
});

describe('whatever the terms', () => {
  const anyTerms = fc.record({
    whenRed: fc.constantFrom('block', 'armWhenRecovered', 'ignore' as const),
    missingData: fc.constantFrom('breaching', 'notBreaching', 'ignore', 'missing' as const),
    secondsToSee: fc.nat(1000),
  });
  const anyState = fc.constantFrom('OK', 'ALARM', 'INSUFFICIENT_DATA' as const);

  it('an alarm that was fine at the start and is red never lets green have more', () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const atStart = { alarmName: 'web-5xx', state: 'OK' } as const;
        expect(decideNextStep(holding({ state: 'ALARM' }, { ...terms, atStart })).type).toBe(
          'rollBack',
        );
      }),
    );
  });

  it('an alarm that was not red in this step, and has data, never takes traffic from green', () => {
    const history = fc.array(
      fc.record({ ago: fc.integer({ min: 301, max: 4000 }), state: anyState }),
    );
    fc.assert(
      fc.property(anyTerms, anyState, history, (terms, startState, items) => {
        const atStart = { alarmName: 'web-5xx', state: startState } as const;
        const transitions = items
          .toSorted((left, right) => right.ago - left.ago)
          .map(({ ago, state }) => to(state, ago));
        const calm = holding({ state: 'OK', transitions }, { ...terms, atStart });
        expect(decideNextStep(calm).type).toBe('shift');
      }),
    );
  });

  it('an alarm that has recovered once stays recovered, whatever comes after', () => {
    fc.assert(
      fc.property(anyTerms, fc.array(anyState, { maxLength: 6 }), (terms, states) => {
        const atStart = { alarmName: 'web-5xx', state: 'ALARM' } as const;
        let progress: Partial<Progress> = {};
        for (const state of states) {
          const before = progress.recoveredAlarms ?? [];
          progress = noteRecovered(holding({ state }, { ...terms, atStart }, progress));
          expect(progress.recoveredAlarms ?? []).toEqual(expect.arrayContaining([...before]));
          expect(new Set(progress.recoveredAlarms).size).toBe(
            progress.recoveredAlarms?.length ?? 0,
          );
        }
      }),
    );
  });
});
