/** By which target group, listeners and rules a service may say that its traffic comes. */
import { describe, expect, it } from 'vitest';
import type { Estate, FoundRoute, GroupReading } from '../../shared/core/estate.ts';
import {
  chooseTargetGroup,
  complainAboutLimits,
  complainAboutTargetGroups,
  warnAboutTargetGroups,
} from '../../shared/core/traffic-limits.ts';

const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
const LISTENER = `${ELB}:listener/app/web/1/a`;
const OTHER_LISTENER = `${ELB}:listener/app/web/1/b`;
const RULE = `${ELB}:listener-rule/app/web/1/a/r`;
const OTHER_RULE = `${ELB}:listener-rule/app/web/1/b/s`;

const route = (id: string, type: FoundRoute['type']): FoundRoute => ({
  id,
  type,
  loadBalancerArn: 'arn:lb',
  otherTargetGroupArns: [],
});
const DEFAULT = route(LISTENER, 'listenerDefault');
const BY_RULE = route(RULE, 'rule');

const group = (...targetGroupArns: readonly string[]): GroupReading => ({
  autoScalingGroupName: 'web-blue',
  minSize: 1,
  maxSize: 2,
  desiredCapacity: 1,
  inServiceCount: 1,
  zones: [],
  suspendedProcesses: [],
  targetGroupArns,
  unsupported: [],
  isCreatedByTeal: false,
});

describe('the target group that serves', () => {
  it('is the only one, or of several the one that is named', () => {
    expect(chooseTargetGroup({}, group('a'))).toBe('a');
    expect(chooseTargetGroup({}, group('a', 'b'))).toBeUndefined();
    expect(chooseTargetGroup({ targetGroupArn: 'b' }, group('a', 'b'))).toBe('b');
    expect(chooseTargetGroup({ targetGroupArn: 'c' }, group('a', 'b'))).toBeUndefined();
    expect(chooseTargetGroup({ targetGroupArn: 'c' }, group('a'))).toBeUndefined();
  });

  it.each<[string, string | undefined, Pick<Estate, 'group' | 'strayRoutes'>, readonly RegExp[]]>([
    ['is chosen', undefined, { group: group('a') }, []],
    ['is named', 'b', { group: group('a', 'b') }, []],
    ['is none', undefined, { group: group() }, [/attached to no target group; attach it/]],
    [
      'is not named among several',
      undefined,
      { group: group('a', 'b') },
      [/attached to 2 target groups \(a, b\); name the one that serves as targetGroupArn/],
    ],
    [
      'is not one of the group',
      'c',
      { group: group('a', 'b') },
      [/not attached to c but to a, b; correct targetGroupArn/],
    ],
    ['is named where the group has none', 'c', { group: group() }, [/but to no target group/]],
    [
      'is not the only one by which traffic comes',
      'a',
      { group: group('a', 'b'), strayRoutes: [{ id: OTHER_RULE, targetGroupArn: 'b' }] },
      [
        /listener-rule\/app\/web\/1\/b\/s sends group web-blue traffic by b, and Teal moves that of a/,
      ],
    ],
  ])('%s', (_, targetGroupArn, estate, said) => {
    const complaints = complainAboutTargetGroups({ targetGroupArn }, estate);
    expect(complaints).toEqual(said.map((one) => expect.stringMatching(one)));
  });

  it('is all of blue that green gets, which is said of the others', () => {
    const chosen = { targetGroupArn: 'a', targetGroupName: 'web' };
    expect(warnAboutTargetGroups(group('a'), chosen)).toEqual([]);
    expect(warnAboutTargetGroups(group('a', 'b'), chosen)).toEqual([
      expect.stringMatching(/also attached to b, to which no route leads; green will be attached/),
    ]);
  });
});

const complain = (
  limits: Parameters<typeof complainAboutLimits>[0],
  routes: readonly FoundRoute[] = [DEFAULT, BY_RULE],
) => complainAboutLimits(limits, routes, 'web');

describe('the listeners and rules that are named', () => {
  it('may be none, and then whatever is found is moved', () => {
    expect(complain({})).toEqual([]);
  });

  it('cover a listener with its rules, or single rules', () => {
    expect(complain({ listenerArns: [LISTENER] })).toEqual([]);
    expect(complain({ ruleArns: [RULE] }, [BY_RULE])).toEqual([]);
    const other = route(OTHER_RULE, 'rule');
    const limits = { listenerArns: [LISTENER], ruleArns: [OTHER_RULE] };
    expect(complain(limits, [DEFAULT, BY_RULE, other])).toEqual([]);
  });

  it('never leave a route behind, because blue is retired', () => {
    expect(complain({ ruleArns: [RULE] })).toEqual([
      expect.stringMatching(
        /listener\/app\/web\/1\/a leads to target group web too and would be left/,
      ),
    ]);
  });

  it('are refused where nothing leads from them to the target group', () => {
    expect(complain({ listenerArns: [LISTENER, OTHER_LISTENER], ruleArns: [OTHER_RULE] })).toEqual([
      expect.stringMatching(/1\/b does not lead to target group web; correct listenerArns/),
      expect.stringMatching(/1\/b\/s does not lead to target group web; correct ruleArns/),
    ]);
  });

  it('are out of place where records split the traffic', () => {
    const routing = { type: 'route53' } as never;
    expect(complain({ routing, listenerArns: [LISTENER] }, [])).toEqual([
      expect.stringMatching(/take listenerArns and ruleArns out/),
    ]);
    expect(complain({ routing }, [])).toEqual([]);
  });
});
