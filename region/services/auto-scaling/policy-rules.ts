/**
 * What scaling policies must have, by their type.
 * Not for: predictive scaling, which is refused.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html
 */
import type { PutScalingPolicyCommandInput, StepAdjustment } from '@aws-sdk/client-auto-scaling';
import { notImplemented, validationError } from './errors.ts';
import { attachedSources } from './state.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord } from './state.ts';

const ADJUSTMENT_TYPES = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];
const AGGREGATION_TYPES = ['Minimum', 'Maximum', 'Average'];
const PREDEFINED_METRICS = [
  'ASGAverageCPUUtilization',
  'ASGAverageNetworkIn',
  'ASGAverageNetworkOut',
  'ALBRequestCountPerTarget',
];
const LABEL = /^(app\/[^/]+\/[^/]+)\/(targetgroup\/[^/]+\/[^/]+)$/;

type PolicyInput = PutScalingPolicyCommandInput;
type Check = (input: PolicyInput, engine: Engine, group: GroupRecord) => void;

const CHECKS: Readonly<Record<string, Check>> = {
  SimpleScaling: (input) => {
    requireAdjustmentType(input);
    if (input.ScalingAdjustment === undefined) {
      throw validationError('You must specify a ScalingAdjustment for policy type SimpleScaling');
    }
  },
  StepScaling: checkSteps,
  TargetTrackingScaling: checkTargetTracking,
  PredictiveScaling: () => {
    throw notImplemented('predictive scaling policies');
  },
};

/** Checks a request; answers the type of its policy. @throws AwsError ValidationError */
export function checkPolicy(engine: Engine, group: GroupRecord, input: PolicyInput): string {
  const type = input.PolicyType ?? 'SimpleScaling';
  const check = CHECKS[type];
  if (!check) throw validationError(`Invalid policy type '${type}'.`);
  check(input, engine, group);
  return type;
}

/** The load balancer and target group that a resource label names; undefined when it names none. */
export function readLabel(label: string | undefined) {
  const [, loadBalancer, targetGroup] = LABEL.exec(label ?? '') ?? [];
  return loadBalancer !== undefined && targetGroup !== undefined
    ? { loadBalancer, targetGroup }
    : undefined;
}

function requireAdjustmentType(input: PolicyInput): void {
  if (ADJUSTMENT_TYPES.includes(input.AdjustmentType ?? '')) return;
  throw validationError(
    `AdjustmentType must be one of ${ADJUSTMENT_TYPES.join(', ')}, not '${input.AdjustmentType}'.`,
  );
}

function checkSteps(input: PolicyInput): void {
  requireAdjustmentType(input);
  const steps = input.StepAdjustments ?? [];
  if (steps.length === 0) {
    throw validationError('You must specify at least one StepAdjustment for StepScaling policy');
  }
  if (!AGGREGATION_TYPES.includes(input.MetricAggregationType ?? 'Average')) {
    throw validationError(`Invalid MetricAggregationType '${input.MetricAggregationType}'.`);
  }
  if (input.Cooldown !== undefined || input.ScalingAdjustment !== undefined) {
    throw validationError('Cooldown and ScalingAdjustment are valid only for SimpleScaling.');
  }
  const problem = problemOfSteps(steps);
  if (problem) throw validationError(problem);
}

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-simple-step.html#as-scaling-steps */
function problemOfSteps(steps: readonly StepAdjustment[]): string | undefined {
  const intervals = steps
    .map((step) => ({
      from: step.MetricIntervalLowerBound ?? -Infinity,
      to: step.MetricIntervalUpperBound ?? Infinity,
    }))
    .toSorted((a, b) => a.from - b.from);
  if (intervals.some(({ from, to }) => from >= to)) {
    return 'StepAdjustment lower bound must be less than the upper bound';
  }
  if (intervals.some(({ from, to }) => from === -Infinity && to === Infinity)) {
    return 'A StepAdjustment cannot have both an unspecified lower and upper bound';
  }
  const pairs = intervals.slice(1).map((next, index) => [intervals[index], next] as const);
  if (pairs.some(([before, next]) => (before?.to ?? 0) > next.from)) {
    return 'StepAdjustment intervals cannot overlap';
  }
  if (pairs.some(([before, next]) => (before?.to ?? 0) < next.from)) {
    return 'StepAdjustment intervals cannot have gaps between them';
  }
  const [lowest, highest] = [intervals[0], intervals.at(-1)];
  if (lowest && lowest.from < 0 && lowest.from !== -Infinity) {
    return (
      'There must be a StepAdjustment with an unspecified lower bound when one has a negative ' +
      'lower bound'
    );
  }
  if (highest && highest.to > 0 && highest.to !== Infinity) {
    return (
      'There must be a StepAdjustment with an unspecified upper bound when one has a positive ' +
      'upper bound'
    );
  }
  return undefined;
}

function checkTargetTracking(input: PolicyInput, engine: Engine, group: GroupRecord): void {
  const configuration = input.TargetTrackingConfiguration;
  if (!configuration) {
    throw validationError(
      'You must specify a TargetTrackingConfiguration for policy type TargetTrackingScaling',
    );
  }
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } =
    configuration;
  if ((predefined === undefined) === (customized === undefined)) {
    throw validationError(
      'You must specify either a PredefinedMetricSpecification or a CustomizedMetricSpecification',
    );
  }
  if (!predefined) return;
  const { PredefinedMetricType: metric = '', ResourceLabel: label } = predefined;
  if (!PREDEFINED_METRICS.includes(metric)) {
    throw validationError(`Invalid predefined metric type '${metric}'.`);
  }
  if (metric === 'ALBRequestCountPerTarget') requireAttachedLabel(engine, group, label);
  else if (label !== undefined) {
    throw validationError(`The metric ${metric} does not take a resource label.`);
  }
}

/**
 * The label must name a target group that the group has and the load balancer that uses it.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PredefinedMetricSpecification.html
 */
function requireAttachedLabel(
  { registry }: Engine,
  group: GroupRecord,
  label: string | undefined,
): void {
  const named = readLabel(label);
  if (!named) {
    throw validationError(
      `The resource label '${label}' is invalid, expecting ` +
        'app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/' +
        '<target-group-id>.',
    );
  }
  const source = attachedSources(group).find(({ identifier }) =>
    identifier.endsWith(`:${named.targetGroup}`),
  );
  const balancers = source && registry.targetGroup(source.identifier)?.loadBalancerArns;
  const isUsed = balancers?.some((arn) => arn.endsWith(`:loadbalancer/${named.loadBalancer}`));
  if (source && (isUsed ?? true)) return;
  throw validationError(
    "You can't specify a resource label unless the target group is attached to the Auto Scaling " +
      `group and to the load balancer: '${label}'`,
  );
}
