/** What is planned, and what is refused before anything is written. */
import { describe, expect, it } from 'vitest';
import { decideConfirmTraffic } from '../../shared/core/decide-confirm-traffic.ts';
import type { Estate } from '../../shared/core/estate.ts';
import { greenName } from '../../shared/core/names.ts';
import { makePlan, planSteps } from '../../shared/core/plan.ts';
import {
  type DeploymentSpec,
  parseDeploymentRequest,
  parseServiceDefinition,
  toSpec,
} from '../../shared/core/spec.ts';
import { NOW, situation } from './situations.ts';

const definition = parseServiceDefinition({
  service: 'web',
  autoScalingGroupName: 'web-blue',
  alarms: ['web-5xx'],
});
const spec = toSpec(
  definition,
  parseDeploymentRequest({ service: 'web', imageId: 'ami-00000000000000002' }),
);

const group: NonNullable<Estate['group']> = {
  autoScalingGroupName: 'web-blue',
  minSize: 2,
  maxSize: 4,
  desiredCapacity: 3,
  inServiceCount: 5,
  zones: ['us-east-1a', 'us-east-1b'],
  suspendedProcesses: [],
  targetGroupArns: ['arn:blue'],
  launchTemplate: {
    launchTemplateId: 'lt-1',
    configuredVersion: '$Latest',
    version: 7,
  },
  unsupported: [],
  isCreatedByTeal: false,
};
const targetGroup: NonNullable<Estate['targetGroup']> = {
  targetGroupArn: 'arn:blue',
  targetGroupName: 'web-blue',
  targetType: 'instance',
  deregistrationDelaySeconds: 300,
  healthyCount: 5,
  stickiness: 'none',
  isCreatedByTeal: false,
};
const estate: Estate = {
  image: { imageId: spec.imageId, state: 'available', architecture: 'x86_64' },
  group,
  targetGroup,
  routes: [
    {
      id: 'arn:l',
      type: 'listenerDefault',
      loadBalancerArn: 'arn:lb',
      otherTargetGroupArns: [],
    },
  ],
  alarms: [{ alarmName: 'web-5xx', state: 'OK' }],
};

const make = (over: { spec?: Partial<DeploymentSpec>; estate?: Partial<Estate> } = {}) =>
  makePlan({
    spec: { ...spec, ...over.spec },
    estate: { ...estate, ...over.estate },
    deploymentId: 'd-1',
    now: NOW,
  });

describe('a plan', () => {
  it('sizes green to what blue really runs, not to what it was set to', () => {
    const { green, blue } = make();
    expect(green).toEqual({
      autoScalingGroupName: greenName('web', 'd-1'),
      targetGroupName: greenName('web', 'd-1'),
      desiredCapacity: 5,
      maxSize: 5,
      zones: ['us-east-1a', 'us-east-1b'],
    });
    expect(blue).toMatchObject({ minSize: 2, maxSize: 4, desiredCapacity: 3 });
  });

  it('keeps an older group that Teal did not create, at zero', () => {
    expect(make().blue.retirement).toBe('scaleToZero');
    expect(make({ estate: { group: { ...group, isCreatedByTeal: true } } }).blue.retirement).toBe(
      'delete',
    );
    expect(make({ spec: { retireBlue: 'delete' } }).blue.retirement).toBe('delete');
  });

  it('takes the hold of an explicit step at 100 % for the bake time', () => {
    const steps = [
      { greenWeightPercent: 5, holdSeconds: 60 },
      { greenWeightPercent: 100, holdSeconds: 30 },
    ];
    expect(planSteps({ type: 'steps', steps }, 600)).toEqual(steps);
    expect(planSteps({ type: 'steps', steps: steps.slice(0, 1) }, 600)).toEqual([
      steps[0],
      { greenWeightPercent: 100, holdSeconds: 600 },
    ]);
  });

  it('keeps blue until the longest sticky session is over, unless sessions are to be ended', () => {
    const routes = estate.routes.map((route) => ({ ...route, stickySeconds: 86_400 }));
    const waiting = make({ estate: { routes } });
    const ending = make({ estate: { routes }, spec: { stickySessions: 'end' } });
    expect(waiting.steps.at(-1)).toEqual({ greenWeightPercent: 100, holdSeconds: 86_400 });
    expect(ending.steps.at(-1)).toEqual({ greenWeightPercent: 100, holdSeconds: 600 });
  });

  it('makes a route sticky for as long as it names two sticky target groups', () => {
    const sticky = { ...targetGroup, stickiness: 'lb_cookie' as const };
    const own = estate.routes.map((route) => ({ ...route, stickySeconds: 60 }));
    expect(make({ estate: { targetGroup: sticky } }).routes[0]?.needsStickiness).toBe(true);
    expect(
      make({ estate: { targetGroup: sticky, routes: own } }).routes[0]?.needsStickiness,
    ).toBeUndefined();
    expect(make().routes[0]?.needsStickiness).toBeUndefined();
  });

  it('names green within 32 characters, whatever the service is called', () => {
    const name = greenName('a-very-long-service-name-that-goes-on', 'd-1');
    expect(name).toMatch(/^[a-z][a-z0-9-]*-[0-9a-f]{8}$/);
    expect(name.length).toBeLessThanOrEqual(32);
    expect(greenName('web', 'd-1')).not.toBe(greenName('web', 'd-2'));
  });
});

describe('a deployment is refused before anything is written', () => {
  const refusals: readonly [string, Parameters<typeof make>[0], RegExp][] = [
    ['when the image does not exist', { estate: { image: undefined } }, /EC2 knows no image ami-/],
    [
      'when the image is not available',
      { estate: { image: { imageId: 'ami-1', state: 'pending', architecture: 'x86_64' } } },
      /is pending; wait until it is available/,
    ],
    ['when the group does not exist', { estate: { group: undefined } }, /knows no group web-blue/],
    [
      'when nothing is in service',
      { estate: { group: { ...group, inServiceCount: 0 } } },
      /no instance in service/,
    ],
    [
      'when blue has what green would not get',
      { estate: { group: { ...group, unsupported: ['a warm pool', '2 scaling policies'] } } },
      /has a warm pool, 2 scaling policies, which Teal cannot carry over/,
    ],
    [
      'when the group is being changed by somebody else',
      { estate: { group: { ...group, busyWith: 'an instance refresh' } } },
      /is busy: an instance refresh/,
    ],
    ['when no listener sends traffic', { estate: { routes: [] } }, /No listener or rule forwards/],
    [
      'when a rule shares its traffic with a third target group in odd parts',
      {
        estate: {
          routes: estate.routes.map((route) => ({
            ...route,
            otherTargetGroupArns: ['arn:third'],
            isIndivisible: true,
          })),
        },
      },
      /splits its traffic between web-blue and arn:third in a way that leaves no room/,
    ],
    [
      "when sessions are kept by the application's cookie",
      { estate: { targetGroup: { ...targetGroup, stickiness: 'app_cookie' } } },
      /which AWS cannot combine with weights/,
    ],
    [
      'when blue has no healthy target to come back to',
      { estate: { targetGroup: { ...targetGroup, healthyCount: 0 } } },
      /no healthy target/,
    ],
    [
      'when an alarm does not exist',
      { estate: { alarms: [{ alarmName: 'web-5xx', state: 'absent' }] } },
      /CloudWatch knows no alarm web-5xx/,
    ],
    [
      'when an alarm is already in ALARM',
      { estate: { alarms: [{ alarmName: 'web-5xx', state: 'ALARM', stateReason: '12 > 5' }] } },
      /Alarm web-5xx is already in ALARM \(12 > 5\)/,
    ],
    [
      'when the steps are out of order',
      {
        spec: {
          strategy: {
            type: 'steps',
            steps: [
              { greenWeightPercent: 50, holdSeconds: 1 },
              { greenWeightPercent: 20, holdSeconds: 1 },
            ],
          },
        },
      },
      /20 % follows 50 %/,
    ],
  ];

  it.each(refusals)('%s', (_when, over, message) => {
    expect(() => make(over)).toThrow(expect.objectContaining({ name: 'SpecRefused' }));
    expect(() => make(over)).toThrow(message);
  });

  it('when it takes longer than an execution may, with room for the way back', () => {
    const DAY = 86_400;
    // Draining blue belongs to the least time, too.
    const lasting = (stepPercent: number, holdDays: number, bakeDays: number) => ({
      spec: {
        strategy: { type: 'linear', stepPercent, holdSeconds: holdDays * DAY } as const,
        bakeTimeSeconds: bakeDays * DAY - targetGroup.deregistrationDelaySeconds,
      },
    });
    expect(() => make(lasting(1, 30, 1))).toThrow(
      'It would take at least 2971 d, and 358 d are the most: Step Functions ends an execution after 365 d',
    );
    expect(make(lasting(9, 30, 28)).steps).toHaveLength(12);
    expect(() => make(lasting(9, 30, 29))).toThrow('at least 359 d');
  });

  it('and says everything that stands in the way at once', () => {
    const over = {
      estate: {
        image: undefined,
        routes: [],
        alarms: [{ alarmName: 'web-5xx', state: 'absent' as const }],
      },
    };
    expect(() => make(over)).toThrow(/no image.*no alarm web-5xx.*No listener.*Nothing was/s);
  });
});

describe('a request', () => {
  it('is refused with the name of every key that is unknown or out of range', () => {
    const request = { service: 'Web', imageId: 'ami-xyz', weigth: 5 };
    expect(() => parseDeploymentRequest(request)).toThrow(
      /service: must be.*imageId: must look.*weigth/s,
    );
  });

  it('is refused when its weights do not rise, and so is a definition, as soon as it is read', () => {
    const steps = [50, 20, 20].map((weight) => ({ greenWeightPercent: weight, holdSeconds: 60 }));
    const strategy = { type: 'steps', steps };
    const complaint = /steps\.1\..*20 % follows 50 %.*steps\.2\..*20 % follows 20 %/s;
    expect(() =>
      parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue', strategy }),
    ).toThrow(complaint);
    expect(() =>
      parseDeploymentRequest({ service: 'web', imageId: 'ami-00000000000000003', strategy }),
    ).toThrow(complaint);
  });

  it('lays what it gives over the definition', () => {
    const request = parseDeploymentRequest({
      service: 'web',
      imageId: 'ami-00000000000000003',
      version: 'v3',
      strategy: { type: 'allAtOnce' },
    });
    expect(toSpec(definition, request)).toMatchObject({
      version: 'v3',
      alarms: ['web-5xx'],
      strategy: { type: 'allAtOnce' },
      autoScalingGroupName: 'web-blue',
    });
  });
});

describe('routes that clients follow late', () => {
  const late = {
    id: 'Z1/www',
    type: 'weightedRecord',
    loadBalancerArn: '',
    tailSeconds: 120,
  } as const;
  const routes = [{ ...late, otherTargetGroupArns: [] }];

  it('give the plan a tail, and blue and green that much more time to be let go', () => {
    expect(make()).not.toHaveProperty('tailSeconds');
    expect(make({ estate: { routes } })).toMatchObject({ tailSeconds: 120, drainSeconds: 420 });
  });

  it('put the hold of a step off until everybody has followed, even where it is 0 s', () => {
    for (const holdSeconds of [0, 300]) {
      const plan = { tailSeconds: 120, steps: [{ greenWeightPercent: 10, holdSeconds }] };
      expect(decideConfirmTraffic(situation({ plan }))).toEqual({
        type: 'hold',
        seconds: holdSeconds + 120,
        reason: 'Green was confirmed at 10 % on 2 routes; clients may take 120 seconds to follow.',
      });
    }
  });
});
