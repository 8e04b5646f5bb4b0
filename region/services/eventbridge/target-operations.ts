/**
 * The operations on a rule's targets.
 * Not for: targets other than functions, state machines and topics; they are refused.
 */
import type {
  ListTargetsByRuleCommandInput,
  ListTargetsByRuleCommandOutput,
  PutTargetsCommandInput,
  PutTargetsCommandOutput,
  RemoveTargetsCommandInput,
  RemoveTargetsCommandOutput,
  Target,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation } from '../../kernel/service.ts';
import {
  describeViolations,
  hasLength,
  hasPattern,
  inRange,
  isJson,
  isPresent,
} from '../constraints.ts';
import { isDeliverable } from './delivery.ts';
import {
  passRole,
  requireDefaultBus,
  rulePermission,
  takeEventsPage,
  validationException,
} from './rule-operations.ts';
import type { Rule, Rules } from './rules.ts';
import { isPath } from './target-input.ts';

type Answer<T> = Omit<T, '$metadata'>;

/** @source https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
const TARGETS_PER_CALL = 10;
const TARGETS_PER_RULE = 5;

/** Parameters for kinds of targets that this region does not have. */
const UNSUPPORTED = [
  'KinesisParameters',
  'RunCommandParameters',
  'EcsParameters',
  'BatchParameters',
  'SqsParameters',
  'HttpParameters',
  'RedshiftDataParameters',
  'SageMakerPipelineParameters',
  'AppSyncParameters',
] as const;

/** The operations on targets. */
export function createTargetOperations({ rules }: { rules: Rules }): Record<string, Operation> {
  const put: Operation<PutTargetsCommandInput, Answer<PutTargetsCommandOutput>> = {
    permissions: (input) => [
      rulePermission('events:PutTargets', input.Rule, rules),
      ...(input.Targets ?? []).flatMap((target) => passRole(target.RoleArn)),
    ],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      putTargets(rules.require(input.Rule), input.Targets ?? []);
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  };
  const remove: Operation<RemoveTargetsCommandInput, Answer<RemoveTargetsCommandOutput>> = {
    permissions: (input) => [rulePermission('events:RemoveTargets', input.Rule, rules)],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      const rule = rules.require(input.Rule);
      const unknown = (input.Ids ?? []).filter((id) => !rule.targets.delete(id));
      return {
        FailedEntryCount: unknown.length,
        FailedEntries: unknown.map((id) => ({
          TargetId: id,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Rule ${rule.name} does not have target with Id ${id}.`,
        })),
      };
    },
  };
  const list: Operation<ListTargetsByRuleCommandInput, Answer<ListTargetsByRuleCommandOutput>> = {
    permissions: (input) => [rulePermission('events:ListTargetsByRule', input.Rule, rules)],
    run: (input) => {
      requireDefaultBus(input.EventBusName);
      const page = takeEventsPage([...rules.require(input.Rule).targets.values()], input);
      return { Targets: [...page.items], NextToken: page.nextToken };
    },
  };
  return { PutTargets: put, RemoveTargets: remove, ListTargetsByRule: list };
}

/** Adds targets to a rule, or replaces those with the same ids: all of them or none. */
export function putTargets(rule: Rule, targets: readonly Target[]): void {
  const violations = describeViolations([
    hasLength(targets, 'targets', { min: 1, max: TARGETS_PER_CALL }),
  ]);
  if (violations !== undefined) throw validationException(violations);
  for (const target of targets) checkTarget(target);
  const ids = new Set([...rule.targets.keys(), ...targets.map((target) => target.Id ?? '')]);
  if (ids.size > TARGETS_PER_RULE) {
    throw new AwsError(
      'LimitExceededException',
      'The requested resource exceeds the maximum number allowed.',
    );
  }
  for (const target of targets) rule.targets.set(target.Id ?? '', structuredClone(target));
}

function checkTarget(target: Target): void {
  const violations = describeViolations([
    isPresent(target.Id, 'targets.member.id'),
    hasLength(target.Id, 'targets.member.id', { min: 1, max: 64 }),
    hasPattern(target.Id, 'targets.member.id', String.raw`[\.\-_A-Za-z0-9]+`),
    isPresent(target.Arn, 'targets.member.arn'),
    hasLength(target.Input, 'targets.member.input', { max: 8192 }),
    hasLength(target.InputPath, 'targets.member.inputPath', { max: 256 }),
    inRange(
      target.RetryPolicy?.MaximumRetryAttempts,
      'targets.member.retryPolicy.maximumRetryAttempts',
      {
        min: 0,
        max: 185,
      },
    ),
    inRange(
      target.RetryPolicy?.MaximumEventAgeInSeconds,
      'targets.member.retryPolicy.maximumEventAgeInSeconds',
      { min: 60, max: 86_400 },
    ),
  ]);
  if (violations !== undefined) throw validationException(violations);
  const reason = TARGET_RULES.map((rule) => rule(target)).find((broken) => broken !== undefined);
  if (reason !== undefined) throw validationException(reason);
}

/** Rules between a target's members; the first broken one is reported. */
const TARGET_RULES: readonly ((target: Target) => string | undefined)[] = [
  ({ Arn: arn = '' }) =>
    /^arn:aws:[\w-]+:[\w-]*:\d{12}:.+$/.test(arn)
      ? undefined
      : `Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`,
  ({ Arn: arn = '' }) =>
    isDeliverable(arn)
      ? undefined
      : `Parameter ${arn} is not valid. Reason: this region brings events to functions, state ` +
        'machines and topics only.',
  ({ Arn: arn = '', RoleArn: role }) =>
    arn.includes(':states:') && role === undefined
      ? `RoleArn is required for target ${arn}.`
      : undefined,
  (target) => {
    const member = UNSUPPORTED.find((name) => target[name] !== undefined);
    return member && `Parameter ${member} does not fit target ${target.Arn}.`;
  },
  (target) =>
    [target.Input, target.InputPath, target.InputTransformer].filter((one) => one !== undefined)
      .length > 1
      ? 'Only one of Input, InputPath, or InputTransformer must be provided for target ' +
        `${target.Id}.`
      : undefined,
  ({ Input: input, Id: id }) =>
    input === undefined || isJson(input)
      ? undefined
      : `JSON syntax error in input for target ${id}.`,
  ({ InputPath: path, InputTransformer: transformer }) => {
    const paths = [
      ...(path === undefined ? [] : [path]),
      ...Object.values(transformer?.InputPathsMap ?? {}),
    ];
    const wrong = paths.find((one) => !isPath(one));
    return wrong && `Invalid InputPath ${wrong}.`;
  },
  ({ InputTransformer: transformer }) => {
    const reserved = Object.keys(transformer?.InputPathsMap ?? {}).find((name) =>
      /^aws/i.test(name),
    );
    return reserved && `InputPathsMap must not use the reserved name ${reserved}.`;
  },
];
