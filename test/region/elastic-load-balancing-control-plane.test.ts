import type { Action, Rule, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRig, forwardTo, refusal, split, VPC } from './elastic-load-balancing-rig.ts';
import type { Rig } from './elastic-load-balancing-rig.ts';

let rig: Rig;
let balancer: string;
let blue: string;
let green: string;
let listener: string;

beforeEach(async () => {
  rig = createRig();
  balancer = await rig.balance();
  blue = await rig.group('blue');
  green = await rig.group('green');
  listener = await rig.listen(balancer, [forwardTo(blue)]);
});

const defaultActions = async (): Promise<Action[]> => {
  const found = await rig.call<{ Rules: Rule[] }>('DescribeRules', { ListenerArn: listener });
  return found.Rules.at(-1)!.Actions!;
};
const modify = (actions: readonly Action[]) =>
  rig.call('ModifyListener', { ListenerArn: listener, DefaultActions: actions });
const attribute = (TargetGroupArn: string, ...pairs: [string, string][]) =>
  rig.call('ModifyTargetGroupAttributes', {
    TargetGroupArn,
    Attributes: pairs.map(([Key, Value]) => ({ Key, Value })),
  });

describe('forward actions', () => {
  it('describes a single target group in both forms, as AWS does', async () => {
    expect(await defaultActions()).toEqual([
      {
        Type: 'forward',
        TargetGroupArn: blue,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
  });

  it('drops the top-level target group when there are two', async () => {
    await modify([split({ [blue]: 90, [green]: 10 })]);
    const [action] = await defaultActions();
    expect(action).not.toHaveProperty('TargetGroupArn');
    expect(action!.ForwardConfig!.TargetGroups).toEqual([
      { TargetGroupArn: blue, Weight: 90 },
      { TargetGroupArn: green, Weight: 10 },
    ]);
  });

  it('refuses both forms at once when they name different target groups', async () => {
    const both = { ...split({ [blue]: 1, [green]: 1 }), TargetGroupArn: blue };
    expect(await refusal(modify([both]))).toMatch(/^InvalidLoadBalancerAction: .*only one target/);
  });

  it.each([
    ['a weight over 999', () => [split({ [blue]: 1000, [green]: 1 })], /^ValidationError: .*999/],
    [
      'a negative weight',
      () => [split({ [blue]: -1, [green]: 1 })],
      /^ValidationError: .*equal to 0/,
    ],
    ['half a weight', () => [split({ [blue]: 0.5, [green]: 1 })], /InvalidLoadBalancerAction/],
    ['no action', () => [], /ValidationError/],
    ['an unknown action', () => [{ Type: 'drop' }], /enum value set/],
    [
      'two routing actions',
      () => [
        { ...forwardTo(blue), Order: 1 },
        { ...forwardTo(green), Order: 2 },
      ],
      /InvalidLoadBalancerAction: .*exactly one/,
    ],
    [
      'a target group that is not there',
      () => [forwardTo(`${blue.slice(0, -2)}zz`)],
      /TargetGroupNotFound/,
    ],
    [
      'a login on an HTTP listener',
      () => [
        { Type: 'authenticate-cognito', Order: 1 },
        { ...forwardTo(blue), Order: 2 },
      ],
      /InvalidLoadBalancerAction: .*HTTPS/,
    ],
    [
      'group stickiness without a duration',
      () => [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: true },
          },
        },
      ],
      /ValidationError: .*duration/,
    ],
    [
      'a redirect to itself',
      () => [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }],
      /InvalidLoadBalancerAction: .*loop/,
    ],
    [
      'a maintenance page of more than 1024 characters',
      () => [
        {
          Type: 'fixed-response',
          FixedResponseConfig: {
            StatusCode: '503',
            MessageBody: 'x'.repeat(1025),
          },
        },
      ],
      /ValidationError: .*1024/,
    ],
    [
      'a fixed response that redirects',
      () => [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '302' } }],
      /ValidationError/,
    ],
  ] as [string, () => Action[], RegExp][])('refuses %s', async (_what, actions, wanted) => {
    const before = await defaultActions();
    expect(await refusal(modify(actions()))).toMatch(wanted);
    expect(await defaultActions()).toEqual(before);
  });

  it('refuses a sixth target group in one action', async () => {
    const arns = await Promise.all(['a', 'b', 'c', 'd'].map((name) => rig.group(name)));
    const weights = Object.fromEntries([...arns, blue, green].map((arn) => [arn, 1]));
    expect(await refusal(modify([split(weights)]))).toMatch(/^InvalidLoadBalancerAction/);
  });

  it('refuses a weight left out when there are several target groups', async () => {
    const TargetGroups = [{ TargetGroupArn: blue, Weight: 1 }, { TargetGroupArn: green }];
    const action: Action = { Type: 'forward', ForwardConfig: { TargetGroups } };
    expect(await refusal(modify([action]))).toMatch(/^InvalidLoadBalancerAction: A weight/);
  });

  it('lets a target group belong to one load balancer only', async () => {
    const other = await rig.balance('other');
    expect(await refusal(rig.listen(other, [forwardTo(blue)]))).toBe(
      'TargetGroupAssociationLimit: The following target groups cannot be associated with more ' +
        `than one load balancer: ${blue}`,
    );
  });

  it('refuses a target group of another VPC', async () => {
    const foreign = await rig.group('foreign', { VpcId: 'vpc-0b' });
    expect(await refusal(modify([forwardTo(foreign)]))).toMatch(/^InvalidConfigurationRequest/);
  });
});

describe('stickiness', () => {
  it('refuses a sticky target group behind a weighted rule without group stickiness', async () => {
    await attribute(blue, ['stickiness.enabled', 'true']);
    expect(await refusal(modify([split({ [blue]: 1, [green]: 0 })]))).toBe(
      'InvalidLoadBalancerAction: You must enable group stickiness on a rule if you enabled ' +
        'target stickiness on one of its target groups',
    );
    await modify([split({ [blue]: 1, [green]: 0 }, 60)]);
  });

  it('refuses to make a target group sticky while its weighted rule is not', async () => {
    await modify([split({ [blue]: 1, [green]: 0 })]);
    expect(await refusal(attribute(blue, ['stickiness.enabled', 'true']))).toMatch(
      /^InvalidConfigurationRequest: This target group appears behind a rule with group/,
    );
  });

  it.each([
    [
      'an application cookie without a name',
      [
        ['stickiness.enabled', 'true'],
        ['stickiness.type', 'app_cookie'],
      ],
    ],
    [
      'the name of an application cookie for another type',
      [['stickiness.app_cookie.cookie_name', 'sid']],
    ],
    [
      'slow start with another algorithm than round robin',
      [
        ['slow_start.duration_seconds', '30'],
        ['load_balancing.algorithm.type', 'weighted_random'],
      ],
    ],
    [
      'anomaly mitigation without weighted random',
      [['load_balancing.algorithm.anomaly_mitigation', 'on']],
    ],
    [
      'stickiness with cross-zone balancing off',
      [
        ['stickiness.enabled', 'true'],
        ['load_balancing.cross_zone.enabled', 'false'],
      ],
    ],
  ] as [string, [string, string][]][])('refuses %s', async (_what, pairs) => {
    expect(await refusal(attribute(blue, ...pairs))).toMatch(/^InvalidConfigurationRequest/);
  });

  it.each([
    ['deregistration_delay.timeout_seconds', '3601'],
    ['deregistration_delay.timeout_seconds', ''],
    ['slow_start.duration_seconds', '29'],
    ['stickiness.lb_cookie.duration_seconds', '0'],
    ['stickiness.type', 'source_ip'],
    ['proxy_protocol_v2.enabled', 'true'],
  ])('refuses the attribute %s=%s', async (key, value) => {
    expect(await refusal(attribute(blue, [key, value]))).toMatch(/^ValidationError/);
  });

  it('accepts the attributes of a target group again as it describes them', async () => {
    const described = await rig.call<{ Attributes: { Key: string; Value: string }[] }>(
      'DescribeTargetGroupAttributes',
      { TargetGroupArn: blue },
    );
    const set = described.Attributes.filter(
      ({ Key, Value }) => Value !== '' && !Key.includes('app_'),
    );
    await rig.call('ModifyTargetGroupAttributes', { TargetGroupArn: green, Attributes: set });
    expect(set.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')!.Value).toBe(
      '300',
    );
  });
});

describe('rules', () => {
  it('refuses to modify or delete the default rule', async () => {
    const found = await rig.call<{ Rules: Rule[] }>('DescribeRules', { ListenerArn: listener });
    const rule = found.Rules[0]!;
    expect(rule).toMatchObject({ IsDefault: true, Priority: 'default' });
    const change = { RuleArn: rule.RuleArn, Actions: [forwardTo(green)] };
    expect(await refusal(rig.call('ModifyRule', change))).toBe(
      `OperationNotPermitted: Default rule '${rule.RuleArn}' cannot be modified`,
    );
    expect(await refusal(rig.call('DeleteRule', change))).toMatch(/^OperationNotPermitted/);
  });

  it('refuses a priority that is in use', async () => {
    await rig.rule(listener, 5, [forwardTo(green)]);
    expect(await refusal(rig.rule(listener, 5, [forwardTo(green)]))).toBe(
      "PriorityInUse: Priority '5' is currently in use",
    );
  });

  it('swaps the priorities of two rules in one call, and moves none when one would clash', async () => {
    const one = await rig.rule(listener, 1, [forwardTo(green)]);
    const two = await rig.rule(listener, 2, [forwardTo(blue)]);
    await rig.rule(listener, 3, [forwardTo(blue)]);
    const set = (...pairs: [string, number][]) =>
      rig.call('SetRulePriorities', {
        RulePriorities: pairs.map(([RuleArn, Priority]) => ({ RuleArn, Priority })),
      });
    expect(await refusal(set([one, 9], [two, 3]))).toMatch(/^PriorityInUse/);
    await set([one, 2], [two, 1]);
    const { Rules } = await rig.call<{ Rules: Rule[] }>('DescribeRules', { ListenerArn: listener });
    expect(Rules.map((rule) => rule.RuleArn).slice(0, 2)).toEqual([two, one]);
    expect(Rules.map((rule) => rule.Priority)).toEqual(['1', '2', '3', 'default']);
  });

  it('keeps the conditions when only the actions change', async () => {
    const arn = await rig.rule(listener, 1, [forwardTo(green)]);
    const { Rules } = await rig.call<{ Rules: Rule[] }>('ModifyRule', {
      RuleArn: arn,
      Actions: [split({ [blue]: 1, [green]: 1 })],
    });
    expect(Rules[0]!.Conditions).toEqual([
      {
        Field: 'path-pattern',
        Values: ['/test/*'],
        PathPatternConfig: { Values: ['/test/*'] },
      },
    ]);
  });

  it.each([
    [
      'both forms of a path',
      [{ Field: 'path-pattern', Values: ['/a'], PathPatternConfig: { Values: ['/a'] } }],
    ],
    [
      'two conditions on the path',
      [
        { Field: 'path-pattern', Values: ['/a'] },
        { Field: 'path-pattern', Values: ['/b'] },
      ],
    ],
    ['an unknown field', [{ Field: 'cookie', Values: ['a'] }]],
    [
      'a source that is not a range',
      [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }],
    ],
    [
      'a condition on the Host header by name',
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['a'] } }],
    ],
    ['six values', [{ Field: 'path-pattern', Values: ['/1', '/2', '/3', '/4', '/5', '/6'] }]],
    ['no value', [{ Field: 'host-header', Values: [] }]],
    ['no condition', []],
  ])('refuses %s', async (_what, Conditions) => {
    const made = rig.rule(listener, 1, [forwardTo(green)], { Conditions });
    expect(await refusal(made)).toMatch(/^ValidationError/);
  });

  it('refuses the 101st rule of a load balancer, default rules not counted', async () => {
    for (let priority = 1; priority <= 100; priority += 1) {
      await rig.rule(listener, priority, [forwardTo(green)]);
    }
    expect(await refusal(rig.rule(listener, 101, [forwardTo(green)]))).toMatch(/^TooManyRules/);
  });

  it('hides the client secret and keeps it when asked to', async () => {
    const OIDC = {
      Issuer: 'https://id.example.com',
      AuthorizationEndpoint: 'https://id.example.com/authorize',
      TokenEndpoint: 'https://id.example.com/token',
      UserInfoEndpoint: 'https://id.example.com/userinfo',
      ClientId: 'teal',
    };
    const login = (extra: object): Action => ({
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: { ...OIDC, ...extra },
    });
    const forward = { ...forwardTo(blue), Order: 2 };
    const secure = await rig.listen(balancer, [forwardTo(blue)], {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/1' }],
    });
    const arn = await rig.rule(secure, 1, [login({ ClientSecret: 'sesame' }), forward]);
    const change = (action: Action) =>
      rig.call<{ Rules: Rule[] }>('ModifyRule', { RuleArn: arn, Actions: [action, forward] });
    expect(await refusal(change(login({})))).toMatch(/^InvalidLoadBalancerAction: .*secret/);
    const { Rules } = await change(login({ UseExistingClientSecret: true }));
    expect(Rules[0]!.Actions![0]!.AuthenticateOidcConfig).toMatchObject(OIDC);
    expect(JSON.stringify(Rules)).not.toContain('sesame');
  });
});

const by = (input: object) =>
  rig.call<{ TargetGroups: TargetGroup[] }>('DescribeTargetGroups', input);

describe('target groups', () => {
  it('refuses to delete one that a rule names, even with weight 0', async () => {
    await modify([split({ [blue]: 1, [green]: 0 })]);
    expect(await refusal(rig.call('DeleteTargetGroup', { TargetGroupArn: green }))).toBe(
      `ResourceInUse: Target group '${green}' is currently in use by a listener or a rule`,
    );
    await modify([forwardTo(blue)]);
    await rig.call('DeleteTargetGroup', { TargetGroupArn: green });
  });

  it('answers with the existing one when it is created again, and refuses other settings', async () => {
    expect(await rig.group('green')).toBe(green);
    expect(await refusal(rig.group('green', { Port: 81 }))).toBe(
      "DuplicateTargetGroupName: A target group with the same name 'green' exists, but with " +
        'different settings',
    );
  });

  it('says which load balancer uses it, and finds it by load balancer', async () => {
    const found = await by({ LoadBalancerArn: balancer });
    expect(found.TargetGroups.map((group) => group.TargetGroupName)).toEqual(['blue']);
    expect(found.TargetGroups[0]!.LoadBalancerArns).toEqual([balancer]);
    expect((await by({ Names: ['green'] })).TargetGroups[0]!.LoadBalancerArns).toEqual([]);
  });

  it('describes page by page', async () => {
    const first = await rig.call<{ TargetGroups: TargetGroup[]; NextMarker?: string }>(
      'DescribeTargetGroups',
      { PageSize: 1 },
    );
    const second = await rig.call<typeof first>('DescribeTargetGroups', {
      PageSize: 1,
      Marker: first.NextMarker,
    });
    expect(second.TargetGroups[0]!.TargetGroupName).toBe('green');
    expect(second.NextMarker).toBeUndefined();
  });

  it.each([
    ['a name of 33 characters', { Name: 'a'.repeat(33) }, /cannot be longer than '32'/],
    ['a name with an underscore', { Name: 'a_b' }, /alphanumeric/],
    ['a name that ends with a hyphen', { Name: 'a-' }, /begin or end/],
    ['a VPC that is not there', { VpcId: 'vpc-9' }, /'vpc-9' is not found/],
    ['no port', { Port: undefined }, /A port must be specified/],
    ['an interval of 4 seconds', { HealthCheckIntervalSeconds: 4 }, /greater than or equal to 5/],
    [
      'a timeout as long as the interval',
      { HealthCheckTimeoutSeconds: 10 },
      /smaller than the interval/,
    ],
    ['a matcher outside 200-499', { Matcher: { HttpCode: '200-500' } }, /within '200-499'/],
    ['a health check path without a slash', { HealthCheckPath: 'ping' }, /must begin with/],
    ['a TCP health check', { HealthCheckProtocol: 'TCP' }, /must be one of 'HTTP, HTTPS'/],
  ])('refuses %s', async (_what, extra, wanted) => {
    const text = await refusal(rig.group('new', extra));
    expect(text).toMatch(/^ValidationError/);
    expect(text).toMatch(wanted);
  });

  it('says so where the region does not follow AWS, instead of pretending', async () => {
    expect(await refusal(rig.group('udp', { Protocol: 'UDP' }))).toMatch(/^NotImplemented/);
    expect(await refusal(rig.balance('gate', { Type: 'gateway' }))).toMatch(/^NotImplemented/);
  });
});

describe('load balancers and listeners', () => {
  it('creates the same one once, and refuses other settings under its name', async () => {
    expect(await rig.balance()).toBe(balancer);
    expect(await refusal(rig.balance('web', { Scheme: 'internal' }))).toMatch(
      /^DuplicateLoadBalancerName: A load balancer with the same name 'web' exists/,
    );
  });

  it('creates the same listener once, and refuses another one on its port', async () => {
    expect(await rig.listen(balancer, [forwardTo(blue)])).toBe(listener);
    expect(await refusal(rig.listen(balancer, [forwardTo(green)]))).toMatch(/^DuplicateListener/);
  });

  it.each([
    ['one zone only', { Subnets: ['subnet-a'] }, 'ValidationError'],
    [
      'two subnets of one zone',
      { Subnets: ['subnet-a', 'subnet-a2', 'subnet-b'] },
      'InvalidConfigurationRequest',
    ],
    ['a subnet that is not there', { Subnets: ['subnet-a', 'subnet-x'] }, 'SubnetNotFound'],
    ['a security group that is not there', { SecurityGroups: ['none'] }, 'InvalidSecurityGroup'],
    ['a name that begins with internal-', { Name: 'internal-a' }, 'ValidationError'],
  ])('refuses %s', async (_what, extra, code) => {
    expect(await refusal(rig.balance('new', extra))).toMatch(new RegExp(`^${code}: `));
  });

  it('has the names and ids of AWS', async () => {
    const { LoadBalancers } = await rig.call<{ LoadBalancers: object[] }>(
      'DescribeLoadBalancers',
      {},
    );
    expect(LoadBalancers[0]).toMatchObject({
      LoadBalancerArn: expect.stringMatching(
        /^arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
      ),
      DNSName: expect.stringMatching(/^web-\d{9,10}\.us-east-1\.elb\.amazonaws\.com$/),
      CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
      VpcId: VPC,
      State: { Code: 'active' },
      SecurityGroups: ['sg-default'],
    });
  });

  it('refuses to delete one under deletion protection', async () => {
    const protect = (Value: string) =>
      rig.call('ModifyLoadBalancerAttributes', {
        LoadBalancerArn: balancer,
        Attributes: [{ Key: 'deletion_protection.enabled', Value }],
      });
    await protect('true');
    const remove = () => rig.call('DeleteLoadBalancer', { LoadBalancerArn: balancer });
    expect(await refusal(remove())).toMatch(/^OperationNotPermitted/);
    await protect('false');
    await remove();
    expect(await refusal(rig.call('DescribeRules', { ListenerArn: listener }))).toMatch(
      /^ListenerNotFound/,
    );
  });

  it.each([
    [
      'DescribeLoadBalancers',
      { LoadBalancerArns: ['$'] },
      'loadbalancer/app/x/1',
      'LoadBalancerNotFound',
    ],
    ['CreateListener', { LoadBalancerArn: '$' }, 'loadbalancer/app/x/1', 'LoadBalancerNotFound'],
    ['DescribeListeners', { ListenerArns: ['$'] }, 'listener/app/x/1/2', 'ListenerNotFound'],
    ['ModifyListener', { ListenerArn: '$' }, 'listener/app/x/1/2', 'ListenerNotFound'],
    ['DeleteListener', { ListenerArn: '$' }, 'listener/app/x/1/2', 'ListenerNotFound'],
    ['CreateRule', { ListenerArn: '$' }, 'listener/app/x/1/2', 'ListenerNotFound'],
    ['ModifyRule', { RuleArn: '$' }, 'listener-rule/app/x/1/2/3', 'RuleNotFound'],
    ['DeleteRule', { RuleArn: '$' }, 'listener-rule/app/x/1/2/3', 'RuleNotFound'],
    ['ModifyTargetGroup', { TargetGroupArn: '$' }, 'targetgroup/x/1', 'TargetGroupNotFound'],
    ['DescribeTargetHealth', { TargetGroupArn: '$' }, 'targetgroup/x/1', 'TargetGroupNotFound'],
    ['RegisterTargets', { TargetGroupArn: '$' }, 'targetgroup/x/1', 'TargetGroupNotFound'],
    ['DescribeTags', { ResourceArns: ['$'] }, 'targetgroup/x/1', 'TargetGroupNotFound'],
  ])('%s says that nothing is there', async (operation, input, resource, code) => {
    const arn = `arn:aws:elasticloadbalancing:us-east-1:000000000000:${resource}`;
    const filled = (text: string) => JSON.parse(JSON.stringify(input).replace('$', text)) as object;
    expect(await refusal(rig.call(operation, filled(arn)))).toMatch(new RegExp(`^${code}: `));
    expect(await refusal(rig.call(operation, filled('nonsense')))).toMatch(
      /^ValidationError: .*valid/,
    );
  });
});

describe('tags and permissions', () => {
  it('refuses repeated keys, reserved keys and more than 20 resources', async () => {
    const tag = (...keys: string[]) =>
      rig.call('AddTags', { ResourceArns: [blue], Tags: keys.map((Key) => ({ Key, Value: '1' })) });
    expect(await refusal(tag('a', 'a'))).toMatch(/^DuplicateTagKeys/);
    expect(await refusal(tag('aws:a'))).toMatch(/^ValidationError/);
    expect(await refusal(tag(...Array.from({ length: 51 }, (_, i) => `k${i}`)))).toMatch(
      /^TooManyTags/,
    );
    const many = rig.call('DescribeTags', { ResourceArns: Array.from({ length: 21 }, () => blue) });
    expect(await refusal(many)).toMatch(/^ValidationError/);
  });

  it('asks for a change on the resource itself, with its tags', async () => {
    await rig.call('AddTags', { ResourceArns: [listener], Tags: [{ Key: 'team', Value: 'a' }] });
    expect(rig.permissions('ModifyListener', { ListenerArn: listener })).toEqual([
      {
        action: 'elasticloadbalancing:ModifyListener',
        resources: [listener],
        context: { 'aws:ResourceTag/team': 'a', 'elasticloadbalancing:ResourceTag/team': 'a' },
      },
    ]);
    await rig.call('RemoveTags', { ResourceArns: [listener], TagKeys: ['team'] });
    expect(rig.permissions('DeleteListener', { ListenerArn: listener })[0]!.context).toEqual({});
  });

  it('asks for tagging as well when a creation has tags', () => {
    const Tags = [{ Key: 'team', Value: 'a' }];
    const request = { 'aws:TagKeys': ['team'], 'aws:RequestTag/team': 'a' };
    const resources = ['arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/new/*'];
    expect(rig.permissions('CreateTargetGroup', { Name: 'new', Tags })).toEqual([
      { action: 'elasticloadbalancing:CreateTargetGroup', resources, context: request },
      {
        action: 'elasticloadbalancing:AddTags',
        resources,
        context: { ...request, 'elasticloadbalancing:CreateAction': 'CreateTargetGroup' },
      },
    ]);
  });

  it('asks for descriptions on everything, because AWS knows no other way', () => {
    expect(rig.permissions('DescribeRules', { ListenerArn: listener })).toEqual([
      { action: 'elasticloadbalancing:DescribeRules', resources: ['*'] },
    ]);
  });
});
