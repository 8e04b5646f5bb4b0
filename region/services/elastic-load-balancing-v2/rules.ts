/**
 * CreateRule, DescribeRules, ModifyRule, DeleteRule and SetRulePriorities.
 * Not for: the default rule's actions, which only ModifyListener changes.
 */
import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  DeleteRuleOutput,
  DescribeRulesInput,
  DescribeRulesOutput,
  ModifyRuleInput,
  ModifyRuleOutput,
  Rule as Described,
  SetRulePrioritiesInput,
  SetRulePrioritiesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import { inRange } from '../constraints.ts';
import { completeActions, describeActions } from './actions.ts';
import { completeConditions } from './conditions.ts';
import { RULES_PER_LOAD_BALANCER } from './limits.ts';
import type { Rule } from './model.ts';
import { isNetwork } from './model.ts';
import { ID_DIGITS } from './names.ts';
import { operation, page } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toCreate, toDescribe } from './permissions.ts';
import { notImplemented, refuseViolations, required, validationError } from './refusals.ts';
import type { Store } from './store.ts';
import { completeTags } from './tags.ts';

const PRIORITY_BOUNDS = { min: 1, max: 50_000 };

/** The rule operations. */
export function ruleOperations(plane: ControlPlane): Operations {
  const { store } = plane;
  const changed = async (rule: Rule): Promise<{ Rules: Described[] }> => {
    await plane.announce(rule.listenerArn);
    return { Rules: [describe(rule)] };
  };
  return {
    CreateRule: operation<CreateRuleInput, CreateRuleOutput>(
      (input) => {
        const on = input.ListenerArn ?? '';
        const created = `${on.replace(':listener/', ':listener-rule/')}/*`;
        return toCreate(store, { action: 'CreateRule', on, created, tags: input.Tags });
      },
      (input) => changed(createRule(plane, input)),
    ),
    DescribeRules: operation<DescribeRulesInput, DescribeRulesOutput>(
      toDescribe('DescribeRules'),
      (input) => {
        const { items, next } = page(select(store, input), input);
        return { Rules: items.map(describe), ...next };
      },
    ),
    ModifyRule: operation<ModifyRuleInput, ModifyRuleOutput>(
      (input) => toChange(store, 'ModifyRule', [input.RuleArn]),
      (input) => changed(modifyRule(store, input)),
    ),
    DeleteRule: operation<DeleteRuleInput, DeleteRuleOutput>(
      (input) => toChange(store, 'DeleteRule', [input.RuleArn]),
      async (input) => {
        const rule = notDefault(store.rule(input.RuleArn), 'deleted');
        store.rules.delete(rule.arn);
        store.tags.delete(rule.arn);
        await plane.announce(rule.listenerArn);
        return {};
      },
    ),
    SetRulePriorities: operation<SetRulePrioritiesInput, SetRulePrioritiesOutput>(
      (input) =>
        toChange(
          store,
          'SetRulePriorities',
          (input.RulePriorities ?? []).map((pair) => pair.RuleArn),
        ),
      async (input) => {
        const rules = setPriorities(store, input);
        const listeners = new Set(rules.map((rule) => rule.listenerArn));
        await Promise.all([...listeners].map((arn) => plane.announce(arn)));
        return { Rules: rules.map(describe) };
      },
    ),
  };
}

function createRule(plane: ControlPlane, input: CreateRuleInput): Rule {
  const { store, kernel } = plane;
  const listener = store.listener(input.ListenerArn);
  const loadBalancer = store.loadBalancer(listener.loadBalancerArn);
  if (isNetwork(listener.protocol)) throw notImplemented('rules of network load balancers');
  const priority = required(input.Priority, 'A rule priority');
  refuseViolations(inRange(priority, 'priority', PRIORITY_BOUNDS));
  if (input.Transforms?.length) throw notImplemented('rule transforms');
  const tags = completeTags(input.Tags);
  const conditions = completeConditions(input.Conditions);
  const site = { store, loadBalancer, protocol: listener.protocol, before: [] };
  const actions = completeActions(input.Actions, site);
  if (store.rulesOf(listener.arn).some((rule) => rule.priority === priority)) {
    throw priorityInUse(priority);
  }
  const count = [...store.rules.values()].filter(
    (rule) => rule.loadBalancerArn === loadBalancer.arn && rule.priority !== 'default',
  ).length;
  if (count >= RULES_PER_LOAD_BALANCER) {
    throw new AwsError(
      'TooManyRules',
      `The maximum number of rules per load balancer '${RULES_PER_LOAD_BALANCER}' has been ` +
        `reached on load balancer '${loadBalancer.arn}'`,
    );
  }
  const prefix = listener.arn.replace(':listener/', ':listener-rule/');
  const rule: Rule = {
    arn: `${prefix}/${kernel.hex(ID_DIGITS)}`,
    listenerArn: listener.arn,
    loadBalancerArn: loadBalancer.arn,
    priority,
    conditions,
    actions,
  };
  store.rules.set(rule.arn, rule);
  store.tags.set(rule.arn, tags);
  return rule;
}

function modifyRule(store: Store, input: ModifyRuleInput): Rule {
  const before = notDefault(store.rule(input.RuleArn), 'modified');
  if (input.Transforms?.length) throw notImplemented('rule transforms');
  if (!input.Conditions?.length && !input.Actions?.length) {
    throw validationError('Either conditions or actions must be specified');
  }
  const loadBalancer = store.loadBalancer(before.loadBalancerArn);
  const { protocol } = store.listener(before.listenerArn);
  const site = { store, loadBalancer, protocol, before: before.actions };
  const rule: Rule = {
    ...before,
    conditions: input.Conditions?.length ? completeConditions(input.Conditions) : before.conditions,
    actions: input.Actions?.length ? completeActions(input.Actions, site) : before.actions,
  };
  store.rules.set(rule.arn, rule);
  return rule;
}

/** Changes several priorities at once: all of them or, when two would clash, none. */
function setPriorities(store: Store, input: SetRulePrioritiesInput): readonly Rule[] {
  const pairs = required(input.RulePriorities, 'Rule priorities');
  refuseViolations(
    ...pairs.map((pair, index) =>
      inRange(pair.Priority, `rulePriorities.${index + 1}.member.priority`, PRIORITY_BOUNDS),
    ),
  );
  const moved = pairs.map((pair) => ({
    ...notDefault(store.rule(pair.RuleArn), 'modified'),
    priority: required(pair.Priority, 'A rule priority'),
  }));
  const [first] = moved;
  if (moved.some((rule) => rule.listenerArn !== first?.listenerArn)) {
    throw validationError('All rules must belong to the same listener');
  }
  if (new Set(moved.map((rule) => rule.arn)).size < moved.length) {
    throw validationError('A rule ARN was provided multiple times');
  }
  const kept = store
    .rulesOf(first?.listenerArn ?? '')
    .filter((rule) => moved.every((other) => other.arn !== rule.arn));
  const taken = new Set(kept.map((rule) => rule.priority));
  for (const rule of moved) {
    if (taken.has(rule.priority)) throw priorityInUse(rule.priority);
    taken.add(rule.priority);
  }
  for (const rule of moved) store.rules.set(rule.arn, rule);
  return moved;
}

function notDefault(rule: Rule, verb: 'modified' | 'deleted'): Rule {
  if (rule.priority !== 'default') return rule;
  throw new AwsError('OperationNotPermitted', `Default rule '${rule.arn}' cannot be ${verb}`);
}

function priorityInUse(priority: number): AwsError {
  return new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`);
}

function select(store: Store, input: DescribeRulesInput): readonly Rule[] {
  const { RuleArns: arns, ListenerArn: listenerArn } = input;
  if (!arns?.length && listenerArn === undefined) {
    throw validationError('You must specify either listener rule ARNs or a listener ARN');
  }
  if (arns?.length && listenerArn !== undefined) {
    throw validationError(
      'Listener rule ARNs and a listener ARN cannot be specified at the same time',
    );
  }
  if (arns?.length) return arns.map((arn) => store.rule(arn));
  return store.rulesOf(store.listener(listenerArn).arn);
}

function describe(rule: Rule): Described {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: [...rule.conditions],
    Actions: describeActions(rule.actions),
    IsDefault: rule.priority === 'default',
    Transforms: [],
  };
}
