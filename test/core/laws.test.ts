/**
 * The laws of the policy, stated as never and always over every situation that can be generated.
 * A failing run prints its seed; re-run it with `FC_SEED=<seed> npx vitest run test/core`.
 */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideAwaitGreen } from '../../shared/core/decide-await-green.ts';
import { decideConfirmTraffic } from '../../shared/core/decide-confirm-traffic.ts';
import { decideNextStep } from '../../shared/core/decide-next-step.ts';
import { decideCleanUpGreen, decideRetireBlue } from '../../shared/core/decide-removal.ts';
import { decideRollBack } from '../../shared/core/decide-roll-back.ts';
import { decideShiftTraffic } from '../../shared/core/decide-shift-traffic.ts';
import { judgeRevertReadiness } from '../../shared/core/revert-readiness.ts';
import { isAtWeight } from '../../shared/core/observation.ts';
import { planSteps } from '../../shared/core/plan.ts';
import type { Situation } from '../../shared/core/situation.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { anySituation } from './situations.ts';

const seed = process.env['FC_SEED'];
fc.configureGlobal({ numRuns: 2000, ...(seed && { seed: Number(seed) }) });

/** Holds a law against every situation; a failing run shows the smallest that breaks it. */
function always(holds: (situation: Situation) => boolean): void {
  fc.assert(fc.property(anySituation, holds));
}

/** The other way round, for laws that are clearer when they say what must not be. */
function never(happens: (situation: Situation) => boolean): void {
  always((situation) => !happens(situation));
}

const deciders = [
  decideAwaitGreen,
  decideConfirmTraffic,
  decideNextStep,
  decideRollBack,
  decideRetireBlue,
  decideCleanUpGreen,
];

describe('every decision', () => {
  it('always gives a reason, and gives the same answer to the same situation', () => {
    always((situation) =>
      deciders.every((decide) => {
        const directive = decide(situation);
        const again = decide(structuredClone(situation));
        return directive.reason.length > 10 && isDeepStrictEqual(again, directive);
      }),
    );
  });

  it('never makes the state machine wait less than a second or a part of one', () => {
    always((situation) =>
      deciders.every((decide) => {
        const directive = decide(situation);
        if (!('seconds' in directive) || decide === decideAwaitGreen) return true;
        return Number.isInteger(directive.seconds) && directive.seconds >= 1;
      }),
    );
  });
});

describe('the situations that are generated', () => {
  it('lead to every directive there is', () => {
    const seen = new Set<string>();
    const look = (situation: Situation): void => {
      for (const decide of deciders) seen.add(`${decide.name}: ${decide(situation).type}`);
    };
    // One seed of its own: whether a rare directive is met must not depend on luck.
    fc.assert(fc.property(anySituation, look), { seed: 1, numRuns: 5000 });
    const removals = [
      'delete',
      'deregister',
      'detach',
      'empty',
      'finish',
      'leave',
      'retain',
      'wait',
    ];
    expect([...seen].toSorted()).toEqual(
      [
        ...['advance', 'rollBack', 'wait'].map((type) => `decideAwaitGreen: ${type}`),
        ...removals
          .filter((type) => type !== 'retain')
          .map((type) => `decideCleanUpGreen: ${type}`),
        ...['decide', 'hold', 'rollBack', 'shiftAgain'].map(
          (type) => `decideConfirmTraffic: ${type}`,
        ),
        ...['grow', 'hold', 'pause', 'requestApproval', 'retire', 'rollBack', 'shift'].map(
          (type) => `decideNextStep: ${type}`,
        ),
        ...removals.map((type) => `decideRetireBlue: ${type}`),
        ...[
          'favourGreen',
          'giveUp',
          'keepGreen',
          'lendToGreen',
          'reattach',
          'restoreCapacity',
          'shiftBack',
          'wait',
        ].map((type) => `decideRollBack: ${type}`),
      ].toSorted(),
    );
  });
});

describe('the next step', () => {
  it('never gives green more traffic while an alarm is raised, gone or unreadable', () => {
    never((situation) => {
      const { alarms } = situation.observation;
      const isCalm =
        alarms.type === 'read' &&
        alarms.alarms.every(({ state }) => state === 'OK' || state === 'INSUFFICIENT_DATA');
      return !isCalm && isFurtherStep(situation);
    });
  });

  it('never lowers green, and never skips a step', () => {
    always((situation) => {
      const directive = decideNextStep(situation);
      if (directive.type !== 'shift') return true;
      const { stepIndex } = situation.progress;
      return (
        [Math.max(0, stepIndex), stepIndex + 1].includes(directive.stepIndex) &&
        directive.greenWeightPercent >= situation.progress.confirmedGreenWeightPercent
      );
    });
  });

  it('never stays on a green that is weaker than its traffic needs while blue could take it', () => {
    always((situation) => {
      const { blue, green } = situation.observation;
      const share = situation.progress.confirmedGreenWeightPercent / 100;
      const needed = Math.ceil(situation.plan.green.desiredCapacity * share);
      const isWeak = green.healthyCount < needed && blue.healthyCount > 0;
      return !(isWeak && areRoutesOurs(situation)) || decideNextStep(situation).type === 'rollBack';
    });
  });

  it('never writes over weights that are not ours unless it was told to', () => {
    always((situation) => {
      if (areRoutesOurs(situation) || situation.plan.onForeignChange === 'reassert') return true;
      return ['rollBack', 'pause', 'hold'].includes(decideNextStep(situation).type);
    });
  });

  it('never takes a further step while blue could not take everything back', () => {
    never((situation) => isFurtherStep(situation) && judgeRevertReadiness(situation).percent < 100);
  });

  it('never takes a further step while green is not whole in every zone', () => {
    never((situation) => {
      const { green } = situation.observation;
      const isWhole =
        green.healthyCount >= situation.plan.green.desiredCapacity &&
        situation.plan.green.zones.every((zone) => green.healthyZones.includes(zone));
      return isFurtherStep(situation) && !isWhole;
    });
  });

  it('never waits for a gate for ever', () => {
    always((situation) => {
      const directive = decideNextStep(situation);
      if (directive.type !== 'hold' || !directive.isGateClosed) return true;
      const { gateClosedSince = situation.now } = situation.progress;
      return secondsSince(gateClosedSince, situation) < 900;
    });
  });

  it('never waits for more than a day for weights that somebody else changed', () => {
    fc.assert(
      fc.property(anySituation, fc.nat(200_000), (before, age) => {
        const since = instantAfter(before.now, -age);
        const progress = {
          ...before.progress,
          foreignChange: { routeId: 'r', since, lookedAt: since },
        };
        const situation = { ...before, progress };
        const directive = decideNextStep(situation);
        if (directive.type !== 'pause' || !directive.foreignRouteId) return;
        expect(age + directive.seconds).toBeLessThanOrEqual(86_400);
      }),
    );
  });

  it('never counts a hold in which somebody else had changed the weights', () => {
    never((situation) => {
      const foreignChange = { routeId: 'r', since: situation.now, lookedAt: situation.now };
      const { stepIndex } = situation.progress;
      const progress = { ...situation.progress, foreignChange };
      return stepIndex >= 0 && isFurtherStep({ ...situation, progress });
    });
  });

  it('never retires blue before green held 100 % for its whole bake time, unless somebody ended it', () => {
    never((situation) => {
      const { confirmedGreenWeightPercent, holdUntil = '', stepIndex } = situation.progress;
      const isEnded = situation.observation.orders?.skipped?.stepIndex === stepIndex;
      const isOver = isEnded || Date.parse(situation.now) >= Date.parse(holdUntil);
      const isBaked = confirmedGreenWeightPercent === 100 && isOver;
      return decideNextStep(situation).type === 'retire' && !isBaked;
    });
  });
});

function secondsSince(instant: string, { now }: Situation): number {
  return (Date.parse(now) - Date.parse(instant)) / 1000;
}

/** Says whether the policy goes on: to a weight that green never had, or to the end of blue. */
function isFurtherStep(situation: Situation): boolean {
  const directive = decideNextStep(situation);
  if (directive.type === 'retire') return true;
  return (
    directive.type === 'shift' &&
    !directive.isReassertion &&
    directive.stepIndex > situation.progress.stepIndex
  );
}

/** Says whether every route stands at a weight that this deployment gave it. */
function areRoutesOurs({ progress, observation }: Situation): boolean {
  const ours = [progress.confirmedGreenWeightPercent, progress.writtenGreenWeightPercent];
  return observation.routes.every((route) => ours.some((weight) => isAtWeight(route, weight)));
}

describe('a write', () => {
  it('is never made onto a green that is weaker than the weight needs', () => {
    never((situation) => {
      const shift = { stepIndex: 0, greenWeightPercent: 50, isReassertion: false };
      const needed = Math.ceil(situation.plan.green.desiredCapacity / 2);
      const isWeak = situation.observation.green.healthyCount < needed;
      return isWeak && decideShiftTraffic(situation, shift).type === 'write';
    });
  });
});

describe('the confirmation', () => {
  it('never begins a hold unless every route says what was written', () => {
    never(({ progress, ...rest }) => {
      const situation = { progress, ...rest };
      const isRead = situation.observation.routes.every((route) =>
        isAtWeight(route, progress.writtenGreenWeightPercent),
      );
      const directive = decideConfirmTraffic(situation);
      const isBegun =
        (directive.type === 'hold' && !directive.isGateClosed) ||
        (directive.type === 'decide' && !directive.isUnconfirmed && !progress.isShiftLeft);
      return isBegun && !isRead;
    });
  });
});

describe('the rollback', () => {
  it('never moves traffic to a blue without a healthy target once green has some', () => {
    never((situation) => {
      const { observation, progress } = situation;
      const isMoving = decideRollBack(situation).type === 'shiftBack' && progress.stepIndex >= 0;
      return isMoving && observation.blue.healthyCount === 0;
    });
  });

  it('never moves traffic before blue was asked for its full capacity', () => {
    never((situation) => {
      const { plan, progress, observation } = situation;
      const { blue } = observation;
      const isMoving = decideRollBack(situation).type === 'shiftBack' && progress.stepIndex >= 0;
      return isMoving && blue.exists && blue.desiredCapacity < plan.green.desiredCapacity;
    });
  });

  it('never undoes a success whose retirement has begun while green carries everything', () => {
    always((situation) => {
      const { plan, progress, observation } = situation;
      const { green, routes } = observation;
      const isWon =
        progress.retirementStartedAt !== undefined &&
        green.healthyCount >= Math.max(plan.green.desiredCapacity, progress.neededCapacity ?? 0) &&
        routes.every(({ weights }) => (weights?.blue ?? 0) === 0);
      return (decideRollBack(situation).type === 'keepGreen') === isWon;
    });
  });

  it('never gives up, nor waits, while blue has traffic that only green could answer', () => {
    never((situation) => {
      const { plan, progress, observation } = situation;
      const { blue, green, routes } = observation;
      const needed = Math.max(plan.green.desiredCapacity, progress.neededCapacity ?? 0, 1);
      const isBlueAsked = routes.some(({ weights }) => (weights?.blue ?? 0) > 0);
      const isGreenBetter = blue.healthyCount === 0 && green.healthyCount >= needed;
      const { type } = decideRollBack(situation);
      return isBlueAsked && isGreenBetter && (type === 'giveUp' || type === 'wait');
    });
  });

  it('never moves traffic to a blue that a route does not name yet', () => {
    never((situation) => {
      const { routes } = situation.observation;
      const isOut = routes.some(({ weights }) => weights && weights.blue === undefined);
      const { retirementStartedAt, stepIndex } = situation.progress;
      const isRetiring = retirementStartedAt !== undefined && stepIndex >= 0;
      return isOut && isRetiring && decideRollBack(situation).type === 'shiftBack';
    });
  });

  it('always ends: it never waits longer than blue is given to recover', () => {
    never((situation) => {
      const { rollbackStartedAt = situation.now } = situation.progress;
      const age = (Date.parse(situation.now) - Date.parse(rollbackStartedAt)) / 1000;
      return age >= 900 && decideRollBack(situation).type === 'wait';
    });
  });
});

describe('taking a fleet down', () => {
  it('never empties or deletes a fleet that a route still names', () => {
    const fleets = [
      [decideRetireBlue, 'blue'],
      [decideCleanUpGreen, 'green'],
    ] as const;
    always((situation) =>
      fleets.every(([decide, colour]) => {
        const { routes } = situation.observation;
        const isNamed = routes.some(({ weights }) => weights?.[colour] !== undefined);
        return !isNamed || decide(situation).type === 'detach';
      }),
    );
  });

  it('never deletes a group that still has instances', () => {
    never((situation) => {
      const { blue, green } = situation.observation;
      return (
        (decideRetireBlue(situation).type === 'delete' && blue.instanceCount > 0) ||
        (decideCleanUpGreen(situation).type === 'delete' && green.instanceCount > 0)
      );
    });
  });

  it('never deletes a blue that is only to be scaled down', () => {
    never((situation) => {
      const kept = {
        ...situation,
        plan: { ...situation.plan, blue: { ...situation.plan.blue, retirement: 'scaleToZero' } },
      } as Situation;
      return decideRetireBlue(kept).type === 'delete';
    });
  });
});

describe('the steps of a plan', () => {
  it('always rise strictly and end at 100 %, whatever the strategy', () => {
    const strategies = fc.oneof(
      fc.constant({ type: 'allAtOnce' } as const),
      fc.record({
        type: fc.constant('canary' as const),
        greenWeightPercent: fc.integer({ min: 1, max: 99 }),
        holdSeconds: fc.nat(1000),
      }),
      fc.record({
        type: fc.constant('linear' as const),
        stepPercent: fc.integer({ min: 1, max: 99 }),
        holdSeconds: fc.nat(1000),
      }),
    );
    fc.assert(
      fc.property(strategies, fc.nat(1000), (strategy, bake) => {
        const weights = planSteps(strategy, bake).map((step) => step.greenWeightPercent);
        expect(weights.at(-1)).toBe(100);
        expect(new Set(weights).size).toBe(weights.length);
        expect(weights).toEqual(weights.toSorted((a, b) => a - b));
        expect(planSteps(strategy, bake).at(-1)?.holdSeconds).toBe(bake);
      }),
    );
  });
});
