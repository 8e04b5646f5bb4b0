/**
 * Where the service's resources are kept and found, with AWS's answer for what is not there.
 * Not for: what operations may do with them.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Limits } from './limits.ts';
import type { Listener, LoadBalancer, Rule, TargetGroup } from './model.ts';
import { required, validationError } from './refusals.ts';

/** Every resource of the service by ARN, with the look-ups that operations share. */
export interface Store {
  readonly limits: Limits;
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly listeners: Map<string, Listener>;
  readonly rules: Map<string, Rule>;
  readonly targetGroups: Map<string, TargetGroup>;
  /** Tags by resource ARN; every resource has an entry. */
  readonly tags: Map<string, ReadonlyMap<string, string>>;

  /** @throws AwsError ValidationError, LoadBalancerNotFound */
  loadBalancer(arn: string | undefined): LoadBalancer;
  /** @throws AwsError ValidationError, ListenerNotFound */
  listener(arn: string | undefined): Listener;
  /** @throws AwsError ValidationError, RuleNotFound */
  rule(arn: string | undefined): Rule;
  /** @throws AwsError ValidationError, TargetGroupNotFound */
  targetGroup(arn: string | undefined): TargetGroup;

  /** A listener's rules by priority, the default rule last. */
  rulesOf(listenerArn: string): readonly Rule[];
  /** The default rule that every listener has. */
  defaultRuleOf(listenerArn: string): Rule;
  /** Every rule, default rules included, with an action that names the target group. */
  rulesUsing(targetGroupArn: string): readonly Rule[];
  /** ARNs of the target groups that the rules of a load balancer name. */
  targetGroupsOf(loadBalancerArn: string): ReadonlySet<string>;
  /** ARN of the load balancer whose rules name the target group. */
  loadBalancerOf(targetGroupArn: string): string | undefined;
}

/** ARNs of the target groups that some actions name, whatever their weight. */
export function targetGroupsIn(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) =>
    (action.ForwardConfig?.TargetGroups ?? []).flatMap((tuple) => tuple.TargetGroupArn ?? []),
  );
}

const byPriority = (a: Rule, b: Rule): number => place(a) - place(b);
const place = (rule: Rule): number =>
  rule.priority === 'default' ? Number.POSITIVE_INFINITY : rule.priority;

/** An empty store. */
export function createStore(limits: Limits): Store {
  const loadBalancers = new Map<string, LoadBalancer>();
  const listeners = new Map<string, Listener>();
  const rules = new Map<string, Rule>();
  const targetGroups = new Map<string, TargetGroup>();

  const rulesOf = (listenerArn: string): readonly Rule[] =>
    [...rules.values()].filter((rule) => rule.listenerArn === listenerArn).sort(byPriority);
  const rulesUsing = (targetGroupArn: string): readonly Rule[] =>
    [...rules.values()].filter((rule) => targetGroupsIn(rule.actions).includes(targetGroupArn));

  return {
    limits,
    loadBalancers,
    listeners,
    rules,
    targetGroups,
    tags: new Map(),
    loadBalancer: (arn) => find(loadBalancers, arn, KINDS.loadBalancer),
    listener: (arn) => find(listeners, arn, KINDS.listener),
    rule: (arn) => find(rules, arn, KINDS.rule),
    targetGroup: (arn) => find(targetGroups, arn, KINDS.targetGroup),
    rulesOf,
    rulesUsing,
    defaultRuleOf: (listenerArn) => {
      const rule = rulesOf(listenerArn).at(-1);
      if (!rule) throw new Error(`Listener ${listenerArn} has lost its default rule.`);
      return rule;
    },
    targetGroupsOf: (loadBalancerArn) =>
      new Set(
        [...rules.values()]
          .filter((rule) => rule.loadBalancerArn === loadBalancerArn)
          .flatMap((rule) => targetGroupsIn(rule.actions)),
      ),
    loadBalancerOf: (targetGroupArn) => rulesUsing(targetGroupArn)[0]?.loadBalancerArn,
  };
}

interface Kind {
  readonly noun: string;
  /** Begin of the resource part of an ARN of this kind. */
  readonly prefix: string;
  readonly code: string;
  readonly message: string;
}

const KINDS = {
  loadBalancer: {
    noun: 'load balancer',
    prefix: 'loadbalancer/',
    code: 'LoadBalancerNotFound',
    message: 'One or more load balancers not found',
  },
  listener: {
    noun: 'listener',
    prefix: 'listener/',
    code: 'ListenerNotFound',
    message: 'One or more listeners not found',
  },
  rule: {
    noun: 'listener rule',
    prefix: 'listener-rule/',
    code: 'RuleNotFound',
    message: 'One or more rules not found',
  },
  targetGroup: {
    noun: 'target group',
    prefix: 'targetgroup/',
    code: 'TargetGroupNotFound',
    message: 'One or more target groups not found',
  },
} as const satisfies Record<string, Kind>;

function find<T>(map: ReadonlyMap<string, T>, arn: string | undefined, kind: Kind): T {
  const asked = required(arn, `A ${kind.noun} ARN`);
  const found = map.get(asked);
  if (found) return found;
  if (
    !new RegExp(`^arn:aws[\\w-]*:elasticloadbalancing:[^:]+:\\d{12}:${kind.prefix}`).test(asked)
  ) {
    throw validationError(`'${asked}' is not a valid ${kind.noun} ARN`);
  }
  throw new AwsError(kind.code, kind.message);
}
