/** The service as stock SDK clients meet it: through the region's endpoint, under a role's policy. */
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Credentials } from '../../region/kernel/contracts.ts';
import { expect, it } from 'vitest';
import { createEndpoint } from '../../region/endpoint/endpoint.ts';
import { createIdentities } from '../../region/iam/identities.ts';
import { createRig, forwardTo, split, VPC } from './elastic-load-balancing-rig.ts';

const ROLE = 'arn:aws:iam::000000000000:role/shift-traffic';

function createWire() {
  const rig = createRig();
  const identities = createIdentities();
  identities.addRole({
    arn: ROLE,
    trust: ['lambda.amazonaws.com'],
    policies: [
      {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'elasticloadbalancing:ModifyListener',
            Resource: 'arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/*',
            Condition: { StringEquals: { 'aws:ResourceTag/service': 'web' } },
          },
        ],
      },
    ],
  });
  // The endpoint logs every call; the rig takes a line for a failure of the service.
  const kernel = { ...rig.kernel, log: () => undefined };
  const endpoint = createEndpoint({ kernel, identities, services: [rig.elb.service] });
  const clientOf = (credentials: Credentials): ElasticLoadBalancingV2Client =>
    new ElasticLoadBalancingV2Client({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
      requestHandler: endpoint.requestHandler,
    });
  const session = { roleArn: ROLE, principal: 'lambda.amazonaws.com', sessionName: 'one' };
  return {
    ...rig,
    operator: clientOf(identities.administrator),
    role: clientOf(identities.assume(session)),
  };
}

it('serves a stock client from the load balancer to the health of a target', async () => {
  const { operator, launch, pass } = createWire();
  const balancer = await operator.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets: ['subnet-a', 'subnet-b'] }),
  );
  const made = await operator.send(
    new CreateTargetGroupCommand({ Name: 'blue', Protocol: 'HTTP', Port: 80, VpcId: VPC }),
  );
  const blue = made.TargetGroups![0]!.TargetGroupArn!;
  const listener = await operator.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancers![0]!.LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [forwardTo(blue)],
    }),
  );
  await operator.send(
    new RegisterTargetsCommand({ TargetGroupArn: blue, Targets: [{ Id: launch('1') }] }),
  );
  await pass(60);
  const health = await operator.send(new DescribeTargetHealthCommand({ TargetGroupArn: blue }));
  expect(health.TargetHealthDescriptions).toMatchObject([
    { Target: { Port: 80 }, HealthCheckPort: '80', TargetHealth: { State: 'healthy' } },
  ]);
  const rules = await operator.send(
    new DescribeRulesCommand({ ListenerArn: listener.Listeners![0]!.ListenerArn }),
  );
  expect(rules.Rules).toMatchObject([
    { IsDefault: true, Priority: 'default', Actions: [{ TargetGroupArn: blue }] },
  ]);
  const groups = await operator.send(new DescribeTargetGroupsCommand({}));
  expect(groups.TargetGroups![0]).toMatchObject({
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 5,
    UnhealthyThresholdCount: 2,
    Matcher: { HttpCode: '200' },
    LoadBalancerArns: [balancer.LoadBalancers![0]!.LoadBalancerArn],
  });
});

it('lets a role change the listeners that bear its tag, and nothing else', async () => {
  const { operator, role, balance, group, listen, rule } = createWire();
  const [blue, green] = [await group('blue'), await group('green')];
  const listener = await listen(await balance(), [forwardTo(blue)]);
  const DefaultActions = [split({ [blue]: 95, [green]: 5 })];
  const shift = new ModifyListenerCommand({ ListenerArn: listener, DefaultActions });
  await expect(role.send(shift)).rejects.toMatchObject({ name: 'AccessDenied' });
  const Tags = [{ Key: 'service', Value: 'web' }];
  await operator.send(new AddTagsCommand({ ResourceArns: [listener], Tags }));
  const tags = await operator.send(new DescribeTagsCommand({ ResourceArns: [listener] }));
  expect(tags.TagDescriptions).toEqual([{ ResourceArn: listener, Tags }]);
  const { Listeners } = await role.send(shift);
  expect(Listeners![0]!.DefaultActions![0]!.ForwardConfig!.TargetGroups).toEqual([
    { TargetGroupArn: blue, Weight: 95 },
    { TargetGroupArn: green, Weight: 5 },
  ]);
  const arn = await rule(listener, 1, [forwardTo(blue)]);
  const change = new ModifyRuleCommand({ RuleArn: arn, Actions: DefaultActions });
  await expect(role.send(change)).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('refuses with the errors that the SDK knows by name', async () => {
  const { operator, balance, group, listen } = createWire();
  const blue = await group('blue');
  const listener = await listen(await balance(), [forwardTo(blue)]);
  const rule = new CreateRuleCommand({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
    Actions: [forwardTo(blue)],
  });
  await operator.send(rule);
  await expect(operator.send(rule)).rejects.toMatchObject({
    name: 'PriorityInUseException',
    message: "Priority '1' is currently in use",
  });
});
