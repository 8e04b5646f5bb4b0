/**
 * Scaling policies: put, described, executed, deleted.
 * Not for: how much they scale, see `policy-actions.ts`; predictive scaling, which is refused.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
 */
import type {
  DeletePolicyCommandInput,
  DescribePoliciesCommandInput,
  ExecutePolicyCommandInput,
  PutScalingPolicyCommandInput,
  ScalingPolicy,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn } from '../../kernel/kernel.ts';
import { groupNotFound, validationError } from './errors.ts';
import { pageOfGroupThings } from './paging.ts';
import { applyPolicy, considerAlarms, isCoolingDown } from './policy-actions.ts';
import { putTrackingAlarms, removeTrackingAlarms } from './policy-alarms.ts';
import { checkPolicy } from './policy-rules.ts';
import {
  describeOperation,
  findGroup,
  groupOperation,
  groupPermission,
  refusePendingDelete,
} from './store.ts';
import { uuid } from './uuid.ts';
import type { Operation } from '../../kernel/service.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

const POLICIES_PER_GROUP = 50;

/** PutScalingPolicy, DescribePolicies, ExecutePolicy, DeletePolicy. */
export function policyOperations(engine: Engine) {
  const { groups } = engine;
  return {
    PutScalingPolicy: groupOperation(
      groups,
      'PutScalingPolicy',
      (group, input: PutScalingPolicyCommandInput) => putPolicy(engine, group, input),
    ),
    DescribePolicies: describeOperation('DescribePolicies', (input: DescribePoliciesCommandInput) =>
      describePolicies(engine, input),
    ),
    ExecutePolicy: policyOperation(
      engine,
      'ExecutePolicy',
      (group, policy, input: ExecutePolicyCommandInput) => execute(engine, group, policy, input),
    ),
    DeletePolicy: policyOperation(
      engine,
      'DeletePolicy',
      (group, policy, _input: DeletePolicyCommandInput) => {
        removePolicy(engine, group, policy, { removeIdle: false });
        return {};
      },
    ),
  };
}

/** Deletes every policy of a group that goes, and alarms that are of no more use. */
export function dropPolicies(engine: Engine, group: GroupRecord): void {
  for (const policy of group.policies.values()) {
    removePolicy(engine, group, policy, { removeIdle: true });
  }
}

function removePolicy(
  engine: Engine,
  group: GroupRecord,
  policy: ScalingPolicy,
  options: { readonly removeIdle: boolean },
): void {
  removeTrackingAlarms(engine, policy);
  engine.alarms.dropAction(policy.PolicyARN ?? '', options);
  group.policies.delete(policy.PolicyName ?? '');
}

interface NamesPolicy {
  readonly AutoScalingGroupName?: string | undefined;
  readonly PolicyName: string | undefined;
}

/** An operation on a policy: by its name in a group, or by its ARN alone. */
function policyOperation<Input extends NamesPolicy, Output>(
  engine: Engine,
  name: string,
  run: (group: GroupRecord, policy: ScalingPolicy, input: Input) => Output,
): Operation<Input, Output> {
  const { groups } = engine;
  const groupName = (input: Input): string | undefined =>
    input.AutoScalingGroupName ??
    /:autoScalingGroupName\/([^:]+):/.exec(input.PolicyName ?? '')?.[1];
  return {
    permissions: (input) => [groupPermission(groups, name, groupName(input))],
    run: (input) => {
      const owner = groupName(input);
      if (owner === undefined) throw groupNotFound('null');
      const group = findGroup(groups, owner);
      refusePendingDelete(group);
      const policy = [...group.policies.values()].find(
        (one) => one.PolicyName === input.PolicyName || one.PolicyARN === input.PolicyName,
      );
      if (!policy) throw validationError(`No policy found with name ${input.PolicyName}`);
      return run(group, policy, input);
    },
  };
}

function putPolicy(engine: Engine, group: GroupRecord, input: PutScalingPolicyCommandInput) {
  const type = checkPolicy(engine, group, input);
  const existing = group.policies.get(input.PolicyName ?? '');
  if (!existing && group.policies.size >= POLICIES_PER_GROUP) {
    throw new AwsError(
      'LimitExceeded',
      `The group ${group.name} cannot have more than ${POLICIES_PER_GROUP} policies.`,
    );
  }
  const policy: ScalingPolicy = {
    ...structuredClone({ ...input }),
    AutoScalingGroupName: group.name,
    PolicyType: type,
    PolicyARN: existing?.PolicyARN ?? newArn(engine, group, input),
    StepAdjustments: input.StepAdjustments ?? [],
    Enabled: input.Enabled ?? true,
  };
  const alarms = keepsAlarms(existing, policy)
    ? alarmsOf(engine, existing)
    : putTrackingAlarms(engine, group, policy);
  group.policies.set(policy.PolicyName ?? '', policy);
  // A policy that is enabled again may act at once on an alarm that is in breach.
  if (existing?.Enabled === false) considerAlarms(engine, group, [policy]);
  return { PolicyARN: policy.PolicyARN, Alarms: alarms };
}

/** Whether a change of a policy leaves the alarms as they are, such as enabling it. */
function keepsAlarms(
  existing: ScalingPolicy | undefined,
  policy: ScalingPolicy,
): existing is ScalingPolicy {
  return (
    existing !== undefined &&
    JSON.stringify(existing.TargetTrackingConfiguration) ===
      JSON.stringify(policy.TargetTrackingConfiguration)
  );
}

function newArn(engine: Engine, group: GroupRecord, input: PutScalingPolicyCommandInput): string {
  const id = uuid(engine.kernel);
  return arn(
    'autoscaling',
    `scalingPolicy:${id}:autoScalingGroupName/${group.name}:policyName/${input.PolicyName}`,
  );
}

function alarmsOf({ alarms }: Engine, policy: ScalingPolicy) {
  return alarms
    .withAction(policy.PolicyARN ?? '')
    .map((alarm) => ({ AlarmName: alarm.name, AlarmARN: alarm.arn }));
}

function describePolicies(engine: Engine, input: DescribePoliciesCommandInput) {
  const { groups } = engine;
  const { AutoScalingGroupName: name, PolicyNames: names = [], PolicyTypes: types = [] } = input;
  const owners = name === undefined ? [...groups.values()] : [findGroup(groups, name)];
  const chosen = owners
    .flatMap((group) => [...group.policies.values()])
    .filter(
      (policy) =>
        (names.length === 0 ||
          names.includes(policy.PolicyName ?? '') ||
          names.includes(policy.PolicyARN ?? '')) &&
        (types.length === 0 || types.includes(policy.PolicyType ?? '')),
    );
  const page = pageOfGroupThings(chosen, input);
  return {
    ScalingPolicies: page.items.map((policy) => ({ ...policy, Alarms: alarmsOf(engine, policy) })),
    NextToken: page.nextToken,
  };
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ExecutePolicy.html */
function execute(
  engine: Engine,
  group: GroupRecord,
  policy: ScalingPolicy,
  input: ExecutePolicyCommandInput,
): object {
  const { MetricValue: value, BreachThreshold: threshold } = input;
  if (policy.PolicyType === 'TargetTrackingScaling') {
    throw validationError('ExecutePolicy is not supported for TargetTrackingScaling policies.');
  }
  if (policy.Enabled === false) {
    throw validationError(`The policy ${policy.PolicyName} is disabled and cannot be executed.`);
  }
  const isStep = policy.PolicyType === 'StepScaling';
  if (isStep && (value === undefined || threshold === undefined)) {
    throw validationError('MetricValue and BreachThreshold are required for StepScaling policies.');
  }
  if (!isStep && input.HonorCooldown && isCoolingDown(engine, group, policy)) {
    throw new AwsError(
      'ScalingActivityInProgress',
      `The Auto Scaling group ${group.name} is in its cooldown period, which blocks this action`,
    );
  }
  applyPolicy(engine, group, policy, {
    value: value ?? Number.NaN,
    threshold: threshold ?? 0,
    who: 'user request',
  });
  return {};
}
