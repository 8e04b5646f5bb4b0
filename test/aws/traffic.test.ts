/** Weights: how they are read from a load balancer's actions, and what is kept when they change. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import { createElasticLoadBalancingRouter } from '../../shared/aws/elastic-load-balancing-router.ts';
import {
  findRoute,
  readWeights,
  settleActions,
  shiftActions,
} from '../../shared/aws/forward-actions.ts';
import type { Route } from '../../shared/core/estate.ts';
import { awsError, inputsOf, operations, type Script, scriptedClient } from './scripted-client.ts';

const pair = { blueTargetGroupArn: 'arn:blue', greenTargetGroupArn: 'arn:green' };

function forward(...shares: readonly (readonly [arn: string, weight: number])[]): Action {
  const TargetGroups = shares.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  return { Type: 'forward', ForwardConfig: { TargetGroups } };
}

/** A lone forward as AWS describes it: the target group twice. */
const lone: Action = { ...forward(['arn:blue', 1]), TargetGroupArn: 'arn:blue', Order: 2 };

/** A fence that lets everything through. */
const open = () => Promise.resolve();

const listenerRoute = { needsStickiness: true };

describe('shifting', () => {
  it('adds green beside blue, and drops the target group of the top level', () => {
    expect(shiftActions([lone], pair, 0)).toEqual([
      { ...forward(['arn:blue', 100], ['arn:green', 0]), Order: 2 },
    ]);
  });

  it('understands a forward action that names its target group at the top level only', () => {
    const action: Action = { Type: 'forward', TargetGroupArn: 'arn:blue' };
    expect(shiftActions([action], pair, 10)).toEqual([
      forward(['arn:blue', 90], ['arn:green', 10]),
    ]);
  });

  it('writes nothing where the weights say so already, in whatever units', () => {
    expect(shiftActions([forward(['arn:green', 1], ['arn:blue', 3])], pair, 25)).toBeUndefined();
    expect(shiftActions([forward(['arn:green', 1], ['arn:blue', 3])], pair, 26)).toBeDefined();
  });

  it('writes weight 0 for green although green is not there yet', () => {
    expect(shiftActions([forward(['arn:blue', 100])], pair, 0)).toBeDefined();
  });

  it('never leaves both fleets at weight 0', () => {
    expect(shiftActions([forward(['arn:blue', 0], ['arn:green', 0])], pair, 0)).toEqual([
      forward(['arn:blue', 100], ['arn:green', 0]),
    ]);
  });

  it('leaves everybody else their part of the whole, in the smallest weights that can say it', () => {
    const shared = forward(['arn:blue', 90], ['arn:other', 10]);
    const begun = shiftActions([shared], pair, 0) ?? [];
    expect(begun).toEqual([forward(['arn:blue', 900], ['arn:green', 0], ['arn:other', 100])]);
    const shifted = shiftActions(begun, pair, 5) ?? [];
    expect(shifted).toEqual([forward(['arn:blue', 855], ['arn:green', 45], ['arn:other', 100])]);
    expect(readWeights(shifted, pair)).toEqual({ blue: 95, green: 5 });
    expect(shiftActions(shifted, pair, 5)).toBeUndefined();
    const fleets = { keepTargetGroupArn: 'arn:green', removeTargetGroupArn: 'arn:blue' };
    expect(settleActions(shifted, fleets)).toEqual([
      forward(['arn:green', 900], ['arn:other', 100]),
    ]);
  });

  it('leaves an action alone that has neither fleet: it is somebody else’s by now', () => {
    const fixed: Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } };
    expect(shiftActions([fixed], pair, 0)).toBeUndefined();
    expect(shiftActions([forward(['arn:other', 1])], pair, 50)).toBeUndefined();
  });

  it('keeps how the action keeps clients on a target group', () => {
    const TargetGroupStickinessConfig = { Enabled: true, DurationSeconds: 60 };
    const action = forward(['arn:blue', 1]);
    const sticky = {
      ...action,
      ForwardConfig: { ...action.ForwardConfig, TargetGroupStickinessConfig },
    };
    expect(shiftActions([sticky], pair, 50)?.[0]?.ForwardConfig).toEqual({
      TargetGroups: forward(['arn:blue', 50], ['arn:green', 50]).ForwardConfig?.TargetGroups,
      TargetGroupStickinessConfig,
    });
  });

  it('makes an action sticky for a second while it names two sticky target groups, as AWS wants', () => {
    const [shifted] = shiftActions([forward(['arn:blue', 1])], pair, 50, listenerRoute) ?? [];
    expect(shifted?.ForwardConfig?.TargetGroupStickinessConfig).toEqual({
      Enabled: true,
      DurationSeconds: 1,
    });
    const fleets = { keepTargetGroupArn: 'arn:green', removeTargetGroupArn: 'arn:blue' };
    const [settled] = settleActions(shifted ? [shifted] : [], fleets, listenerRoute) ?? [];
    expect(settled?.ForwardConfig?.TargetGroupStickinessConfig).toEqual({ Enabled: false });
  });

  it('keeps other target groups of the action and their part of it', () => {
    const action = forward(['arn:blue', 7], ['arn:other', 3]);
    expect(shiftActions([action], pair, 50)).toEqual([
      forward(['arn:blue', 350], ['arn:green', 350], ['arn:other', 300]),
    ]);
  });

  it('keeps every other action and its order, and the secret that AWS never shows', () => {
    const cognito: Action = {
      Type: 'authenticate-cognito',
      Order: 1,
      AuthenticateCognitoConfig: {
        UserPoolArn: 'arn:pool',
        UserPoolClientId: 'client',
        UserPoolDomain: 'domain',
      },
    };
    const oidcConfig = {
      Issuer: 'https://issuer',
      AuthorizationEndpoint: 'https://issuer/authorize',
      TokenEndpoint: 'https://issuer/token',
      UserInfoEndpoint: 'https://issuer/user',
      ClientId: 'client',
    };
    const oidc: Action = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: oidcConfig,
    };
    expect(shiftActions([cognito, lone], pair, 10)?.[0]).toEqual(cognito);
    expect(shiftActions([oidc, lone], pair, 10)?.[0]).toEqual({
      ...oidc,
      AuthenticateOidcConfig: { ...oidcConfig, UseExistingClientSecret: true },
    });
  });
});

describe('settling', () => {
  const keepGreen = { keepTargetGroupArn: 'arn:green', removeTargetGroupArn: 'arn:blue' };

  it('leaves one target group with what both had', () => {
    expect(settleActions([forward(['arn:blue', 0], ['arn:green', 100])], keepGreen)).toEqual([
      forward(['arn:green', 100]),
    ]);
  });

  it('writes nothing twice', () => {
    const settled = settleActions([forward(['arn:blue', 0], ['arn:green', 100])], keepGreen);
    expect(settleActions(settled ?? [], keepGreen)).toBeUndefined();
  });

  it('leaves an action alone that has neither fleet', () => {
    expect(settleActions([forward(['arn:other', 1])], keepGreen)).toBeUndefined();
  });
});

describe('reading', () => {
  const cases: readonly (readonly [Action, { blue?: number; green?: number }])[] = [
    [lone, { blue: 100 }],
    [forward(['arn:blue', 90], ['arn:green', 10]), { blue: 90, green: 10 }],
    [forward(['arn:blue', 3], ['arn:green', 1]), { blue: 75, green: 25 }],
    [forward(['arn:blue', 0], ['arn:green', 0]), { blue: 0, green: 0 }],
    [forward(['arn:other', 1]), {}],
    [{ Type: 'redirect' }, {}],
  ];
  it.each(cases)('takes %j for %j', (action, weights) => {
    expect(readWeights([action], pair)).toEqual(weights);
  });

  it('does not round a foreign weight to one of ours', () => {
    const { green } = readWeights([forward(['arn:blue', 2], ['arn:green', 1])], pair);
    expect(green).toBe(33.3333);
  });

  it('finds who else gets traffic, and whether clients stick', () => {
    const route: Route = { id: 'arn:rule', type: 'rule', loadBalancerArn: 'arn:lb' };
    const action = forward(['arn:blue', 1], ['arn:other', 1]);
    expect(findRoute(route, [action], 'arn:blue')).toEqual({
      ...route,
      otherTargetGroupArns: ['arn:other'],
    });
    expect(findRoute(route, [action], 'arn:green')).toBeUndefined();
  });

  it.each([
    [
      'weights to 999 cannot say a percent of its part',
      [
        ['arn:blue', 1],
        ['arn:other', 99],
      ],
    ],
    [
      'it gets nothing',
      [
        ['arn:blue', 0],
        ['arn:other', 1],
      ],
    ],
    [
      'there is no room for a sixth target group',
      ['arn:blue', 'arn:1', 'arn:2', 'arn:3', 'arn:4'].map((arn) => [arn, 1]),
    ],
  ] as [string, [string, number][]][])(
    'says that blue’s part is indivisible where %s',
    (_why, shares) => {
      const route: Route = { id: 'arn:rule', type: 'rule', loadBalancerArn: 'arn:lb' };
      expect(findRoute(route, [forward(...shares)], 'arn:blue')?.isIndivisible).toBe(true);
    },
  );
});

describe('the router', () => {
  const rule: Route = { id: 'arn:rule', type: 'rule', loadBalancerArn: 'arn:lb' };
  const listener: Route = {
    id: 'arn:listener',
    type: 'listenerDefault',
    loadBalancerArn: 'arn:lb',
  };
  const gone: Route = { id: 'arn:gone', type: 'rule', loadBalancerArn: 'arn:lb' };

  const world: Script = {
    DescribeTargetGroups: () => ({ TargetGroups: [{ LoadBalancerArns: ['arn:lb'] }] }),
    DescribeListeners: ({ Marker, ListenerArns }: { Marker?: string; ListenerArns?: string[] }) =>
      Marker || ListenerArns
        ? { Listeners: [{ ListenerArn: 'arn:listener', DefaultActions: [lone] }] }
        : { Listeners: [], NextMarker: 'more' },
    DescribeRules: ({ RuleArns, Marker }: { RuleArns?: string[]; Marker?: string }) => {
      if (RuleArns?.includes('arn:gone')) throw awsError('RuleNotFound');
      if (!RuleArns && !Marker) return { Rules: [], NextMarker: 'more' };
      const isDefault = { RuleArn: 'arn:default', IsDefault: true, Actions: [lone] };
      const other = { RuleArn: 'arn:other-rule', Actions: [forward(['arn:other', 1])] };
      return { Rules: [{ RuleArn: 'arn:rule', Actions: [lone] }, isDefault, other] };
    },
    ModifyRule: () => ({}),
    ModifyListener: () => ({}),
  };
  const router = (script: Script = world) => {
    const { client, asked } = scriptedClient(script);
    return { router: createElasticLoadBalancingRouter(client), asked };
  };

  it('finds every rule and default action on all pages, the default one as the listener’s', async () => {
    const found = await router().router.find('arn:blue');
    expect(found).toEqual([
      { ...listener, otherTargetGroupArns: [] },
      { ...rule, otherTargetGroupArns: [] },
    ]);
  });

  it('writes rules by ModifyRule and default actions by ModifyListener, with nothing else', async () => {
    const { router: tested, asked } = router();
    await tested.shift([rule, listener], pair, 10, open);
    const actions = [{ ...forward(['arn:blue', 90], ['arn:green', 10]), Order: 2 }];
    expect(inputsOf(asked, 'ModifyRule')).toEqual([{ RuleArn: 'arn:rule', Actions: actions }]);
    expect(inputsOf(asked, 'ModifyListener')).toEqual([
      { ListenerArn: 'arn:listener', DefaultActions: actions },
    ]);
    expect(operations(asked).filter((name) => name.startsWith('Modify'))).toEqual([
      'ModifyRule',
      'ModifyListener',
    ]);
  });

  it('writes in the order given', async () => {
    const { router: tested, asked } = router();
    await tested.shift([listener, rule], pair, 10, open);
    expect(operations(asked).slice(-2)).toEqual(['ModifyListener', 'ModifyRule']);
  });

  it('writes nothing to a route that says so already', async () => {
    const { router: tested, asked } = router();
    const swap = { keepTargetGroupArn: 'arn:blue', removeTargetGroupArn: 'arn:green' };
    await tested.settle([rule, listener], swap, open);
    expect(operations(asked)).toEqual(['DescribeRules', 'DescribeListeners']);
  });

  it('passes over a route that somebody deleted, and reads it as gone', async () => {
    const { router: tested, asked } = router();
    const readings = await tested.read([gone, rule], pair);
    expect(readings).toEqual([
      { routeId: 'arn:gone', weights: undefined },
      { routeId: 'arn:rule', weights: { blue: 100, green: undefined } },
    ]);
    await tested.shift([gone, rule], pair, 10, open);
    expect(inputsOf(asked, 'ModifyRule')).toHaveLength(1);
  });

  it('passes over a route that is deleted between the reading and the writing', async () => {
    const { router: tested, asked } = router({
      ...world,
      ModifyRule: () => {
        throw awsError('RuleNotFound');
      },
    });
    await tested.shift([rule, listener], pair, 10, open);
    expect(operations(asked).at(-1)).toBe('ModifyListener');
  });

  it('stops at the first write that AWS refuses for another reason', async () => {
    const { router: tested, asked } = router({
      ...world,
      ModifyRule: () => {
        throw awsError('TargetGroupNotFound');
      },
    });
    await expect(tested.shift([rule, listener], pair, 10, open)).rejects.toMatchObject({
      name: 'AwsRefused',
    });
    expect(operations(asked).at(-1)).toBe('ModifyRule');
  });
});
