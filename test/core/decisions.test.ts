/** What the policy says in the situations operators know. */
import { describe, expect, it } from 'vitest';
import { countHealthyReadings, decideAwaitGreen } from '../../shared/core/decide-await-green.ts';
import { decideConfirmTraffic } from '../../shared/core/decide-confirm-traffic.ts';
import { decideNextStep } from '../../shared/core/decide-next-step.ts';
import { decideOutcome } from '../../shared/core/decide-outcome.ts';
import { decideRollBack } from '../../shared/core/decide-roll-back.ts';
import { decideShiftTraffic } from '../../shared/core/decide-shift-traffic.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { recorded } from './records.ts';
import { fleet, NOW, plan, routesAt, situation } from './situations.ts';

describe('waiting for green', () => {
  it('goes on when every instance is healthy', () => {
    expect(decideAwaitGreen(situation())).toEqual({
      type: 'advance',
      reason: 'All 4 green instances became healthy.',
    });
  });

  it('looks again soon when only health checks are missing, and later while instances launch', () => {
    const progress = { healthyReadings: 0 };
    const green = fleet({ healthyCount: 3 });
    const healthChecks = situation({ progress, observation: { green } });
    const launching = situation({
      progress,
      observation: { green: fleet({ inServiceCount: 1, healthyCount: 0 }) },
    });
    expect(decideAwaitGreen(healthChecks)).toMatchObject({ type: 'wait', seconds: 0.5 });
    expect(decideAwaitGreen(launching)).toMatchObject({ type: 'wait', seconds: 5 });
  });

  it('rolls back at once when launches keep failing, with the last reason', () => {
    const unhealthy = 'an instance was taken out of service in response to an ELB health check';
    const green = fleet({ healthyCount: 0, failures: [unhealthy, unhealthy, unhealthy] });
    const progress = { healthyReadings: 0 };
    expect(decideAwaitGreen(situation({ progress, observation: { green } }))).toEqual({
      type: 'rollBack',
      reason: `Green failed 3 times to bring up an instance; last: ${unhealthy}`,
    });
  });

  it('rolls back at the first failure that no further launch will mend', () => {
    const failures = ['The key pair does not exist'];
    const green = fleet({ inServiceCount: 0, healthyCount: 0, failures });
    const progress = { healthyReadings: 0 };
    expect(decideAwaitGreen(situation({ progress, observation: { green } }))).toEqual({
      type: 'rollBack',
      reason: 'Green could not be launched: The key pair does not exist',
    });
  });

  it('waits while AWS has no capacity, because Auto Scaling goes on trying', () => {
    const words = 'We currently do not have sufficient m6i.large capacity in the zone';
    const green = fleet({ inServiceCount: 0, healthyCount: 0, failures: Array(9).fill(words) });
    const progress = { healthyReadings: 0 };
    expect(decideAwaitGreen(situation({ progress, observation: { green } })).type).toBe('wait');
  });

  it('rolls back when the load balancer will never check green, but lets a route take effect', () => {
    const complaint = 'i-1 was unused (Target.NotInUse: no route)';
    const green = fleet({ healthyCount: 0, complaints: [complaint] });
    const after = (seconds: number) => {
      const progress = { healthyReadings: 0, greenRequestedAt: instantAfter(NOW, -seconds) };
      return decideAwaitGreen(situation({ progress, observation: { green } }));
    };
    expect(after(59).type).toBe('wait');
    expect(after(60)).toEqual({
      type: 'rollBack',
      reason: `The load balancer does not check green: ${complaint}.`,
    });
  });

  it('wants green whole in every zone, more than once', () => {
    const green = fleet({ healthyZones: ['us-east-1a'] });
    const progress = { healthyReadings: 1 };
    expect(countHealthyReadings(situation({ progress }))).toBe(2);
    expect(countHealthyReadings(situation({ progress, observation: { green } }))).toBe(0);
  });

  it('rolls back after the deadline and says what green looked like', () => {
    const green = fleet({ healthyCount: 1, complaints: ['i-2 was unhealthy (Target.Timeout)'] });
    const late = situation({
      observation: { green },
      progress: { greenRequestedAt: instantAfter(NOW, -1800), healthyReadings: 0 },
    });
    expect(decideAwaitGreen(late)).toEqual({
      type: 'rollBack',
      reason:
        'Green was not healthy within 1800 s: 4 of 4 in service, 1 healthy; i-2 was unhealthy (Target.Timeout).',
    });
  });

  it('says how often green was whole, if the deadline came before it was so often enough', () => {
    const progress = { greenRequestedAt: instantAfter(NOW, -1800), healthyReadings: 1 };
    expect(decideAwaitGreen(situation({ progress }))).toEqual({
      type: 'rollBack',
      reason:
        'Green was not healthy within 1800 s: 4 of 4 in service, 4 healthy, whole in 1 of 2 readings in a row.',
    });
  });
});

describe('after a hold', () => {
  it('takes the next step when nothing speaks against green', () => {
    expect(decideNextStep(situation())).toMatchObject({
      type: 'shift',
      stepIndex: 1,
      greenWeightPercent: 50,
    });
  });

  it('rolls back when an alarm is raised, in the words of CloudWatch', () => {
    const alarms = [
      { alarmName: 'web-5xx', state: 'ALARM', stateReason: 'Threshold Crossed: 12 > 5.' } as const,
    ];
    const raised = situation({ observation: { alarms: { type: 'read', alarms } } });
    expect(decideNextStep(raised)).toEqual({
      type: 'rollBack',
      reason: 'Alarm web-5xx went into ALARM: Threshold Crossed: 12 > 5.',
    });
  });

  it('rolls back when an operator asks, with who and why', () => {
    const abort = { by: 'arn:aws:iam::1:user/ada', reason: 'wrong build', at: NOW };
    expect(decideNextStep(situation({ observation: { abort } })).reason).toBe(
      'arn:aws:iam::1:user/ada asked to abort: wrong build',
    );
  });

  it('writes no weight once an operator asked to stop, not even the rest of a step, and goes back', () => {
    const abort = { by: 'arn:aws:iam::1:user/ada', reason: 'wrong build', at: NOW };
    const progress = { stepIndex: 1, writtenGreenWeightPercent: 50, isShiftLeft: true };
    const aborted = situation({ observation: { abort }, progress });
    for (const shift of [
      { stepIndex: 1, isReassertion: false },
      { stepIndex: 1, isReassertion: true },
      { stepIndex: 2, isReassertion: false },
    ]) {
      expect(decideShiftTraffic(aborted, { ...shift, greenWeightPercent: 50 })).toEqual({
        type: 'leave',
        reason:
          '50 % were not written, because arn:aws:iam::1:user/ada asked to abort: wrong build',
      });
    }
    expect(decideConfirmTraffic(aborted).type).toBe('decide');
    expect(decideNextStep(aborted).type).toBe('rollBack');
  });

  it('holds on while time is left, even if something woke it', () => {
    const early = situation({ progress: { holdUntil: instantAfter(NOW, 90.5) } });
    expect(decideNextStep(early)).toMatchObject({ type: 'hold', seconds: 91 });
  });

  it('holds on without sight of the alarms, but not for ever', () => {
    const alarms = { type: 'unreadable', because: 'Rate exceeded' } as const;
    const blind = situation({ observation: { alarms }, progress: { unreadableAlarms: 1 } });
    const tooLong = situation({ observation: { alarms }, progress: { unreadableAlarms: 5 } });
    expect(decideNextStep(blind)).toMatchObject({ type: 'hold', seconds: 30 });
    expect(decideNextStep(tooLong).type).toBe('rollBack');
  });

  it('rolls back when somebody else changed a weight, and names the route', () => {
    const [first] = routesAt(25);
    const routes = [first!, { routeId: 'arn:rule', weights: { blue: 1, green: 1 } }];
    expect(decideNextStep(situation({ observation: { routes } })).reason).toBe(
      'Somebody else changed the weights of arn:rule to blue 1 and green 1.',
    );
  });

  it('does not take a step that nobody tried for a proof, if the service asks for requests', () => {
    const asking = { minimumRequests: 100 };
    const few = situation({ plan: asking, observation: { greenRequests: 12 } });
    const enough = situation({ plan: asking, observation: { greenRequests: 100 } });
    expect(decideNextStep(few)).toMatchObject({
      type: 'hold',
      reason: 'Green had 12 of the 100 requests that a step takes to prove anything.',
    });
    expect(decideNextStep(enough).type).toBe('shift');
  });

  it('asks people again soon as long as nobody is known to have been told', () => {
    const asked = { stepIndex: 0, requestedAt: NOW, until: instantAfter(NOW, 7 * 86_400) };
    const waiting = (over: { notifiedAt?: string }) =>
      situation({
        plan: { approval: { afterSteps: [0], timeoutSeconds: 600, onTimeout: 'reject' } },
        progress: { stepIndex: 0, approval: { ...asked, ...over } },
      });
    expect(decideNextStep(waiting({}))).toMatchObject({ seconds: 2700 });
    expect(decideNextStep(waiting({ notifiedAt: NOW }))).toMatchObject({ seconds: 86_400 });
  });

  it('asks for a larger green when blue had to grow', () => {
    const blue = fleet({ desiredCapacity: 6, inServiceCount: 6, healthyCount: 6 });
    expect(decideNextStep(situation({ observation: { blue } }))).toMatchObject({
      type: 'grow',
      desiredCapacity: 6,
    });
  });

  it('waits until blue could take everything back, but not for ever', () => {
    const blue = fleet({ healthyCount: 3 });
    const waiting = situation({ observation: { blue } });
    const tooLong = situation({
      observation: { blue },
      progress: { gateClosedSince: instantAfter(NOW, -900) },
    });
    expect(decideNextStep(waiting)).toEqual({
      type: 'hold',
      seconds: 30,
      isGateClosed: true,
      reason: 'Blue had 3 of the 4 healthy targets that it needs to take everything back.',
    });
    expect(decideNextStep(tooLong).type).toBe('rollBack');
  });

  it.each([
    ['pause', 'pause'],
    ['rollBack', 'rollBack'],
    ['reassert', 'shift'],
  ] as const)('answers a foreign change with %s as the service wants it', (policy, type) => {
    const routes = routesAt(60);
    const changed = situation({ plan: { onForeignChange: policy }, observation: { routes } });
    expect(decideNextStep(changed).type).toBe(type);
  });

  it('believes in the fourth foreign change of a step', () => {
    const changed = situation({
      plan: { onForeignChange: 'reassert' },
      progress: { reassertions: 3 },
      observation: { routes: routesAt(60) },
    });
    expect(decideNextStep(changed).type).toBe('rollBack');
  });

  it('retires blue after the bake time', () => {
    const done = situation({ progress: { stepIndex: 3 } });
    expect(plan.steps).toHaveLength(4);
    expect(decideNextStep(done).type).toBe('retire');
  });
});

describe('reading a weight back', () => {
  it('begins the hold of the step when every route agrees', () => {
    expect(decideConfirmTraffic(situation())).toEqual({
      type: 'hold',
      seconds: 300,
      reason: 'Green was confirmed at 25 % on 2 routes.',
    });
  });

  it('writes again when one route still says the weight before', () => {
    const routes = [routesAt(50)[0]!, routesAt(25)[1]!];
    const partial = situation({
      progress: { stepIndex: 1, confirmedGreenWeightPercent: 25, confirmAttempts: 1 },
      observation: { routes },
    });
    const again = { ...partial, progress: { ...partial.progress, writtenGreenWeightPercent: 50 } };
    expect(decideConfirmTraffic(again).type).toBe('shiftAgain');
  });

  it('rolls back when a route was deleted', () => {
    const routes = [routesAt(25)[0]!, { routeId: 'arn:rule', weights: undefined }];
    expect(decideConfirmTraffic(situation({ observation: { routes } })).reason).toBe(
      'Route arn:rule was deleted by somebody else.',
    );
  });
});

/** A rollback for which blue has had its time, and so many of green's four are healthy. */
function afterPatience(healthyOfGreen: number) {
  return situation({
    observation: {
      routes: routesAt(healthyOfGreen < 4 ? 25 : 100),
      blue: fleet({ healthyCount: 0 }),
      green: fleet({ healthyCount: healthyOfGreen }),
    },
    progress: { rollbackStartedAt: instantAfter(NOW, -900) },
  });
}

describe('rolling back', () => {
  it('gives blue its capacity before its traffic', () => {
    const blue = fleet({ desiredCapacity: 1, healthyCount: 1 });
    expect(decideRollBack(situation({ observation: { blue } }))).toMatchObject({
      type: 'restoreCapacity',
      desiredCapacity: 4,
    });
  });

  it('lends the traffic of a blue that answers nothing to a green that can carry it', () => {
    const blue = fleet({ healthyCount: 0 });
    expect(decideRollBack(situation({ observation: { blue } })).type).toBe('lendToGreen');
    const observation = { blue, routes: routesAt(100) };
    expect(decideRollBack(situation({ observation })).type).toBe('wait');
  });

  it('waits for a blue that answers nothing while green could not carry everything either', () => {
    const observation = { blue: fleet({ healthyCount: 0 }), green: fleet({ healthyCount: 3 }) };
    expect(decideRollBack(situation({ observation })).type).toBe('wait');
  });

  it('gives up on a blue that does not recover, and leaves the better side serving', () => {
    expect(decideRollBack(afterPatience(4))).toMatchObject({
      type: 'giveUp',
      reason: expect.stringContaining('green kept everything with 4 healthy targets') as string,
    });
    expect(decideRollBack(afterPatience(3)).type).toBe('giveUp');
  });

  it('prefers a weak blue to a green that is weaker', () => {
    const observation = { blue: fleet({ healthyCount: 2 }), green: fleet({ healthyCount: 0 }) };
    expect(decideRollBack(situation({ observation })).type).toBe('shiftBack');
  });
});

describe('the outcome', () => {
  it.each([
    ['ServiceBusy', 'Busy with d-0.', 'Busy with d-0.'],
    ['SpecRefused', 'v2 cannot be deployed: no.', 'v2 cannot be deployed: no.'],
    ['SpecRefused', '', 'AcquireLock failed with SpecRefused.'],
    // What nobody expected says where it happened, too.
    ['AwsRefused', 'Denied.', 'AcquireLock failed with AwsRefused: Denied.'],
  ])(
    'is refused, with the message of the failure (%s: %s), when nothing was prepared',
    (error, errorMessage, reason) => {
      const cause = errorMessage && JSON.stringify({ errorType: error, errorMessage });
      const progress = { ...situation().progress, phase: 'planned' } as const;
      const failure = { state: 'AcquireLock', error, cause };
      const refused = { type: 'refused', reason, error };
      expect(decideOutcome({ ...recorded, progress }, { failure })).toEqual(refused);
    },
  );

  it('is rolledBack with the first reason once blue was confirmed', () => {
    const progress = {
      ...situation().progress,
      rollbackReason: 'Alarm web-5xx went into ALARM.',
      rollbackConfirmedAt: NOW,
    };
    expect(decideOutcome({ ...recorded, progress }, {})).toEqual({
      type: 'rolledBack',
      reason: 'Alarm web-5xx went into ALARM.',
    });
  });

  it('stays succeeded when only the removal of blue failed', () => {
    const progress = { ...situation().progress, retirementStartedAt: NOW };
    const directive = { type: 'keepGreen', reason: 'Green kept the traffic.' };
    expect(decideOutcome({ ...recorded, progress }, { directive })).toEqual({
      type: 'succeeded',
      reason: 'Green serves v2. Green kept the traffic.',
    });
  });

  it('is failed when a rollback could not be confirmed', () => {
    const failure = { state: 'RollBack', error: 'AwsRefused', cause: 'AccessDenied' };
    expect(decideOutcome({ ...recorded, progress: situation().progress }, { failure }).type).toBe(
      'failed',
    );
  });
});
