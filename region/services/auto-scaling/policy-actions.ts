/**
 * Scaling policies at work: called by an alarm or by a caller, they change the desired capacity.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scale-based-on-demand.html
 */
import type { ScalingPolicy } from '@aws-sdk/client-auto-scaling';
import { causeTime } from './activities.ts';
import { adjustedCapacity, aggregate, stepFor, trackedCapacity } from './adjustments.ts';
import { noteChange } from './desired.ts';
import { validationError } from './errors.ts';
import { activeMembers, isSuspended } from './state.ts';
import type { ScalingAlarm } from '../../kernel/contracts.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member } from './state.ts';

/** What called a policy: a metric and the threshold that it crossed, where there are such. */
export interface Trigger {
  /** NaN when nothing was measured. */
  readonly value: number;
  readonly threshold: number;
  /** The middle of the sentence "… triggered policy p changing the desired capacity". */
  readonly who: string;
}

interface Capacities {
  /** Instances in service that have warmed up: those that the metric is about. */
  readonly warm: number;
  readonly desired: number;
}

/** The capacity that a policy wants; undefined when it has no wish. */
type Wish = (policy: ScalingPolicy, capacities: Capacities, trigger: Trigger) => number | undefined;

const WISHES: Readonly<Record<string, Wish>> = {
  SimpleScaling: (policy, { desired }) =>
    adjustedCapacity(policy, { capacity: desired, adjustment: policy.ScalingAdjustment ?? 0 }),
  StepScaling: (policy, { warm, desired }, { value, threshold }) => {
    const beyond = Number.isNaN(value) ? 0 : value - threshold;
    const adjustment = stepFor(policy.StepAdjustments ?? [], beyond)?.ScalingAdjustment;
    if (adjustment === undefined) return undefined;
    if (policy.AdjustmentType === 'ExactCapacity') return adjustment;
    // While instances warm up, another breach of the same size asks for them, not for more.
    const capacity = adjustment > 0 ? warm : desired;
    const wish = adjustedCapacity(policy, { capacity, adjustment });
    return adjustment > 0 ? Math.max(wish, desired) : wish;
  },
  TargetTrackingScaling: (policy, { warm, desired }, { value }) => {
    const target = policy.TargetTrackingConfiguration?.TargetValue ?? 0;
    if (Number.isNaN(value) || target <= 0) return undefined;
    const wish = trackedCapacity({ capacity: warm, value, target });
    if (value > target) return Math.max(wish, desired);
    return policy.TargetTrackingConfiguration?.DisableScaleIn ? undefined : wish;
  },
};

/** Carries out an alarm's action. @throws AwsError ValidationError when there is no such policy */
export function performAlarmAction(engine: Engine, policyArn: string, alarm: ScalingAlarm): void {
  const [group, policy] = findPolicy(engine, policyArn);
  if (group.deleteAt !== undefined || isSuspended(group, 'AlarmNotification')) return;
  if (policy.Enabled === false) return;
  const isSimple = policy.PolicyType === 'SimpleScaling';
  if (isSimple && isCoolingDown(engine, group, policy)) return;
  const isTracking = policy.PolicyType === 'TargetTrackingScaling';
  const value = isTracking
    ? (alarm.datapoints.at(-1) ?? Number.NaN)
    : aggregate(alarm.datapoints, policy.MetricAggregationType);
  applyPolicy(engine, group, policy, {
    value,
    threshold: alarm.threshold,
    who: `monitor alarm ${alarm.name} in state ${alarm.state}`,
  });
}

/** Asks policies whose alarm is in breach now, as when AlarmNotification is resumed. */
export function considerAlarms(
  engine: Engine,
  group: GroupRecord,
  policies: Iterable<ScalingPolicy> = group.policies.values(),
): void {
  for (const policy of policies) {
    const arn = policy.PolicyARN ?? '';
    for (const alarm of engine.alarms.withAction(arn)) {
      if (alarm.calls && alarm.state === 'ALARM') performAlarmAction(engine, arn, alarm);
    }
  }
}

/** Changes the desired capacity as a policy wants, within the group's bounds. */
export function applyPolicy(
  engine: Engine,
  group: GroupRecord,
  policy: ScalingPolicy,
  trigger: Trigger,
): void {
  const { settings } = group;
  const desired = settings.DesiredCapacity;
  const warming = activeMembers(group).filter((member) => isWarming(engine, group, policy, member));
  const warm = activeMembers(group).length - warming.length;
  const wish = WISHES[policy.PolicyType ?? '']?.(policy, { warm, desired }, trigger);
  if (wish === undefined || Number.isNaN(wish)) return;
  const wanted = Math.min(Math.max(wish, settings.MinSize), settings.MaxSize);
  if (wanted === desired || isHeldBack(engine, group, policy, { wanted, warming })) return;
  settings.DesiredCapacity = wanted;
  noteChange(
    engine,
    group,
    `At ${causeTime(engine.kernel.clock.now())} a ${trigger.who} triggered policy ` +
      `${policy.PolicyName} changing the desired capacity from ${desired} to ${wanted}.`,
  );
  engine.wake(group);
}

/** Whether simple scaling has to wait: for its last activity, or for the cooldown after it. */
export function isCoolingDown(engine: Engine, group: GroupRecord, policy: ScalingPolicy): boolean {
  const seconds = policy.Cooldown ?? group.settings.DefaultCooldown;
  const isInCooldown = engine.kernel.clock.now() < group.lastScaledAt + seconds * 1000;
  return isInCooldown || engine.activities.isBusy(group.arn);
}

/** The group and the policy of an ARN. @throws AwsError ValidationError */
export function findPolicy(engine: Engine, policyArn: string): [GroupRecord, ScalingPolicy] {
  for (const group of engine.groups.values()) {
    for (const policy of group.policies.values()) {
      if (policy.PolicyARN === policyArn) return [group, policy];
    }
  }
  throw validationError(`No policy found with ARN ${policyArn}`);
}

/** What keeps a group from scaling although a policy wants it. */
function isHeldBack(
  engine: Engine,
  group: GroupRecord,
  policy: ScalingPolicy,
  { wanted, warming }: { readonly wanted: number; readonly warming: readonly Member[] },
): boolean {
  const grows = wanted > group.settings.DesiredCapacity;
  if (isSuspended(group, grows ? 'Launch' : 'Terminate')) return true;
  if (grows || policy.PolicyType === 'SimpleScaling') return false;
  // New instances may be about to take the load: nothing goes before they have warmed up.
  if (warming.length > 0) return true;
  if (policy.PolicyType !== 'TargetTrackingScaling') return false;
  // The metric does not show yet what the last change did to it.
  const settledAt = group.lastScaledAt + warmupSeconds(group, policy) * 1000;
  return engine.kernel.clock.now() < settledAt || !allAgree(engine, group, policy);
}

/** Target tracking scales in only when every policy of its kind is ready to. */
function allAgree(engine: Engine, group: GroupRecord, asking: ScalingPolicy): boolean {
  return [...group.policies.values()]
    .filter((policy) => policy !== asking && policy.Enabled !== false)
    .filter((policy) => policy.PolicyType === 'TargetTrackingScaling')
    .filter((policy) => !policy.TargetTrackingConfiguration?.DisableScaleIn)
    .every((policy) =>
      engine.alarms
        .withAction(policy.PolicyARN ?? '')
        .some((alarm) => alarm.name.includes('-AlarmLow-') && alarm.state === 'ALARM'),
    );
}

function isWarming(
  { kernel }: Engine,
  group: GroupRecord,
  policy: ScalingPolicy,
  member: Member,
): boolean {
  if (member.inServiceAt === undefined) return true;
  return kernel.clock.now() < member.inServiceAt + warmupSeconds(group, policy) * 1000;
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html */
function warmupSeconds({ settings }: GroupRecord, policy: ScalingPolicy): number {
  return (
    policy.EstimatedInstanceWarmup ?? settings.DefaultInstanceWarmup ?? settings.DefaultCooldown
  );
}
