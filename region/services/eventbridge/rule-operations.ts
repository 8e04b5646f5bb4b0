/**
 * The operations on rules.
 * Not for: their targets (`target-operations.ts`) and other buses than the default one.
 */
import type {
  DeleteRuleCommandInput,
  DescribeRuleCommandInput,
  DescribeRuleCommandOutput,
  DisableRuleCommandInput,
  ListRulesCommandInput,
  ListRulesCommandOutput,
  PutRuleCommandInput,
  PutRuleCommandOutput,
  TestEventPatternCommandInput,
  TestEventPatternCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import {
  describeViolations,
  hasLength,
  hasPattern,
  inRange,
  isOneOf,
  isPresent,
} from '../constraints.ts';
import { takePage } from '../pages.ts';
import { PatternError } from './pattern-conditions.ts';
import { readPattern } from './patterns.ts';
import type { Pattern } from './patterns.ts';
import { DEFAULT_BUS } from './rules.ts';
import type { Rule, Rules } from './rules.ts';
import { readSchedule } from './schedules.ts';

type Answer<T> = Omit<T, '$metadata'>;

/** @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const RULE_LIMIT = 300;

const RULES_PER_PAGE = 100;

/** Members that an event must have to be tested against a pattern. */
const EVENT_MEMBERS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/** Refuses a request of which a member is wrong or does not fit the others. */
export function validationException(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** @throws AwsError ResourceNotFoundException for every bus but the default one */
export function requireDefaultBus(nameOrArn: string | undefined): void {
  if (nameOrArn === undefined || nameOrArn === DEFAULT_BUS) return;
  if (nameOrArn === arn('events', `event-bus/${DEFAULT_BUS}`)) return;
  throw new AwsError('ResourceNotFoundException', `Event bus ${nameOrArn} does not exist.`);
}

/** The permission for an operation on one rule. */
export function rulePermission(
  action: string,
  ruleName: string | undefined,
  rules: Rules,
): Permission {
  const tags = rules.find(ruleName ?? '')?.tags ?? [];
  return {
    action,
    resources: [arn('events', `rule/${ruleName ?? ''}`)],
    context: Object.fromEntries([...tags].map(([key, tag]) => [`aws:ResourceTag/${key}`, tag])),
  };
}

/** The operations on rules. */
export function createRuleOperations({ rules }: { rules: Rules }): Record<string, Operation> {
  const putOperation: Operation<PutRuleCommandInput, Answer<PutRuleCommandOutput>> = {
    permissions: (input) => [
      rulePermission('events:PutRule', input.Name, rules),
      ...passRole(input.RoleArn),
    ],
    run: (input) => ({ RuleArn: putRule(rules, input).arn }),
  };
  const remove: Operation<DeleteRuleCommandInput, object> = {
    permissions: (input) => [rulePermission('events:DeleteRule', input.Name, rules)],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      // Deleting a rule that is not there succeeds on AWS.
      const rule = rules.find(input.Name ?? '');
      if (rule && rule.targets.size > 0) {
        throw validationException("Rule can't be deleted since it has targets.");
      }
      if (rule) rules.remove(rule.name);
      return {};
    },
  };
  return {
    PutRule: putOperation,
    DeleteRule: remove,
    EnableRule: switchRule(rules, 'ENABLED'),
    DisableRule: switchRule(rules, 'DISABLED'),
    ...createRuleReads(rules),
  };
}

function createRuleReads(rules: Rules): Record<string, Operation> {
  const describe: Operation<DescribeRuleCommandInput, Answer<DescribeRuleCommandOutput>> = {
    permissions: (input) => [rulePermission('events:DescribeRule', input.Name, rules)],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      return shapeOf(rules.require(input.Name));
    },
  };
  const list: Operation<ListRulesCommandInput, Answer<ListRulesCommandOutput>> = {
    permissions: () => [{ action: 'events:ListRules', resources: ['*'] }],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      const found = rules.all().filter((rule) => rule.name.startsWith(input.NamePrefix ?? ''));
      const page = takeEventsPage(found, input);
      return { Rules: page.items.map((rule) => shapeOf(rule)), NextToken: page.nextToken };
    },
  };
  const test: Operation<TestEventPatternCommandInput, Answer<TestEventPatternCommandOutput>> = {
    permissions: () => [{ action: 'events:TestEventPattern', resources: ['*'] }],
    run: (input) => ({ Result: compile(input.EventPattern ?? '')(readEvent(input.Event ?? '')) }),
  };
  return { DescribeRule: describe, ListRules: list, TestEventPattern: test };
}

/** One page of a list of rules or targets. @throws AwsError ValidationException */
export function takeEventsPage<T>(
  list: readonly T[],
  input: { Limit?: number | undefined; NextToken?: string | undefined },
) {
  const violations = describeViolations([
    inRange(input.Limit, 'limit', { min: 1, max: RULES_PER_PAGE }),
  ]);
  if (violations !== undefined) throw validationException(violations);
  return takePage(list, {
    size: input.Limit ?? RULES_PER_PAGE,
    token: input.NextToken,
    refuse: () => validationException('Invalid value for parameter NextToken.'),
  });
}

/** Whoever hands a role to a service must be allowed to. */
export function passRole(roleArn: string | undefined): readonly Permission[] {
  if (roleArn === undefined) return [];
  return [
    {
      action: 'iam:PassRole',
      resources: [roleArn],
      context: { 'iam:PassedToService': 'events.amazonaws.com' },
    },
  ];
}

/** Creates or replaces a rule; targets and tags of a rule that is there stay. */
export function putRule(rules: Rules, input: PutRuleCommandInput): Rule {
  checkRule(input);
  requireDefaultBus(input.EventBusName);
  const name = input.Name ?? '';
  const existing = rules.find(name);
  if (!existing && rules.all().length >= RULE_LIMIT) {
    throw new AwsError(
      'LimitExceededException',
      'The requested resource exceeds the maximum number allowed.',
    );
  }
  const rule: Rule = {
    name,
    arn: arn('events', `rule/${name}`),
    description: input.Description,
    roleArn: input.RoleArn,
    eventPattern: readEventPattern(input.EventPattern),
    schedule: readScheduleExpression(input.ScheduleExpression),
    state: input.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
    targets: existing?.targets ?? new Map(),
    tags:
      existing?.tags ?? new Map((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
  };
  rules.put(rule);
  return rule;
}

function checkRule(input: PutRuleCommandInput): void {
  const violations = describeViolations([
    isPresent(input.Name, 'name'),
    hasLength(input.Name, 'name', { min: 1, max: 64 }),
    hasPattern(input.Name, 'name', String.raw`[\.\-_A-Za-z0-9]+`),
    hasLength(input.Description, 'description', { max: 512 }),
    hasLength(input.ScheduleExpression, 'scheduleExpression', { max: 256 }),
    hasLength(input.EventPattern, 'eventPattern', { max: 4096 }),
    isOneOf(input.State, 'state', [
      'ENABLED',
      'DISABLED',
      'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    ]),
  ]);
  if (violations !== undefined) throw validationException(violations);
  if (!input.EventPattern && !input.ScheduleExpression) {
    throw validationException('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (input.State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS') {
    throw validationException('CloudTrail events do not exist in this region.');
  }
}

function readEventPattern(text: string | undefined): Rule['eventPattern'] {
  return text ? { text, matches: compile(text) } : undefined;
}

function readScheduleExpression(text: string | undefined): Rule['schedule'] {
  if (!text) return undefined;
  const next = readSchedule(text);
  if (!next) throw validationException('Parameter ScheduleExpression is not valid.');
  return { text, next };
}

function compile(text: string): Pattern {
  try {
    return readPattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new AwsError(
      'InvalidEventPatternException',
      `Event pattern is not valid. Reason: ${error.message}`,
    );
  }
}

function readEvent(text: string): unknown {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw validationException('Parameter Event is not valid. Reason: it is not JSON.');
  }
  const missing = EVENT_MEMBERS.find(
    (member) => typeof event !== 'object' || event === null || !Object.hasOwn(event, member),
  );
  if (missing === undefined) return event;
  throw validationException(`Parameter Event is not valid. Reason: ${missing} is missing.`);
}

function switchRule(
  rules: Rules,
  state: Rule['state'],
): Operation<DisableRuleCommandInput, object> {
  const action = `events:${state === 'ENABLED' ? 'EnableRule' : 'DisableRule'}`;
  return {
    permissions: (input) => [rulePermission(action, input.Name, rules)],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      const rule = rules.require(input.Name);
      if (rule.state !== state) rules.setState(rule, state);
      return {};
    },
  };
}

function shapeOf(rule: Rule): Answer<DescribeRuleCommandOutput> {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventBusName: DEFAULT_BUS,
    State: rule.state,
    ...(rule.eventPattern ? { EventPattern: rule.eventPattern.text } : {}),
    ...(rule.schedule ? { ScheduleExpression: rule.schedule.text } : {}),
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.roleArn === undefined ? {} : { RoleArn: rule.roleArn }),
  };
}
