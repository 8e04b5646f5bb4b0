/**
 * What operators may ask of a deployment and when, what their orders change, and what the policy
 * then does. A failing law prints its seed; re-run it with `FC_SEED=<seed> npx vitest run test/core`.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planApproval } from '../../shared/core/approvals.ts';
import { decideNextStep } from '../../shared/core/decide-next-step.ts';
import { decideRecovery } from '../../shared/core/decide-recovery.ts';
import { decideShiftTraffic } from '../../shared/core/decide-shift-traffic.ts';
import {
  decideVerb,
  possibleVerbs,
  type SignedOrder,
  type VerbDecision,
} from '../../shared/core/decide-verb.ts';
import { findInterruption } from '../../shared/core/decide-waiting.ts';
import { noteForeignChange } from '../../shared/core/foreign-changes.ts';
import { findClosedGate } from '../../shared/core/gates.ts';
import { parseOrder } from '../../shared/core/order-request.ts';
import { activePause, type Orders, type Verb, VERBS } from '../../shared/core/orders.ts';
import { planSteps } from '../../shared/core/plan.ts';
import { reportPlan } from '../../shared/core/plan-report.ts';
import type { DeploymentRecord, Errand } from '../../shared/core/record.ts';
import type { Situation } from '../../shared/core/situation.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { recorded } from './records.ts';
import { anySituation, anyWritten, fleet, NOW, plan, situation } from './situations.ts';

const seed = process.env['FC_SEED'];
fc.configureGlobal({ numRuns: 2000, ...(seed && { seed: Number(seed) }) });

const ADA = 'arn:aws:iam::111122223333:user/ada';
const LAST = plan.steps.length - 1;

/** A deployment in a situation, as its record says it. */
function recordOf(
  { plan: thePlan, progress, observation }: Situation,
  over: Partial<DeploymentRecord> = {},
): DeploymentRecord {
  return {
    ...recorded,
    plan: thePlan,
    progress,
    ...(observation.orders && { orders: observation.orders }),
    ...over,
  };
}

/** At 25 %, with five minutes of its hold left. */
function holding(over: Parameters<typeof situation>[0] = {}): Situation {
  const progress = { stepIndex: 0, holdUntil: instantAfter(NOW, 300), ...over.progress };
  return situation({ ...over, progress });
}

let keys = 0;
function order(verb: Verb, body: Record<string, unknown> = {}): SignedOrder {
  keys += 1;
  return { ...parseOrder(verb, body), by: ADA, key: `key-${keys}` };
}

function granted(decision: VerbDecision): Extract<VerbDecision, { type: 'granted' }> {
  if (decision.type !== 'granted') throw new Error(`It was refused: ${decision.reason}`);
  return decision;
}

/** The situation after an order was followed. */
function after(before: Situation, asked: SignedOrder): Situation {
  const { change } = granted(decideVerb(recordOf(before), asked, before.now));
  const { orders = before.observation.orders, abort } = change;
  return { ...before, observation: { ...before.observation, orders, ...(abort && { abort }) } };
}

function refused(before: Situation | DeploymentRecord, asked: SignedOrder) {
  const record = 'observation' in before ? recordOf(before) : before;
  const decision = decideVerb(record, asked, NOW);
  if (decision.type !== 'refused') throw new Error(`It was granted: ${decision.reason}`);
  return decision;
}

/** The situation after an order, if it makes sense there; otherwise the same. */
function obeyed(before: Situation, verb: Verb): Situation {
  const asked = order(verb, verb === 'extendHold' ? { seconds: 60 } : {});
  const decision = decideVerb(recordOf(before), asked, before.now);
  return decision.type === 'granted' ? after(before, asked) : before;
}

const limited = (onTimeout: string) => order('pause', { timeoutSeconds: 60, onTimeout });

const aMinuteAfter = (before: Situation) => ({ ...before, now: instantAfter(NOW, 60) });

const verbsOf = (record: DeploymentRecord) => possibleVerbs(record, NOW).map(({ verb }) => verb);

describe('what can be asked', () => {
  const WHILE_HOLDING = ['promote', 'promoteAll', 'pause', 'skipHold', 'extendHold'];
  const BACK = ['abort', 'rollback'];

  it.each<[string, Parameters<typeof situation>[0], readonly string[]]>([
    [
      'while green is made',
      { progress: { phase: 'preparingGreen', stepIndex: -1 } },
      ['promoteAll', 'pause'],
    ],
    [
      'while green boots',
      { progress: { phase: 'awaitingGreen', stepIndex: -1 } },
      ['promoteAll', 'pause'],
    ],
    ['while a weight is written', { progress: { phase: 'shifting' } }, ['promoteAll', 'pause']],
    ['while it holds', {}, WHILE_HOLDING],
    [
      'during the bake',
      { progress: { stepIndex: LAST } },
      ['promote', 'pause', 'skipHold', 'extendHold'],
    ],
    [
      'while a gate is closed',
      { progress: { gateClosedSince: NOW, holdUntil: NOW } },
      ['promoteAll', 'pause'],
    ],
  ])('%s', (_when, over, expected) => {
    const record = recordOf(holding(over));
    const inOrder = VERBS.filter((verb) => [...expected, ...BACK].includes(verb));
    expect(verbsOf(record)).toEqual(inOrder);
  });

  it('is nothing while blue takes everything back, or is being retired', () => {
    expect(verbsOf(recordOf(holding({ progress: { rollbackStartedAt: NOW } })))).toEqual([]);
    expect(verbsOf(recordOf(holding({ progress: { retirementStartedAt: NOW } })))).toEqual([]);
    expect(verbsOf(recordOf(holding({ progress: { phase: 'retiringBlue' } })))).toEqual([]);
  });

  it('is only an abort where an earlier version of Teal is at work', () => {
    const { takesOrders: _none, ...older } = plan;
    const record = { ...recordOf(holding()), plan: older };
    expect(verbsOf(record)).toEqual(BACK);
    expect(refused(record, order('pause')).reason).toContain('begun by an earlier version');
  });

  it('is a rollback of a success while its blue is kept, and nothing once it is gone', () => {
    const blue = { ...plan.blue, retention: { blue: 'full', seconds: 60 } as const };
    const ended = (retainedUntil: string) =>
      recordOf(situation({ plan: { blue }, progress: { phase: 'succeeded', retainedUntil } }));
    expect(verbsOf(ended(instantAfter(NOW, 60)))).toEqual(['rollback']);
    expect(verbsOf(ended(NOW))).toEqual([]);
    const during = (type: Errand['type']) =>
      verbsOf({ ...ended(instantAfter(NOW, 60)), errand: { type, begunAt: NOW } });
    // Only an errand that may touch a fleet is in its way.
    expect(during('tell')).toEqual(['rollback']);
    expect(during('publish')).toEqual(['rollback']);
    expect(during('retireBlue')).toEqual([]);
  });

  it('is told with every refusal', () => {
    const { reason, possible } = refused(holding(), order('resume'));
    expect(reason).toBe('It was not paused.');
    expect(possible).toEqual(verbsOf(recordOf(holding())));
    const late = refused(recordOf(situation({ progress: { phase: 'failed' } })), order('pause'));
    expect(late).toEqual({
      type: 'refused',
      reason: 'Deployment d-1 had ended as failed.',
      possible: [],
    });
  });
});

describe('an order', () => {
  it('says who gave it and why', () => {
    const { reason, line } = granted(
      decideVerb(recordOf(holding()), order('pause', { reason: 'p99 is odd' }), NOW),
    );
    expect(reason).toBe(`${ADA} paused it: p99 is odd`);
    expect(line).toEqual({ at: NOW, by: ADA, event: 'pause' });
  });

  it('with a limit says what happens then', () => {
    const asked = order('pause', { timeoutSeconds: 600, onTimeout: 'rollBack' });
    const { orders } = after(holding(), asked).observation;
    expect(orders?.paused).toMatchObject({
      until: instantAfter(NOW, 600),
      onTimeout: 'rollBack',
    });
  });

  it.each<[Verb, unknown, RegExp]>([
    ['pause', { seconds: 5 }, /seconds: no such key/],
    ['pause', { timeoutSeconds: 1 }, /timeoutSeconds/],
    ['pause', { onTimeout: 'resume' }, /timeoutSeconds: must be given with onTimeout/],
    ['extendHold', {}, /seconds: must be given/],
    ['extendHold', { seconds: 0 }, /seconds/],
    ['approve', { reason: 'x'.repeat(1001) }, /reason/],
    ['abort', { reason: 7 }, /reason/],
    ['skipHold', { by: 'somebody else' }, /by: no such key/],
    ['resume', [], /order to resume was refused/],
  ])('to %s with %j is refused', (verb, body, complaint) => {
    expect(() => parseOrder(verb, body)).toThrow(complaint);
    expect(() => parseOrder(verb, body)).toThrow(expect.objectContaining({ name: 'SpecRefused' }));
  });

  it('by the same key is one order, even when the deployment has moved on', () => {
    const asked = order('skipHold', { reason: 'seen enough' });
    const skipped = after(holding(), asked);
    const orders = skipped.observation.orders!;
    const next = holding({ progress: { stepIndex: 1 }, observation: { orders } });
    const again = granted(decideVerb(recordOf(next), asked, instantAfter(NOW, 60)));
    expect(again.change).toEqual({});
    expect(again.line.at).toBe(NOW);
    expect(decideNextStep(next).type).toBe('hold');
  });

  it('to extend adds once for each key', () => {
    const asked = order('extendHold', { seconds: 600 });
    const once = after(holding(), asked);
    const twice = after(once, asked);
    const thrice = after(twice, order('extendHold', { seconds: 600 }));
    const left = [once, twice, thrice].map(decideNextStep);
    expect(left).toMatchObject([{ seconds: 900 }, { seconds: 900 }, { seconds: 1500 }]);
  });

  it('to extend is refused where the hold would become longer than any may be', () => {
    const asked = order('extendHold', { seconds: 30 * 86_400 });
    expect(refused(holding(), asked).reason).toMatch(/longer than 2592000 s/);
  });

  it('to abort stays the first one that was given', () => {
    const first = after(holding(), order('abort', { reason: 'broken' }));
    const record = recordOf(first, { abort: first.observation.abort! });
    const second = granted(decideVerb(record, order('rollback', { reason: 'me too' }), NOW));
    expect(second).toMatchObject({ change: {}, reason: `${ADA} asked to abort: broken` });
  });
});

describe('the next step', () => {
  const over = holding({ progress: { holdUntil: NOW } });

  it('is not taken while somebody paused it, and is once it is resumed', () => {
    const paused = after(over, order('pause'));
    expect(decideNextStep(paused)).toMatchObject({ type: 'pause', seconds: 86_400 });
    expect(decideNextStep(after(paused, order('resume')))).toMatchObject({
      type: 'shift',
      greenWeightPercent: 50,
    });
  });

  it('is taken by itself when a pause has run out, or never if it was to lead back', () => {
    expect(decideNextStep(after(over, limited('resume')))).toMatchObject({ seconds: 60 });
    expect(decideNextStep(aMinuteAfter(after(over, limited('resume')))).type).toBe('shift');
    expect(decideNextStep(aMinuteAfter(after(over, limited('rollBack'))))).toMatchObject({
      type: 'rollBack',
      reason: expect.stringContaining(`that ${ADA} asked for`) as string,
    });
  });

  it('is taken at once when somebody promotes, although it was paused', () => {
    const paused = after(holding(), order('pause'));
    expect(decideNextStep(paused).type).toBe('pause');
    const promoted = decideNextStep(after(paused, order('promote', { reason: 'all is well' })));
    expect(promoted).toMatchObject({ type: 'shift', stepIndex: 1 });
    expect(promoted.reason).toContain(`${ADA} ended the hold early: all is well`);
  });

  it('leads to 100 % without holds when somebody promotes all, and bakes there', () => {
    const all = after(holding(), order('promoteAll'));
    expect(decideNextStep(all)).toMatchObject({ type: 'shift', stepIndex: 1 });
    const { observation } = all;
    const baking = { stepIndex: LAST, holdUntil: instantAfter(NOW, 600) };
    const full = situation({ progress: baking });
    const last = { ...full, observation: { ...full.observation, orders: observation.orders } };
    expect(decideNextStep(last)).toMatchObject({ type: 'hold', seconds: 600 });
  });

  it('leads back when green became too weak for a weight that was written but not confirmed', () => {
    const progress = {
      stepIndex: 1,
      writtenGreenWeightPercent: 50,
      confirmedGreenWeightPercent: 25,
    };
    const weak = { green: fleet({ healthyCount: 1 }) };
    expect(decideNextStep(situation({ progress, observation: weak }))).toEqual({
      type: 'rollBack',
      reason: 'Green had 1 healthy target of the 2 that 50 % need.',
    });
    const alone = { ...weak, blue: fleet({ healthyCount: 0 }) };
    expect(decideNextStep(situation({ progress, observation: alone }))).toMatchObject({
      type: 'hold',
      isGateClosed: true,
    });
  });

  it('waits for its gates whatever was ordered', () => {
    const weak = holding({ observation: { green: fleet({ healthyCount: 3 }) } });
    for (const verb of ['promote', 'promoteAll', 'skipHold'] as const) {
      expect(decideNextStep(after(weak, order(verb)))).toMatchObject({ isGateClosed: true });
    }
  });

  it('is finished when it was begun before the pause, and not begun after it', () => {
    const shift = { greenWeightPercent: 50, isReassertion: false };
    const paused = after(holding(), order('pause', { reason: 'wait' }));
    const { type, reason } = decideShiftTraffic(paused, { ...shift, stepIndex: 1 });
    expect([type, reason]).toEqual([
      'leave',
      `50 % were not written, because ${ADA} paused it: wait`,
    ]);
    expect(decideShiftTraffic(paused, { ...shift, stepIndex: 0 }).type).toBe('write');
  });
});

describe('an approval', () => {
  const approval = { afterSteps: [-1, 0, LAST], timeoutSeconds: 600, onTimeout: 'reject' } as const;
  const request = { stepIndex: 0, requestedAt: NOW, until: instantAfter(NOW, 600) };
  const due = situation({ plan: { approval }, progress: { stepIndex: 0 } });
  const pending = situation({
    plan: { approval },
    progress: { stepIndex: 0, approval: request, phase: 'awaitingApproval' },
  });

  it('is asked for when hold and gates are over, and not before', () => {
    expect(decideNextStep(due)).toMatchObject({ type: 'requestApproval', seconds: 600 });
    expect(decideNextStep(holding({ plan: { approval } })).type).toBe('hold');
    const weak = { ...due.observation, green: fleet({ healthyCount: 3 }) };
    expect(decideNextStep({ ...due, observation: weak })).toMatchObject({ isGateClosed: true });
  });

  it('is asked for before the first traffic and before blue goes, where the plan says so', () => {
    const first = situation({ plan: { approval }, progress: { stepIndex: -1 } });
    expect(decideNextStep(first).reason).toContain('asked for before the first traffic');
    const last = situation({ plan: { approval }, progress: { stepIndex: LAST } });
    expect(decideNextStep(last).reason).toContain('asked for before blue is retired');
  });

  it('leads on with a yes and back with a no, naming who said it', () => {
    expect(verbsOf(recordOf(pending))).toEqual(
      VERBS.filter((verb) =>
        ['approve', 'reject', 'promoteAll', 'pause', 'abort', 'rollback'].includes(verb),
      ),
    );
    const yes = decideNextStep(after(pending, order('approve', { reason: 'looks good' })));
    expect(yes).toMatchObject({ type: 'shift', stepIndex: 1 });
    expect(yes.reason).toContain(`${ADA} approved it after 25 %: looks good`);
    expect(decideNextStep(after(pending, order('reject', { reason: 'no' })))).toEqual({
      type: 'rollBack',
      reason: `${ADA} rejected it after 25 %: no`,
    });
  });

  it('that nobody gives in time counts as the plan says', () => {
    const late = { ...pending, now: request.until };
    expect(decideNextStep(late)).toMatchObject({
      type: 'rollBack',
      reason: expect.stringContaining('Nobody answered until') as string,
    });
    const lenient = { ...late.plan, approval: { ...approval, onTimeout: 'approve' as const } };
    expect(decideNextStep({ ...late, plan: lenient }).type).toBe('shift');
  });

  it('is only taken from those whom the service names', () => {
    const approvers = ['arn:aws:sts::*:assumed-role/Deployers/*'];
    const strict = situation({
      plan: { approval: { ...approval, approvers } },
      progress: pending.progress,
    });
    expect(refused(strict, order('approve')).reason).toContain(`${ADA} was not among those`);
    const by = 'arn:aws:sts::111122223333:assumed-role/Deployers/grace';
    const decision = decideVerb(recordOf(strict), { ...order('approve'), by }, NOW);
    expect(decision.type).toBe('granted');
    const nearly = 'arn:aws:sts::111122223333:assumed-role/NoDeployers/grace';
    expect(decideVerb(recordOf(strict), { ...order('approve'), by: nearly }, NOW).type).toBe(
      'refused',
    );
  });

  it('is taken by the whole name of who gives it, of which the record keeps the beginning', () => {
    const by = `arn:aws:sts::111122223333:assumed-role/${'deployers/'.repeat(30)}grace`;
    const strict = situation({
      plan: { approval: { ...approval, approvers: ['arn:aws:sts::*/grace'] } },
      progress: pending.progress,
    });
    const { change, line } = granted(
      decideVerb(recordOf(strict), { ...order('approve'), by }, NOW),
    );
    expect(change.orders?.approvals?.[0]?.by).toBe(by.slice(0, 255));
    expect(line.by).toBe(by.slice(0, 255));
    const other = { ...order('approve'), by: by.replace('grace', 'eve') };
    expect(decideVerb(recordOf(strict), other, NOW).type).toBe('refused');
  });

  it('is given once, and is not a matter of order between yes and no', () => {
    const yes = after(pending, order('approve'));
    expect(refused(yes, order('reject')).reason).toContain('approved it after 25 %');
    expect(refused(due, order('approve')).reason).toBe('No approval was asked for.');
  });

  it('is not skipped by any order about holds', () => {
    for (const verb of ['promote', 'skipHold'] as const) refused(pending, order(verb));
    expect(decideNextStep(after(pending, order('promoteAll'))).type).toBe('requestApproval');
  });

  it('is planned for the steps that ask, and for both ends where the service asks', () => {
    const steps = planSteps(
      { type: 'steps', steps: [{ greenWeightPercent: 10, holdSeconds: 60, approval: true }] },
      600,
    );
    expect(steps).toEqual([
      { greenWeightPercent: 10, holdSeconds: 60 },
      { greenWeightPercent: 100, holdSeconds: 600 },
    ]);
    const strategy = {
      type: 'steps' as const,
      steps: [{ greenWeightPercent: 10, holdSeconds: 60, approval: true }],
    };
    const terms = { timeoutSeconds: 60, onTimeout: 'approve' as const };
    const planned = planApproval(
      { strategy, approval: { ...terms, before: ['retirement', 'traffic'] } },
      steps,
    );
    expect(planned).toEqual({ ...terms, afterSteps: [-1, 0, 1] });
    expect(planApproval({ strategy }, steps)).toMatchObject({
      afterSteps: [0],
      timeoutSeconds: 7 * 86_400,
      onTimeout: 'reject',
    });
    expect(planApproval({ strategy: { type: 'allAtOnce' } }, steps)).toBeUndefined();
    expect(reportPlan({ ...plan, steps, approval: planned! }).approvals?.[1]).toBe(
      'after 10 %; without an answer in 60 s it counts as approved.',
    );
  });
});

describe('the laws of orders', () => {
  const anyVerb = fc.constantFrom(...VERBS);

  const anyMoment = fc.oneof(anySituation, anyWritten);

  it('a paused deployment never takes a further step', () => {
    fc.assert(
      fc.property(anySituation, (before) => {
        const directive = decideNextStep(before);
        const isFurther =
          directive.type === 'retire' ||
          directive.type === 'grow' ||
          (directive.type === 'shift' && directive.stepIndex > before.progress.stepIndex);
        expect(isFurther && activePause(before.observation.orders, before.now)).toBeFalsy();
      }),
    );
  });

  it('no order makes the weight of green fall but by the way back', () => {
    fc.assert(
      fc.property(anySituation, anyVerb, (before, verb) => {
        const directive = decideNextStep(obeyed(before, verb));
        if (directive.type !== 'shift') return;
        const { confirmedGreenWeightPercent } = before.progress;
        expect(directive.greenWeightPercent).toBeGreaterThanOrEqual(confirmedGreenWeightPercent);
      }),
    );
  });

  it('no order opens a gate', () => {
    fc.assert(
      fc.property(anySituation, anyVerb, (before, verb) => {
        const situated = obeyed(before, verb);
        const directive = decideNextStep(situated);
        const isFurther =
          directive.type === 'shift' && directive.stepIndex > before.progress.stepIndex;
        expect(isFurther && findClosedGate(situated)).toBeFalsy();
      }),
    );
  });

  it('no step is taken past an approval that nobody gave', () => {
    fc.assert(
      fc.property(anySituation, anyVerb, (before, verb) => {
        const situated = obeyed(before, verb);
        const directive = decideNextStep(situated);
        const { plan: thePlan, progress, observation } = situated;
        const isFurther =
          directive.type === 'retire' ||
          (directive.type === 'shift' && directive.stepIndex > progress.stepIndex);
        const isAsked = thePlan.approval?.afterSteps.includes(progress.stepIndex);
        if (!isFurther || !isAsked) return;
        const answer = observation.orders?.approvals?.[progress.stepIndex]?.decision;
        const isOver = (progress.approval?.until ?? '9') <= situated.now;
        const counts = answer ?? (isOver ? thePlan.approval?.onTimeout : 'nothing');
        expect(counts).toBe('approve');
      }),
    );
  });

  it('the same order twice is the same as once', () => {
    fc.assert(
      fc.property(anySituation, anyVerb, (before, verb) => {
        const asked = order(verb, verb === 'extendHold' ? { seconds: 60 } : {});
        const once = decideVerb(recordOf(before), asked, before.now);
        if (once.type === 'refused') return;
        const { abort, orders } = once.change;
        const changed = recordOf(before, { ...(abort && { abort }), ...(orders && { orders }) });
        const twice = decideVerb(changed, asked, instantAfter(before.now, 5));
        expect(twice).toEqual({
          ...once,
          change: {},
          ...(abort && { line: { ...once.line, event: 'abort' } }),
        });
      }),
    );
  });

  it('whatever the policy waits for, a look at the same instant finds nothing against it', () => {
    const states = { hold: 'Hold', pause: 'Paused', requestApproval: 'RequestApproval' } as const;
    fc.assert(
      fc.property(anyMoment, anyVerb, (earlier, verb) => {
        const before = obeyed(earlier, verb);
        const directive = decideNextStep(before);
        if (!(directive.type in states)) return;
        const isGate = directive.type === 'hold' && directive.isGateClosed === true;
        const { gateClosedSince: since = before.now, ...open } = before.progress;
        const progress = {
          ...open,
          ...(isGate && { gateClosedSince: since }),
          ...(directive.type === 'pause' && noteForeignChange(open, directive, before.now)),
        };
        const state = states[directive.type as keyof typeof states];
        const asked =
          directive.type === 'requestApproval'
            ? { stepIndex: progress.stepIndex, requestedAt: NOW, until: directive.until }
            : progress.approval;
        const left = { ...progress, ...(asked && { approval: asked }) };
        expect(findInterruption(state, { ...before, progress: left })).toBeUndefined();
      }),
    );
  });

  it('whatever weight the policy wants is not left out by who writes it at the same instant', () => {
    fc.assert(
      fc.property(anyMoment, anyVerb, (before, verb) => {
        const situated = obeyed(before, verb);
        const directive = decideNextStep(situated);
        if (directive.type !== 'shift') return;
        const { isReassertion = false, ...shift } = directive;
        expect(decideShiftTraffic(situated, { ...shift, isReassertion }).type).toBe('write');
      }),
    );
  });

  it('what is offered is granted, and what is not is refused', () => {
    fc.assert(
      fc.property(anySituation, anyVerb, (before, verb) => {
        const record = recordOf(before);
        const offered = verbsOf(record).includes(verb);
        const asked = order(verb, verb === 'extendHold' ? { seconds: 1 } : {});
        expect(decideVerb(record, asked, NOW).type).toBe(offered ? 'granted' : 'refused');
      }),
    );
  });
});

describe('a recovery', () => {
  const driver = { isRunning: false, status: 'ABORTED', stoppedAt: instantAfter(NOW, -60) };
  const bake = { stepIndex: LAST, holdUntil: instantAfter(NOW, -90) };
  const recover = (before: Situation, orders?: Orders) =>
    decideRecovery({
      record: recordOf(before, orders ? { orders } : {}),
      leases: [],
      driver,
      observation: before.observation,
      now: NOW,
    }).type;
  const baked = situation({ progress: bake });

  it('finishes what had baked, and rolls back what was paused or waited for a yes', () => {
    expect(recover(baked)).toBe('retireBlue');
    const pause = { by: ADA, reason: 'wait', at: NOW, onTimeout: 'resume' } as const;
    expect(recover(baked, { paused: pause })).toBe('rollBack');
    const approval = { afterSteps: [LAST], timeoutSeconds: 600, onTimeout: 'reject' } as const;
    const asked = situation({ plan: { approval }, progress: bake });
    expect(recover(asked)).toBe('rollBack');
    const answer = { by: ADA, reason: 'fine', at: NOW, decision: 'approve' } as const;
    expect(recover(asked, { approvals: { [LAST]: answer } })).toBe('retireBlue');
    const ended = { ...pause, until: instantAfter(NOW, -75), at: instantAfter(NOW, -80) };
    expect(recover(baked, { paused: ended })).toBe('retireBlue');
    expect(recover(baked, { paused: { ...ended, onTimeout: 'rollBack' } })).toBe('rollBack');
  });

  it('goes by the bake that operators made longer or shorter', () => {
    const at = instantAfter(NOW, -120);
    const signed = { by: ADA, reason: 'look', at, stepIndex: LAST };
    const extended = { ...signed, until: instantAfter(NOW, 60) };
    expect(recover(baked, { extended })).toBe('rollBack');
    const long = situation({ progress: { ...bake, holdUntil: instantAfter(NOW, 600) } });
    expect(recover(long)).toBe('rollBack');
    expect(recover(long, { skipped: signed })).toBe('retireBlue');
  });
});
