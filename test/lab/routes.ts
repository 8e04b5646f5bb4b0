/**
 * Rules and listeners of an estate: what they do, word for word, and ways to add more of them.
 * Not for: weights alone; see `sight.ts`.
 */
import {
  type Action,
  CreateListenerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { present } from './estate.ts';
import type { Lab } from './lab.ts';
import { nameOf } from './sight.ts';

/** The action of an estate whose traffic all goes to blue. */
export function forwardToBlue({ estate }: Pick<Lab, 'estate'>): Action {
  return { Type: 'forward', TargetGroupArn: estate.blueTargetGroupArn };
}

/** What every listener and rule of the load balancer does, by ARN. */
export function allActions({ act, aws, estate }: Lab): Promise<Map<string, readonly Action[]>> {
  const client = aws.loadBalancing();
  const { loadBalancerArn: LoadBalancerArn } = estate;
  return act(async () => {
    const found = new Map<string, readonly Action[]>();
    const { Listeners = [] } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
    for (const { ListenerArn = '', DefaultActions = [] } of Listeners) {
      found.set(ListenerArn, DefaultActions);
      const { Rules = [] } = await client.send(new DescribeRulesCommand({ ListenerArn }));
      for (const { RuleArn = '', Actions = [], IsDefault } of Rules) {
        if (!IsDefault) found.set(RuleArn, Actions);
      }
    }
    return found;
  });
}

function tuplesOf(actions: readonly Action[] | undefined) {
  return actions?.find(({ Type }) => Type === 'forward')?.ForwardConfig?.TargetGroups ?? [];
}

/** Weights of the forward action, in its order. */
export function weightsOf(actions: readonly Action[] | undefined) {
  return tuplesOf(actions).map(({ Weight }) => Weight);
}

/** Names of the target groups of the forward action, in its order. */
export function namesOf(actions: readonly Action[] | undefined) {
  return tuplesOf(actions).map(({ TargetGroupArn }) => nameOf(TargetGroupArn));
}

/** A second listener, more rules, and among them some that have nothing to do with blue. */
export function addRoutes(lab: Lab): Promise<{
  readonly own: readonly string[];
  readonly strangers: ReadonlyMap<string, readonly Action[]>;
}> {
  return lab.act(async () => {
    const client = lab.aws.loadBalancing();
    const { loadBalancerArn: LoadBalancerArn, listenerArn } = lab.estate;
    const before = await allActions(lab);
    const listener = { LoadBalancerArn, Protocol: 'HTTP', Port: 8080 } as const;
    const { Listeners } = await client.send(
      new CreateListenerCommand({ ...listener, DefaultActions: [forwardToBlue(lab)] }),
    );
    const second = present(Listeners?.[0]?.ListenerArn);
    const forwardToOther: Action = { Type: 'forward', TargetGroupArn: await addTargetGroup(lab) };
    const fixed = { StatusCode: '410', ContentType: 'text/plain', MessageBody: 'gone' };
    const gone: Action = { Type: 'fixed-response', FixedResponseConfig: fixed };
    const rules = [
      await addRule(lab, second, 1, [forwardToOther]),
      await addRule(lab, listenerArn, 20, [gone]),
    ];
    const own = [...before.keys(), second, await addRule(lab, second, 2, [forwardToBlue(lab)])];
    const all = await allActions(lab);
    return { own, strangers: new Map(rules.map((arn) => [arn, all.get(arn) ?? []])) };
  });
}

/** A target group of somebody else's, named `other`. */
export async function addTargetGroup({ aws, estate }: Lab): Promise<string> {
  const client = aws.loadBalancing();
  const TargetGroupArns = [estate.blueTargetGroupArn];
  const found = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
  const { VpcId } = present(found.TargetGroups?.[0]);
  const other = { Name: 'other', Protocol: 'HTTP', Port: 80, VpcId } as const;
  const { TargetGroups } = await client.send(new CreateTargetGroupCommand(other));
  return present(TargetGroups?.[0]?.TargetGroupArn);
}

async function addRule(
  { aws }: Lab,
  ListenerArn: string,
  Priority: number,
  Actions: Action[],
): Promise<string> {
  const Conditions = [
    { Field: 'path-pattern', PathPatternConfig: { Values: [`/part-${Priority}/*`] } },
  ];
  const command = new CreateRuleCommand({ ListenerArn, Priority, Conditions, Actions });
  const { Rules } = await aws.loadBalancing().send(command);
  return present(Rules?.[0]?.RuleArn);
}

/** A rule that gives blue a half, and a target group of somebody else's the other one. */
export function addSharedRule(lab: Lab): Promise<string> {
  return lab.act(async () => {
    const arns = [lab.estate.blueTargetGroupArn, await addTargetGroup(lab)];
    const TargetGroups = arns.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 }));
    const forward: Action = { Type: 'forward', ForwardConfig: { TargetGroups } };
    return addRule(lab, lab.estate.listenerArn, 30, [forward]);
  });
}

/** A rule of an HTTPS listener that lets only people through who have logged in. */
export function addLogin(lab: Lab): Promise<string> {
  return lab.act(async () => {
    const { loadBalancerArn: LoadBalancerArn } = lab.estate;
    const { Listeners } = await lab.aws.loadBalancing().send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: 'HTTPS',
        Port: 443,
        Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/1' }],
        DefaultActions: [forwardToBlue(lab)],
      }),
    );
    const login: Action = {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: {
        Issuer: 'https://id.example.com',
        AuthorizationEndpoint: 'https://id.example.com/authorize',
        TokenEndpoint: 'https://id.example.com/token',
        UserInfoEndpoint: 'https://id.example.com/userinfo',
        ClientId: 'shop',
        ClientSecret: 'sesame',
        Scope: 'openid email',
      },
    };
    const forward = { ...forwardToBlue(lab), Order: 2 };
    return addRule(lab, present(Listeners?.[0]?.ListenerArn), 1, [login, forward]);
  });
}
