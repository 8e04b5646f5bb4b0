/**
 * What Auto Scaling remembers of its groups and their instances.
 * Not for: scaling activities, which outlive their group; see `activities.ts`.
 */
import type {
  AvailabilityZoneImpairmentPolicy,
  CapacityReservationSpecification,
  DesiredConfiguration,
  InstanceLifecyclePolicy,
  LifecycleHook,
  RefreshPreferences,
  ScalingPolicy,
  ScheduledUpdateGroupAction,
} from '@aws-sdk/client-auto-scaling';
import type { ActivityRecord } from './activities.ts';

/** Processes that can be suspended. */
export const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;

/** The name of a process, as Suspend and Resume take it. */
export type ProcessName = (typeof PROCESSES)[number];

/** Where an instance is in its life; lifecycle states are derived from it. */
export type Phase =
  | 'booting'
  | 'launchHook'
  | 'inService'
  | 'draining'
  | 'terminateHook'
  | 'stopping'
  | 'retained'
  | 'enteringStandby'
  | 'standby'
  | 'detaching'
  | 'warming'
  | 'warmHook'
  | 'cooling'
  | 'warmed';

/** One lifecycle hook that an instance waits for. */
export interface HookAction {
  readonly hookName: string;
  readonly token: string;
  /** Epoch milliseconds; `onTimeout` holds from then on. */
  deadline: number;
  /** End of the longest possible wait, which no heartbeat moves. */
  readonly lastDeadline: number;
  readonly onTimeout: HookResult;
  result?: HookResult;
}

/** How a hook's wait ends: go on, or give the instance up. */
export type HookResult = 'CONTINUE' | 'ABANDON';

/** The launch template of a group or instance; always both id and name. */
export interface TemplateChoice {
  readonly LaunchTemplateId: string;
  readonly LaunchTemplateName: string;
  /** A number, `$Latest` or `$Default` for a group; always a number for an instance. */
  readonly Version: string;
}

/** An instance as its group sees it; times are epoch milliseconds of region time. */
export interface Member {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly imageId: string;
  readonly availabilityZone: string;
  readonly launchTemplate: TemplateChoice;
  readonly lifecycle: 'on-demand' | 'spot';
  readonly launchedAt: number;
  phase: Phase;
  /** Whether it belongs to the warm pool, rather than to the group's own instances. */
  inPool: boolean;
  /** Whether it goes to the warm pool once it has drained, rather than to its end. */
  returnsToPool: boolean;
  /** The activity that is launching or terminating it, or did so last. */
  activity: ActivityRecord;
  healthStatus: 'Healthy' | 'Unhealthy';
  /** Why it is unhealthy: the end of the sentence "taken out of service in response to". */
  unhealthyReason?: string;
  protectedFromScaleIn: boolean;
  inServiceAt?: number;
  /** Target groups whose draining a termination waits for. */
  drainingFrom: readonly string[];
  hookActions: readonly HookAction[];
  /** Whether its termination replaces it, rather than shrinks the group. */
  replaced: boolean;
}

/** A target group that members are registered with, in the states that AWS describes. */
export interface TrafficSource {
  readonly identifier: string;
  /** Which API attached it: DescribeLoadBalancerTargetGroups lists only its own. */
  readonly via: 'targetGroups' | 'trafficSources';
  state: 'Adding' | 'Added' | 'InService' | 'Removing' | 'Removed';
  /** When it reached its state. */
  since: number;
}

/** A tag of a group; whether instances launched from now on get it too. */
export interface GroupTag {
  readonly value: string;
  readonly propagateAtLaunch: boolean;
}

/** What `InstanceMaintenancePolicy` says, in percent of the desired capacity. */
export interface MaintenancePolicy {
  readonly MinHealthyPercentage: number;
  readonly MaxHealthyPercentage: number;
}

/** Whether instances may go to other zones when one has no capacity. */
export interface ZoneDistribution {
  readonly CapacityDistributionStrategy: 'balanced-best-effort' | 'balanced-only';
}

/** One alternative of a mixed instances policy; what is absent comes from the policy's template. */
export interface LaunchOverride {
  readonly instanceType?: string;
  readonly imageId?: string;
  readonly launchTemplate?: TemplateChoice;
}

/** How much of a group is On-Demand, and in which order alternatives are tried. */
export interface Distribution {
  readonly OnDemandAllocationStrategy: string;
  readonly OnDemandBaseCapacity: number;
  readonly OnDemandPercentageAboveBaseCapacity: number;
  readonly SpotAllocationStrategy: string;
  readonly SpotInstancePools: number;
  readonly SpotMaxPrice?: string;
}

/** A mixed instances policy without its template. */
export interface MixedInstances {
  readonly overrides: readonly LaunchOverride[];
  readonly distribution: Distribution;
}

/** What PutWarmPool configured. */
export interface WarmPool {
  /** Absent means that the group's maximum size counts. */
  readonly maxPrepared?: number;
  readonly minSize: number;
  readonly state: 'Stopped' | 'Running' | 'Hibernated';
  readonly reusesOnScaleIn: boolean;
  /** Set once the pool is being deleted. */
  isLeaving: boolean;
}

/** One instance refresh; times are epoch milliseconds of region time. */
export interface InstanceRefresh {
  readonly id: string;
  readonly startedAt: number;
  readonly preferences: RefreshPreferences;
  /** What instances are launched from meanwhile and, after a success, for good. */
  readonly desired?: LaunchSource;
  /** The configuration as the caller gave it. */
  readonly desiredConfiguration?: DesiredConfiguration;
  /** Instances to replace; undefined before the refresh has begun. */
  toReplace?: ReadonlySet<string>;
  status: 'Pending' | 'InProgress' | 'Cancelling' | 'Cancelled' | 'Successful';
  endedAt?: number;
}

/** What a group launches from. */
export interface LaunchSource {
  readonly launchTemplate: TemplateChoice;
  readonly mixed?: MixedInstances;
}

/** Members of a group that UpdateAutoScalingGroup can change, in AWS's names and units. */
export interface GroupSettings {
  MinSize: number;
  MaxSize: number;
  DesiredCapacity: number;
  DefaultCooldown: number;
  HealthCheckType: string;
  HealthCheckGracePeriod: number;
  VPCZoneIdentifier: string;
  AvailabilityZones: readonly string[];
  TerminationPolicies: readonly string[];
  NewInstancesProtectedFromScaleIn: boolean;
  CapacityRebalance?: boolean;
  DefaultInstanceWarmup?: number;
  MaxInstanceLifetime?: number;
  InstanceMaintenancePolicy?: MaintenancePolicy;
  AvailabilityZoneDistribution: ZoneDistribution;
  AvailabilityZoneImpairmentPolicy: AvailabilityZoneImpairmentPolicy;
  CapacityReservationSpecification: CapacityReservationSpecification;
  /** What happens to an instance whose termination hook was abandoned; absent means terminate. */
  InstanceLifecyclePolicy?: InstanceLifecyclePolicy;
  DeletionProtection: 'none' | 'prevent-force-deletion' | 'prevent-all-deletion';
  Context?: string;
  ServiceLinkedRoleARN: string;
}

/** One group and all that belongs to it; times are epoch milliseconds of region time. */
export interface GroupRecord {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly settings: GroupSettings;
  /** With a mixed instances policy, the template that overrides apply to. */
  launchTemplate: TemplateChoice;
  mixed?: MixedInstances;
  readonly tags: Map<string, GroupTag>;
  readonly members: Map<string, Member>;
  trafficSources: readonly TrafficSource[];
  /** Suspended processes with the reason that Describe gives. */
  readonly suspended: Map<ProcessName, string>;
  readonly policies: Map<string, ScalingPolicy>;
  readonly hooks: Map<string, LifecycleHook>;
  readonly scheduledActions: Map<string, ScheduledUpdateGroupAction>;
  /** Notification types by the topic that they are published to. */
  readonly notifications: Map<string, ReadonlySet<string>>;
  /** Newest last. */
  readonly refreshes: InstanceRefresh[];
  warmPool?: WarmPool;
  /** The instance that is being launched to balance the zones; see `rebalancing.ts`. */
  rebalancing?: string;
  /** No instance is launched to balance the zones before this moment. */
  rebalanceNotBefore: number;
  readonly enabledMetrics: Set<string>;
  /** The region minute for which metrics were recorded last. */
  measuredMinute?: number;
  /** What last changed the desired capacity, as activities give their cause. */
  cause: string;
  /** Set once the group is being deleted: when it may go, if nothing is left in it. */
  deleteAt?: number;
  /** Unhealthy instances taken out whose replacement is still to be launched. */
  replacementsDue: number;
  launchFailures: number;
  /** No launch before this moment: the wait after a failed one. */
  launchNotBefore: number;
  /** Zones in which launches failed since the last that succeeded. */
  readonly failedZones: Set<string>;
  /** When capacity last changed on somebody's request, for cooldowns. */
  lastScaledAt: number;
}

/** A refresh that has not ended; undefined when there is none. */
export function activeRefresh(group: GroupRecord): InstanceRefresh | undefined {
  return group.refreshes.find((refresh) => refresh.endedAt === undefined);
}

/** What the group's next instance is launched from. */
export function launchSource(group: GroupRecord): LaunchSource {
  return activeRefresh(group)?.desired ?? group;
}

/** Instances of the warm pool, those on their way out included. */
export function poolMembers(group: GroupRecord): Member[] {
  return [...group.members.values()].filter((member) => member.inPool);
}

/** Instances of the group itself, without those of its warm pool. */
export function ownMembers(group: GroupRecord): Member[] {
  return [...group.members.values()].filter((member) => !member.inPool);
}

/** Instances that count as capacity: launched or in service, and not on their way out. */
export function activeMembers(group: GroupRecord): Member[] {
  const active: readonly Phase[] = ['booting', 'launchHook', 'inService'];
  return [...group.members.values()].filter((member) => active.includes(member.phase));
}

/** Whether somebody suspended a process of the group. */
export function isSuspended(group: GroupRecord, process: ProcessName): boolean {
  return group.suspended.has(process);
}

/** Traffic sources that instances belong to now. */
export function attachedSources(group: GroupRecord): TrafficSource[] {
  return group.trafficSources.filter(
    (source) => source.state !== 'Removing' && source.state !== 'Removed',
  );
}
