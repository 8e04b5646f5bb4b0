/** A pause over weights that somebody else changed: how long it lasts, who is told, what ends it. */
import { describe, expect, it } from 'vitest';
import { decideConfirmTraffic } from '../../shared/core/decide-confirm-traffic.ts';
import { decideNextStep } from '../../shared/core/decide-next-step.ts';
import { decideVerb, possibleVerbs } from '../../shared/core/decide-verb.ts';
import { findInterruption } from '../../shared/core/decide-waiting.ts';
import { describePause } from '../../shared/core/describe-pause.ts';
import { noteForeignChange } from '../../shared/core/foreign-changes.ts';
import { parseOrder } from '../../shared/core/order-request.ts';
import type { Orders, Verb } from '../../shared/core/orders.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import type { Situation } from '../../shared/core/situation.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { recorded } from './records.ts';
import { fleet, NOW, plan, routesAt, situation } from './situations.ts';

const ADA = 'arn:aws:iam::111122223333:user/ada';
const ROUTE = plan.routes[0]?.id ?? '';
const TOMORROW = instantAfter(NOW, 86_400);

/** Weights that are nobody's of ours; `age` is how long they have been waited out. */
function foreign(age?: number, over: Parameters<typeof situation>[0] = {}): Situation {
  const since = age === undefined ? undefined : instantAfter(NOW, -age);
  return situation({
    ...over,
    plan: { onForeignChange: 'pause' },
    progress: {
      stepIndex: 0,
      holdUntil: instantAfter(NOW, 300),
      ...(since && { phase: 'paused', foreignChange: { routeId: ROUTE, since, lookedAt: NOW } }),
      ...over.progress,
    },
    observation: { routes: routesAt(60), ...over.observation },
  });
}

/** The record of a deployment that is paused in that situation. */
function recordOf({ plan: thePlan, progress }: Situation, orders?: Orders): DeploymentRecord {
  return {
    ...recorded,
    plan: thePlan,
    progress,
    ...(orders && { orders }),
  };
}

const order = (verb: Verb) => ({ ...parseOrder(verb, { reason: 'why' }), by: ADA, key: verb });

const ordersAfter = (before: Situation, verb: Verb): Orders => {
  const decision = decideVerb(recordOf(before), order(verb), NOW);
  return (decision.type === 'granted' && decision.change.orders) || {};
};

describe('weights that somebody else changed', () => {
  it('pause a deployment wherever they are seen, and it is said until when', () => {
    const said = {
      type: 'pause',
      seconds: 300,
      foreignRouteId: ROUTE,
      reason: `Somebody else changed the weights of ${ROUTE} to blue 40 and green 60. It was paused until they are put back, or else until ${TOMORROW}.`,
    };
    expect(decideNextStep(foreign())).toEqual(said);
    expect(decideConfirmTraffic(foreign())).toMatchObject({ type: 'decide', isUnconfirmed: true });
  });

  it('are looked at every five minutes, and lead back after a day', () => {
    expect(decideNextStep(foreign(86_400 - 120))).toMatchObject({ type: 'pause', seconds: 120 });
    expect(decideNextStep(foreign(86_400))).toMatchObject({
      type: 'rollBack',
      reason: expect.stringContaining('Nobody put them back within 86400 s.') as string,
    });
  });

  it('that are waited out for hours leave a gate that closes then all of its time', () => {
    const none = fleet({ healthyCount: 0 });
    const weak = { green: none, blue: none, routes: routesAt(25) };
    const progress = { holdUntil: NOW };
    expect(decideNextStep(foreign(7200, { progress, observation: weak }))).toMatchObject({
      type: 'hold',
      isGateClosed: true,
    });
  });

  it('count from when they were seen first, however often they are looked at', () => {
    const { progress } = foreign(600);
    const since = instantAfter(NOW, -600);
    const noted = noteForeignChange(progress, { foreignRouteId: 'other' }, NOW);
    expect(noted).toEqual({ foreignChange: { routeId: 'other', since, lookedAt: NOW } });
    expect(noteForeignChange(progress, {}, NOW)).toEqual({});
  });

  it('send everything back to blue where green cannot carry what they give it', () => {
    const dead = { green: fleet({ healthyCount: 0 }) };
    expect(decideNextStep(foreign(60, { observation: dead }))).toMatchObject({
      type: 'rollBack',
      reason: 'Green had 0 healthy targets of the 3 that 60 % need.',
    });
    const none = { ...dead, routes: routesAt(0) };
    expect(decideNextStep(foreign(60, { observation: none })).type).toBe('pause');
    const both = { ...dead, blue: fleet({ healthyCount: 0 }) };
    expect(decideNextStep(foreign(60, { observation: both })).type).toBe('pause');
  });

  it('that were put back begin the hold anew, whatever was left of it, and however often asked', () => {
    const progress = { holdUntil: instantAfter(NOW, -7200) };
    const back = foreign(7200, { progress, observation: { routes: routesAt(25) } });
    expect(decideNextStep(back)).toEqual({
      type: 'shift',
      stepIndex: 0,
      greenWeightPercent: 25,
      reason: 'The weights were put back, so 25 % was written again and is held anew.',
    });
    expect(decideConfirmTraffic(back)).toMatchObject({ type: 'hold', seconds: 300 });
  });

  it('are waited out although nobody paused it, and although somebody did', () => {
    const paused = foreign(60);
    expect(findInterruption('Paused', paused)).toBeUndefined();
    const orders = ordersAfter(paused, 'pause');
    const both = { ...paused, observation: { ...paused.observation, orders } };
    expect(decideNextStep(both)).toMatchObject({ type: 'pause', foreignRouteId: ROUTE });
    expect(findInterruption('Paused', both)).toBeUndefined();
    const abort = { by: ADA, reason: 'why', at: NOW };
    const aborted = { ...both, observation: { ...both.observation, abort } };
    expect(findInterruption('Paused', aborted)).toMatchObject({ type: 'rollBack' });
  });

  it('are looked at once more for whoever resumed since the last look, and only then', () => {
    const { progress, ...rest } = foreign(60);
    const orders = ordersAfter({ progress, ...rest }, 'resume');
    const seen = (lookedAt: string) =>
      findInterruption('Paused', {
        ...rest,
        progress: { ...progress, foreignChange: { routeId: ROUTE, since: NOW, lookedAt } },
        observation: { ...rest.observation, orders },
      });
    expect(seen(NOW)).toMatchObject({ type: 'decide' });
    expect(seen(instantAfter(NOW, 1))).toBeUndefined();
  });
});

describe('who looks at a deployment that is paused over them', () => {
  it('sees what paused it, since when, and what happens if nobody does anything', () => {
    expect(describePause(recordOf(foreign(60)), NOW)).toEqual({
      by: `a foreign change on ${ROUTE}`,
      since: instantAfter(NOW, -60),
      until: instantAfter(NOW, 86_340),
      onTimeout: 'rollBack',
      isOrdered: false,
    });
    expect(describePause(recordOf(foreign()), NOW)).toBeUndefined();
  });

  it('sees who paused it where somebody did', () => {
    const progress = { phase: 'paused' } as const;
    const holding = situation({ progress: { stepIndex: 0, holdUntil: instantAfter(NOW, 300) } });
    const paused = recordOf(situation({ progress }), ordersAfter(holding, 'pause'));
    expect(describePause(paused, NOW)).toEqual({ by: ADA, since: NOW, isOrdered: true });
  });

  it('may resume it, which looks again, or abort it, and cannot end a hold', () => {
    const record = recordOf(foreign(60));
    const possible = possibleVerbs(record, NOW);
    const verbs = possible.map(({ verb }) => verb);
    expect(verbs).toEqual(['promoteAll', 'pause', 'resume', 'abort', 'rollback']);
    expect(possible.find(({ verb }) => verb === 'resume')?.sentence).toBe(
      'Look at the weights now; go on if they were put back, and stay paused otherwise.',
    );
    expect(decideVerb(record, order('resume'), NOW)).toMatchObject({
      type: 'granted',
      reason: `${ADA} had it look at the weights again: why`,
    });
    expect(decideVerb(record, order('promote'), NOW).type).toBe('refused');
  });

  it('leaves what an operator paused besides, and who did, to whoever resumes that', () => {
    const before = foreign(60);
    const orders = ordersAfter(before, 'pause');
    const decision = decideVerb(recordOf(before, orders), order('resume'), NOW);
    expect(decision).toMatchObject({
      type: 'granted',
      change: { orders: { paused: { by: ADA } } },
    });
  });
});
