/** What is drafted from a group as it is live: a definition that could be used, and what to know. */
import { describe, expect, it } from 'vitest';
import {
  draftDefinition,
  type LiveAlarm,
  type LiveGroup,
} from '../../shared/core/draft-definition.ts';
import type { FoundRoute, GroupReading, TargetGroupReading } from '../../shared/core/estate.ts';
import { complainAboutHolds } from '../../shared/core/alarm-sight.ts';
import { planSteps } from '../../shared/core/plan.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';

const group: GroupReading = {
  autoScalingGroupName: 'web-blue',
  minSize: 1,
  maxSize: 4,
  desiredCapacity: 2,
  inServiceCount: 2,
  zones: ['us-east-1a'],
  suspendedProcesses: [],
  targetGroupArns: ['arn:tg'],
  launchTemplate: { launchTemplateId: 'lt-1', configuredVersion: '$Latest', version: 1 },
  unsupported: [],
  isCreatedByTeal: false,
};
const targetGroup: TargetGroupReading = {
  targetGroupArn: 'arn:tg',
  targetGroupName: 'web',
  targetType: 'instance',
  deregistrationDelaySeconds: 300,
  healthyCount: 2,
  stickiness: 'none',
  isCreatedByTeal: false,
};
const route: FoundRoute = {
  id: 'arn:l',
  type: 'listenerDefault',
  loadBalancerArn: 'arn:lb',
  otherTargetGroupArns: [],
};
const alarm = (over: Partial<LiveAlarm> = {}): LiveAlarm => ({
  alarmName: 'web-5xx',
  state: 'OK',
  watches: 'loadBalancer',
  isForScaling: false,
  windowSeconds: 60,
  ...over,
});
const live: LiveGroup = {
  group,
  targetGroups: [{ targetGroup, routes: [route] }],
  alarms: [alarm()],
};

/** What a draft says of whoever has the group. */
const told = (asked: Parameters<typeof draftDefinition>[1]) => {
  const { definition, owner, notes } = draftDefinition(live, asked);
  return { service: definition.service, owner, note: notes[0] };
};

describe('a draft', () => {
  it('leaves out whatever is the default', () => {
    expect(draftDefinition(live).definition).toEqual({
      service: 'web',
      autoScalingGroupName: 'web-blue',
      alarms: ['web-5xx'],
    });
  });

  it.each([
    ['web-blue', 'web'],
    ['Web_API.green', 'web-api'],
    ['42-shop-asg', 'shop'],
    ['--', 'service'],
    ['x'.repeat(200), 'x'.repeat(40)],
  ])('of group %s is of service %s unless told otherwise', (autoScalingGroupName, service) => {
    const named = { ...live, group: { ...group, autoScalingGroupName } };
    const { definition } = draftDefinition(named);
    expect(definition.service).toBe(service);
    expect(parseServiceDefinition(definition).service).toBe(service);
    expect(draftDefinition(named, { service: 'shop' }).definition.service).toBe('shop');
  });

  it('says first which service has the group already, and takes its name', () => {
    expect(told({ owner: 'shop' })).toEqual({
      service: 'shop',
      owner: 'shop',
      note: 'Group web-blue is what serves shop already; applied, the draft replaces the definition of shop.',
    });
    expect(told({ owner: 'shop', service: 'web' })).toEqual({
      service: 'web',
      owner: 'shop',
      note: 'Group web-blue is what serves shop already, and a group has one service: as web the draft is refused when it is applied. Call it shop, or delete shop first.',
    });
    expect(told({}).owner).toBeUndefined();
  });

  it('copies an alarm that names blue, and leaves out those that drive scaling or are Teal’s own', () => {
    const alarms = [
      alarm({ alarmName: 'slow', watches: 'fleet' }),
      alarm({ alarmName: 'cpu-high', watches: 'fleet', isForScaling: true }),
      alarm({ alarmName: 'web-blue/watched/healthy-targets', watches: 'fleet' }),
    ];
    const { definition, notes } = draftDefinition({ ...live, alarms });
    expect(definition.alarms).toEqual([{ name: 'slow', mirror: true }]);
    expect(notes.join('\n')).toMatch(/cpu-high drive scaling and were left out/);
    expect(notes.join('\n')).not.toContain('healthy-targets');
  });

  it('holds as long as its slowest alarm needs, so that a plan would take it', () => {
    const slow = alarm({ windowSeconds: 1500 });
    const { definition, notes } = draftDefinition({ ...live, alarms: [slow] });
    const { strategy, bakeTimeSeconds, alarms } = parseServiceDefinition(definition);
    const steps = planSteps(strategy, bakeTimeSeconds);
    expect(complainAboutHolds({ strategy, alarms }, steps, [slow])).toEqual([]);
    expect(notes.join('\n')).toMatch(/Hold and bake take 1680 s/);
  });

  it('names the target group that serves where the group has several', () => {
    const idle = { ...targetGroup, targetGroupArn: 'arn:idle', targetGroupName: 'idle' };
    const several = {
      ...live,
      group: { ...group, targetGroupArns: ['arn:idle', 'arn:tg'] },
      targetGroups: [{ targetGroup: idle, routes: [] }, ...live.targetGroups],
    };
    expect(draftDefinition(several).definition.targetGroupArn).toBe('arn:tg');
    const busy = { targetGroup: idle, routes: [route] };
    const both = { ...several, targetGroups: [busy, ...live.targetGroups] };
    expect(draftDefinition(both).notes[0]).toMatch(/by idle and web.*give each a group of its own/);
  });
});

const notesOf = (over: Partial<LiveGroup>) =>
  draftDefinition({ ...live, ...over }).notes.join('\n');

describe('the notes', () => {
  it.each<[string, Partial<LiveGroup>, RegExp]>([
    ['sizes', {}, /runs 2 instances \(minimum 1, desired 2, maximum 4\)/],
    ['no target group', { targetGroups: [] }, /attached to no target group/],
    [
      'no route',
      { targetGroups: [{ targetGroup, routes: [] }] },
      /No listener or rule forwards to the group/,
    ],
    ['no alarm', { alarms: [] }, /No alarm .* was found; make one on errors/],
    ['a red alarm', { alarms: [alarm({ state: 'ALARM' })] }, /web-5xx are in ALARM now/],
    [
      'an owner',
      { group: { ...group, owner: 'CloudFormation stack s' } },
      /belongs to CloudFormation/,
    ],
    [
      'sticky sessions',
      { targetGroups: [{ targetGroup, routes: [{ ...route, stickySeconds: 60 }] }] },
      /for up to 60 s, and the bake lasts as long/,
    ],
    [
      'what cannot be cloned',
      { group: { ...group, unsupported: ['a launch configuration'] } },
      /has a launch configuration, which Teal cannot carry over/,
    ],
  ])('tell of %s', (_, over, said) => {
    expect(notesOf(over)).toMatch(said);
  });
});
