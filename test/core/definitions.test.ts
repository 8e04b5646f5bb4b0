/** Definitions of services: what is refused and how, what a file may say, what a change is. */
import { describe, expect, it } from 'vitest';
import { compareDefinitions } from '../../shared/core/compare-definitions.ts';
import { SpecRefused } from '../../shared/core/errors.ts';
import { nearestOf } from '../../shared/core/nearest.ts';
import { isAnsweredTo, type Notice, wantsNotice } from '../../shared/core/notices.ts';
import type { SpecIssue } from '../../shared/core/parse-strictly.ts';
import { asGiven, followOn, servingOf } from '../../shared/core/serving.ts';
import {
  parseDeploymentRequest,
  parseServiceDefinition,
  type ServiceDefinition,
} from '../../shared/core/spec.ts';
import { parseTealFile } from '../../shared/core/teal-file.ts';

const define = (over: object = {}): ServiceDefinition =>
  parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue', ...over });

function refusalOf(run: () => unknown): SpecRefused {
  try {
    run();
  } catch (error) {
    if (error instanceof SpecRefused) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

const issuesOf = (run: () => unknown) => refusalOf(run).facts['issues'] as readonly SpecIssue[];

describe('a slip', () => {
  it.each([
    ['alarm', 'alarms'],
    ['Alarms', 'alarms'],
    ['alramS', 'alarms'],
    ['bake', 'bakeTimeSeconds'],
    ['autoscalinggroup', 'autoScalingGroupName'],
    ['colour', undefined],
    ['x', undefined],
    ['a'.repeat(100_000), undefined],
  ])('%j is told with the nearest known word %j', (word, nearest) => {
    expect(nearestOf(word, ['alarms', 'bakeTimeSeconds', 'autoScalingGroupName'])).toBe(nearest);
  });

  it.each([
    [{ alarm: ['a'] }, 'alarm: no such key; did you mean alarms?'],
    [
      { healthGate: { minimumRequest: 1 } },
      'healthGate.minimumRequest: no such key; did you mean minimumRequests?',
    ],
    [
      { alarms: [{ name: 'a', mirrored: true }] },
      'alarms.0.mirrored: no such key; did you mean mirror?',
    ],
    [
      { strategy: { type: 'steps', steps: [{ greenWeightPercent: 5, holdSecond: 0 }] } },
      'strategy.steps.0.holdSecond: no such key; did you mean holdSeconds?',
    ],
    // Of the kinds of strategy the one that was named knows the key.
    [
      { strategy: { type: 'linear', greenWeightPercent: 5, holdSeconds: 0 } },
      'strategy.greenWeightPercent: no such key; known are type, stepPercent, holdSeconds',
    ],
    [{ strategy: { type: 'lineer' } }, 'did you mean linear?'],
    [{ retireBlue: 'Delete' }, 'did you mean delete?'],
    [{ waivers: ['ScalingPolicy.Cooldwn'] }, 'did you mean ScalingPolicy.Cooldown?'],
    [{ routing: {} }, 'routing.recordName: must be given'],
  ])('in %j is refused where it stands', (over, said) => {
    expect(refusalOf(() => define(over)).message).toContain(said);
  });

  it('is refused in a request and in a file alike', () => {
    const request = { service: 'web', imageId: 'ami-00000000000000002', reasn: 'x' };
    expect(() => parseDeploymentRequest(request)).toThrow(
      'reasn: no such key; did you mean reason?',
    );
    expect(() => parseTealFile({ service: {} })).toThrow(
      'service: no such key; did you mean services?',
    );
    expect(() => parseTealFile({ services: { web: { autoScalingGroup: 'x' } } })).toThrow(
      'services.web.autoScalingGroup: no such key; did you mean autoScalingGroupName?',
    );
  });

  it('is told to programs by its path, also as a JSON pointer', () => {
    expect(issuesOf(() => define({ alarms: ['a'], 'a/b~c': 1 }))).toEqual([
      {
        path: 'a/b~c',
        pointer: '/a~1b~0c',
        message: expect.stringMatching(/^no such key; known are service, autoScalingGroupName, /),
      },
    ]);
  });

  it('is told for the first twenty where there are thousands', () => {
    const over = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`${'k'.repeat(300)}${index}`, 1]),
    );
    const { message, facts } = refusalOf(() => define(over));
    expect(message).toContain('; and 4980 more');
    expect(message.length).toBeLessThan(10_000);
    expect(facts['issues']).toHaveLength(5000);
  });
});

describe('a file', () => {
  it('needs the name of a service and that of a group, and has defaults for the rest', () => {
    const definitions = parseTealFile({ services: { web: { autoScalingGroupName: 'web-blue' } } });
    expect(definitions).toEqual([define()]);
  });

  it('defines several services, in its order', () => {
    const body = { autoScalingGroupName: 'x' };
    const names = parseTealFile({ services: { web: body, api: body } }).map(
      ({ service }) => service,
    );
    expect(names).toEqual(['web', 'api']);
  });

  it('cannot name a service as no service may be named, nor twice in its own body', () => {
    const body = { autoScalingGroupName: 'x' };
    expect(() => parseTealFile({ services: { 'We b': body } })).toThrow(
      'services.We b: must be 1 to 40 lower-case letters',
    );
    expect(() => parseTealFile({ services: { web: { ...body, service: 'api' } } })).toThrow(
      'services.web.service: no such key',
    );
    expect(() => parseTealFile({ services: { web: null } })).toThrow('services.web: ');
  });
});

const ALL: readonly Notice[] = [
  'planned',
  'approvalRequested',
  'paused',
  'succeeded',
  'rolledBack',
  'refused',
  'failed',
];

const told = (from: Parameters<typeof wantsNotice>[0]) =>
  ALL.filter((event) => wantsNotice(from, event));

/** What is told of what was answered already. */
const news = (on?: readonly Notice[]) => {
  const notifications = on ? { on } : {};
  return ALL.filter((event) => wantsNotice(define({ notifications }), event, { isAnswered: true }));
};

describe('notices', () => {
  it('are of whatever waits for people and of every outcome unless the service says otherwise', () => {
    const usual = ['approvalRequested', 'paused', 'succeeded', 'rolledBack', 'refused', 'failed'];
    expect(told(define())).toEqual(usual);
    expect(told(define({ notifications: {} }))).toEqual(usual);
    expect(told(undefined)).toEqual(usual);
  });

  it('are of what the service names, and always of what a person must come for', () => {
    expect(told(define({ notifications: { on: ['paused', 'planned'] } }))).toEqual([
      'planned',
      'paused',
      'failed',
    ]);
    expect(told(define({ notifications: { on: [] } }))).toEqual(['failed']);
  });

  it('are not of what was answered to who asked for it, unless the service names it', () => {
    expect(news()).toEqual(['failed']);
    expect(news(['refused', 'paused'])).toEqual(['paused', 'refused', 'failed']);
  });

  it('are of refusals that nobody listens to, or that somebody has to mend', () => {
    const caller = { requestedBy: 'arn:aws:iam::111122223333:role/ci' };
    expect(isAnsweredTo(caller, 'ServiceBusy')).toBe(true);
    expect(isAnsweredTo(caller, 'SpecRefused')).toBe(false);
    expect(isAnsweredTo(caller, undefined)).toBe(false);
    for (const request of [{}, { requestedBy: 'EventBridge' }, { requestedBy: 7 }]) {
      expect(isAnsweredTo(request, 'ServiceBusy')).toBe(false);
    }
  });
});

const keep = (definition: ServiceDefinition, given = servingOf(definition)) => ({
  definition,
  given,
});

describe('a definition that is given again', () => {
  const followed = keep(
    define({ autoScalingGroupName: 'web-g2', bakeTimeSeconds: 5 }),
    servingOf(define()),
  );

  it('leaves the group that Teal has followed since, and takes every other key', () => {
    expect(followOn(define({ bakeTimeSeconds: 9 }), followed)).toEqual(
      define({ autoScalingGroupName: 'web-g2', bakeTimeSeconds: 9 }),
    );
  });

  it('names another group, and that one counts', () => {
    const other = define({ autoScalingGroupName: 'web-new' });
    expect(followOn(other, followed)).toEqual(other);
  });

  it('adds a target group, and the group that is followed stays', () => {
    const targetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1';
    expect(followOn(define({ targetGroupArn }), followed)).toEqual(
      define({ autoScalingGroupName: 'web-g2', targetGroupArn }),
    );
  });

  it('is the first one, or the first since that is remembered, and is kept as it is', () => {
    expect(followOn(define(), undefined)).toEqual(define());
    const { definition } = followed;
    expect(followOn(define(), { definition })).toEqual(define());
  });

  it('is shown as it was given, whatever serves', () => {
    expect(asGiven(followed)).toEqual(define({ bakeTimeSeconds: 5 }));
    const { definition } = followed;
    expect(asGiven({ definition })).toEqual(definition);
  });
});

describe('a change of a definition', () => {
  it('is told key by key, old and new', () => {
    const before = define({ alarms: ['a'], retain: { blue: 'full', seconds: 60 } });
    const after = define({
      bakeTimeSeconds: 60,
      alarms: ['a', 'b'],
      strategy: { type: 'allAtOnce' },
    });
    expect(compareDefinitions(before, after)).toEqual([
      { path: 'strategy.type', from: 'canary', to: 'allAtOnce' },
      { path: 'bakeTimeSeconds', from: 600, to: 60 },
      { path: 'alarms', from: ['a'], to: ['a', 'b'] },
      { path: 'strategy.greenWeightPercent', from: 10 },
      { path: 'strategy.holdSeconds', from: 600 },
      { path: 'retain.blue', from: 'full' },
      { path: 'retain.seconds', from: 60 },
    ]);
  });

  it('is none where only the order of keys differs', () => {
    const one = define({ alarms: [{ name: 'a', mirror: true }] });
    const other = {
      ...one,
      alarms: [{ mirror: true, missingData: 'missing', whenRed: 'block', name: 'a' }],
    };
    expect(compareDefinitions(one, other as ServiceDefinition)).toEqual([]);
  });

  it('is all of it where there was none, but for the name', () => {
    const paths = compareDefinitions(undefined, define()).map(({ path }) => path);
    expect(paths).toContain('autoScalingGroupName');
    expect(paths).not.toContain('service');
  });
});
