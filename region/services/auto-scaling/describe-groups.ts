/**
 * Groups and their instances as their describers see them.
 */
import type {
  AutoScalingGroup,
  DescribeAutoScalingGroupsCommandInput,
  DescribeAutoScalingInstancesCommandInput,
  Filter,
  Instance,
  LifecycleState,
} from '@aws-sdk/client-auto-scaling';
import { validationError } from './errors.ts';
import { describeTags } from './group-tags.ts';
import { describeMetrics } from './metrics.ts';
import { describeSource } from './mixed-instances.ts';
import { pageOfGroupThings } from './paging.ts';
import { attachedSources, ownMembers, poolMembers } from './state.ts';
import { describeOperation } from './store.ts';
import { describePool } from './warm-pool.ts';
import type { Engine } from './engine.ts';
import type { GroupRecord, Member, Phase } from './state.ts';

const POOL_STATES: Readonly<Partial<Record<Phase, LifecycleState>>> = {
  warming: 'Warmed:Pending',
  warmHook: 'Warmed:Pending:Wait',
  cooling: 'Warmed:Pending:Proceed',
  draining: 'Warmed:Terminating',
  terminateHook: 'Warmed:Terminating:Wait',
  stopping: 'Warmed:Terminating',
};

const LIFECYCLE_STATES: Readonly<Record<Phase, LifecycleState>> = {
  booting: 'Pending',
  launchHook: 'Pending:Wait',
  inService: 'InService',
  draining: 'Terminating',
  terminateHook: 'Terminating:Wait',
  stopping: 'Terminating',
  retained: 'Terminating:Retained',
  enteringStandby: 'EnteringStandby',
  standby: 'Standby',
  detaching: 'Detaching',
  warming: 'Warmed:Pending',
  warmHook: 'Warmed:Pending:Wait',
  cooling: 'Warmed:Pending:Proceed',
  warmed: 'Warmed:Stopped',
};

/**
 * DescribeAutoScalingGroups, DescribeAutoScalingInstances. `lagSeconds` are the region seconds for
 * which a new group is not described yet.
 */
export function describeGroupOperations({ groups, kernel }: Engine, lagSeconds: number) {
  const visible = (): GroupRecord[] =>
    [...groups.values()].filter(
      (group) => kernel.clock.now() >= group.createdAt + lagSeconds * 1000,
    );
  return {
    DescribeAutoScalingGroups: describeOperation(
      'DescribeAutoScalingGroups',
      (input: DescribeAutoScalingGroupsCommandInput) => {
        const names = input.AutoScalingGroupNames ?? [];
        const tests = (input.Filters ?? []).map(groupFilter);
        const chosen = visible().filter(
          (group) =>
            (names.length === 0 || names.includes(group.name) || names.includes(group.arn)) &&
            tests.every((test) => test(group)),
        );
        const page = pageOfGroupThings(chosen, input);
        const withInstances = input.IncludeInstances ?? true;
        return {
          AutoScalingGroups: page.items.map((group) => describeGroup(group, withInstances)),
          NextToken: page.nextToken,
        };
      },
    ),
    DescribeAutoScalingInstances: describeOperation(
      'DescribeAutoScalingInstances',
      (input: DescribeAutoScalingInstancesCommandInput) => {
        const ids = input.InstanceIds ?? [];
        const all = visible().flatMap((group) =>
          [...group.members.values()]
            .filter((member) => ids.length === 0 || ids.includes(member.instanceId))
            .map((member) => ({
              ...describeInstance(group, member),
              AutoScalingGroupName: group.name,
              // This operation alone shouts the health status.
              HealthStatus: member.healthStatus.toUpperCase(),
            })),
        );
        const page = pageOfGroupThings(all, input, { default: 50, max: 50 });
        return { AutoScalingInstances: page.items, NextToken: page.nextToken };
      },
    ),
  };
}

function groupFilter(filter: Filter): (group: GroupRecord) => boolean {
  const { Name: name = '', Values: values = [] } = filter;
  if (name.startsWith('tag:')) {
    return (group) => values.includes(group.tags.get(name.slice(4))?.value ?? '');
  }
  if (name === 'tag-key') return (group) => values.some((key) => group.tags.has(key));
  if (name === 'tag-value') {
    return (group) => [...group.tags.values()].some((tag) => values.includes(tag.value));
  }
  throw validationError(
    `Filter type '${name}' is not correct. Use tag-key, tag-value or tag:<key>.`,
  );
}

function describeGroup(group: GroupRecord, withInstances: boolean): AutoScalingGroup {
  const { AvailabilityZones, TerminationPolicies, ...settings } = group.settings;
  const sources = attachedSources(group);
  return {
    ...settings,
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    ...describeSource(group),
    AvailabilityZones: [...AvailabilityZones],
    TerminationPolicies: [...TerminationPolicies],
    LoadBalancerNames: [],
    TargetGroupARNs: sources
      .filter((source) => source.via === 'targetGroups')
      .map((source) => source.identifier),
    TrafficSources: sources.map((source) => ({ Identifier: source.identifier, Type: 'elbv2' })),
    ...(withInstances && {
      Instances: ownMembers(group).map((member) => describeInstance(group, member)),
    }),
    CreatedTime: new Date(group.createdAt),
    SuspendedProcesses: [...group.suspended].map(([ProcessName, SuspensionReason]) => ({
      ProcessName,
      SuspensionReason,
    })),
    EnabledMetrics: describeMetrics(group),
    ...(group.deleteAt !== undefined && { Status: 'Delete in progress' }),
    Tags: describeTags(group),
    ...(group.warmPool && {
      WarmPoolConfiguration: describePool(group.warmPool),
      WarmPoolSize: poolMembers(group).length,
    }),
  };
}

/** An instance as Describe operations list it. */
export function describeInstance(
  group: GroupRecord,
  member: Member,
): Instance & { ImageId: string } {
  return {
    InstanceId: member.instanceId,
    InstanceType: member.instanceType,
    AvailabilityZone: member.availabilityZone,
    LifecycleState: lifecycleState(group, member),
    HealthStatus: member.healthStatus,
    LaunchTemplate: { ...member.launchTemplate },
    ImageId: member.imageId,
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

function lifecycleState({ warmPool }: GroupRecord, { inPool, phase }: Member): LifecycleState {
  if (inPool && phase === 'warmed' && warmPool) return `Warmed:${warmPool.state}`;
  return (inPool && POOL_STATES[phase]) || LIFECYCLE_STATES[phase];
}
