/**
 * Attaching target groups to a group and detaching them, by both of AWS's APIs for it.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/attach-load-balancer-asg.html
 */
import type {
  AttachLoadBalancerTargetGroupsCommandInput,
  AttachTrafficSourcesCommandInput,
  DescribeLoadBalancerTargetGroupsCommandInput,
  DescribeTrafficSourcesCommandInput,
  DetachLoadBalancerTargetGroupsCommandInput,
  DetachTrafficSourcesCommandInput,
  TrafficSourceIdentifier,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../kernel/aws-error.ts';
import { notImplemented, validationError } from './errors.ts';
import { refuseRefresh } from './instance-refresh.ts';
import { pageOfGroupThings } from './paging.ts';
import { attachedSources, isSuspended } from './state.ts';
import { describeOperation, findGroup, groupOperation } from './store.ts';
import { inService, targetHealth } from './traffic.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, TrafficSource } from './state.ts';

/** @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html */
const SOURCES_PER_CALL = 10;
const SOURCES_PER_GROUP = 50;

/** Attach, detach and describe target groups and traffic sources. */
export function trafficSourceOperations(engine: Engine) {
  const { groups } = engine;
  return {
    AttachLoadBalancerTargetGroups: groupOperation(
      groups,
      'AttachLoadBalancerTargetGroups',
      (group, input: AttachLoadBalancerTargetGroupsCommandInput) =>
        attach(engine, group, readTargetGroups(input.TargetGroupARNs ?? []), 'targetGroups'),
      (input) => targetGroupContext(input.TargetGroupARNs),
    ),
    DetachLoadBalancerTargetGroups: groupOperation(
      groups,
      'DetachLoadBalancerTargetGroups',
      (group, input: DetachLoadBalancerTargetGroupsCommandInput) =>
        detach(engine, group, readTargetGroups(input.TargetGroupARNs ?? [])),
      (input) => targetGroupContext(input.TargetGroupARNs),
    ),
    AttachTrafficSources: groupOperation(
      groups,
      'AttachTrafficSources',
      (group, input: AttachTrafficSourcesCommandInput) =>
        attach(engine, group, readTrafficSources(input.TrafficSources ?? []), 'trafficSources'),
      (input) => trafficSourceContext(input.TrafficSources),
    ),
    DetachTrafficSources: groupOperation(
      groups,
      'DetachTrafficSources',
      (group, input: DetachTrafficSourcesCommandInput) =>
        detach(engine, group, readTrafficSources(input.TrafficSources ?? [])),
      (input) => trafficSourceContext(input.TrafficSources),
    ),
    ...describeOperations(engine),
  };
}

function describeOperations({ groups }: Engine) {
  return {
    DescribeLoadBalancerTargetGroups: describeOperation(
      'DescribeLoadBalancerTargetGroups',
      (input: DescribeLoadBalancerTargetGroupsCommandInput) => {
        const { trafficSources } = findGroup(groups, input.AutoScalingGroupName);
        const own = trafficSources.filter((source) => source.via === 'targetGroups');
        const page = pageOfGroupThings(own, input, { default: 100, max: 100 });
        return {
          LoadBalancerTargetGroups: page.items.map((source) => ({
            LoadBalancerTargetGroupARN: source.identifier,
            State: source.state,
          })),
          NextToken: page.nextToken,
        };
      },
    ),
    DescribeTrafficSources: describeOperation(
      'DescribeTrafficSources',
      (input: DescribeTrafficSourcesCommandInput) => {
        const { trafficSources } = findGroup(groups, input.AutoScalingGroupName);
        const type = input.TrafficSourceType;
        const chosen = type === undefined || type === 'elbv2' ? trafficSources : [];
        const page = pageOfGroupThings(chosen, input, { default: 50, max: 50 });
        return { TrafficSources: page.items.map(describeSource), NextToken: page.nextToken };
      },
    ),
  };
}

/** Target group ARNs of one call. @throws AwsError ValidationError for more than 10 */
export function readTargetGroups(arns: readonly string[]): readonly string[] {
  if (arns.length > SOURCES_PER_CALL) {
    throw validationError(
      `At most ${SOURCES_PER_CALL} target groups can be given in one call, not ${arns.length}.`,
    );
  }
  return [...new Set(arns)];
}

/** Identifiers of traffic sources that are target groups. @throws AwsError ValidationError */
export function readTrafficSources(sources: readonly TrafficSourceIdentifier[]): readonly string[] {
  for (const { Type: type, Identifier: identifier = '' } of sources) {
    if (type !== undefined && !['elb', 'elbv2', 'vpc-lattice'].includes(type)) {
      throw validationError(`Invalid traffic source type '${type}'.`);
    }
    if ((type ?? 'elbv2') !== 'elbv2' || !identifier.includes(':targetgroup/')) {
      throw notImplemented('traffic sources other than load balancer target groups');
    }
  }
  return readTargetGroups(sources.map(({ Identifier = '' }) => Identifier));
}

/** @throws AwsError ValidationError when a group could not register instances with one of them */
export function requireUsable(engine: Engine, identifiers: readonly string[]): void {
  for (const identifier of identifiers) {
    const targetGroup = engine.registry.targetGroup(identifier);
    if (!targetGroup) {
      throw validationError(
        'Provided Target Groups may not be valid. Please ensure they exist and try again.',
      );
    }
    if (targetGroup.targetType !== 'instance') {
      throw validationError(
        `Provided Target Groups may not be valid. The target type of ${identifier} is ` +
          `'${targetGroup.targetType}', expecting 'instance'.`,
      );
    }
    if (targetGroup.vpcId !== engine.ec2.network.vpcId) {
      throw validationError(
        `Provided Target Groups may not be valid. ${identifier} is not in the VPC of the ` +
          'Auto Scaling group.',
      );
    }
  }
}

function attach(
  engine: Engine,
  group: GroupRecord,
  identifiers: readonly string[],
  via: TrafficSource['via'],
): object {
  refuseRefresh(group, 'attaching target groups');
  requireUsable(engine, identifiers);
  const attached = attachedSources(group).map((source) => source.identifier);
  const added = identifiers.filter((identifier) => !attached.includes(identifier));
  if (attached.length + added.length > SOURCES_PER_GROUP) {
    throw new AwsError(
      'LimitExceeded',
      `A group can have at most ${SOURCES_PER_GROUP} target groups attached.`,
    );
  }
  const since = engine.kernel.clock.now();
  group.trafficSources = [
    ...group.trafficSources.filter((source) => !added.includes(source.identifier)),
    ...added.map((identifier) => ({ identifier, via, state: 'Adding' as const, since })),
  ];
  if (!isSuspended(group, 'AddToLoadBalancer')) {
    const instanceIds = inService(group).map((member) => member.instanceId);
    for (const identifier of added) {
      if (instanceIds.length > 0) engine.registry.register(identifier, instanceIds);
    }
  }
  engine.wake(group);
  return {};
}

function detach(engine: Engine, group: GroupRecord, identifiers: readonly string[]): object {
  const attached = attachedSources(group);
  const leaving = attached.filter((source) => identifiers.includes(source.identifier));
  if (leaving.length < identifiers.length) {
    throw validationError('Trying to remove Target Groups that are not part of the group');
  }
  const members = [...group.members.keys()];
  for (const source of leaving) {
    const health = targetHealth(engine, source.identifier);
    const registered = members.filter((id) => health.has(id));
    if (registered.length > 0) engine.registry.deregister(source.identifier, registered);
    source.state = 'Removing';
    source.since = engine.kernel.clock.now();
  }
  engine.wake(group);
  return {};
}

function describeSource(source: TrafficSource) {
  return {
    Identifier: source.identifier,
    TrafficSource: source.identifier,
    Type: 'elbv2',
    State: source.state,
  };
}

function targetGroupContext(arns: readonly string[] | undefined): Record<string, string[]> {
  return arns?.length ? { 'autoscaling:TargetGroupARNs': [...arns] } : {};
}

function trafficSourceContext(
  sources: readonly TrafficSourceIdentifier[] | undefined,
): Record<string, string[]> {
  if (!sources?.length) return {};
  return {
    'autoscaling:TrafficSourceIdentifiers': sources.map(({ Identifier = '' }) => Identifier),
  };
}
