/**
 * What green gets of blue's Auto Scaling group and of what hangs on it, member by member, in AWS's
 * names for the shapes. A member that a newer SDK adds must be entered here before this compiles.
 * Not for: scaling policies and their alarms (see `scaling-ledgers.ts`).
 */
import { COPIED, leftOut, type MemberLedger, refused, rewritten } from './treatment.ts';

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html */
export const GROUP_MEMBERS = {
  AutoScalingGroupName: rewritten('green has a name of its own'),
  AutoScalingGroupARN: leftOut('AWS gives it'),
  AvailabilityZoneDistribution: COPIED,
  AvailabilityZoneIds: leftOut('the subnets say it, and AWS takes it only in place of names'),
  AvailabilityZoneImpairmentPolicy: COPIED,
  AvailabilityZones: rewritten('sent only where the group names no subnets'),
  CapacityRebalance: COPIED,
  CapacityReservationSpecification: COPIED,
  Context: COPIED,
  CreatedTime: leftOut('AWS gives it'),
  DefaultCooldown: COPIED,
  DefaultInstanceWarmup: COPIED,
  DeletionProtection: COPIED,
  DesiredCapacity: rewritten('green is as large as blue really is'),
  DesiredCapacityType: COPIED,
  EnabledMetrics: rewritten('switched on by a call of its own'),
  HealthCheckGracePeriod: COPIED,
  HealthCheckType: COPIED,
  InstanceLifecyclePolicy: COPIED,
  InstanceMaintenancePolicy: COPIED,
  Instances: leftOut('green launches its own'),
  LaunchConfigurationName: refused('a launch configuration has no versions'),
  LaunchTemplate: rewritten('green has a version of its own'),
  LoadBalancerNames: refused('a classic load balancer has no weights'),
  MaxInstanceLifetime: COPIED,
  MaxSize: rewritten('green may be as large as blue, or as it is planned'),
  MinSize: rewritten('green does not scale in while it is judged'),
  MixedInstancesPolicy: rewritten('every launch template in it is given as a version of green'),
  NewInstancesProtectedFromScaleIn: COPIED,
  Operator: refused('only that AWS service may change the group'),
  PlacementGroup: COPIED,
  PredictedCapacity: leftOut('AWS computes it'),
  ServiceLinkedRoleARN: COPIED,
  Status: leftOut('it says that AWS deletes the group'),
  SuspendedProcesses: rewritten("blue's own suspensions, and Teal's while the deployment runs"),
  Tags: rewritten("without AWS's own, and with those that name the deployment"),
  TargetGroupARNs: rewritten('green has a target group of its own'),
  TerminationPolicies: COPIED,
  TrafficSources: rewritten('they repeat the target group; others are refused'),
  VPCZoneIdentifier: COPIED,
  WarmPoolConfiguration: rewritten('made by a call of its own'),
  WarmPoolSize: leftOut('AWS counts it'),
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_MixedInstancesPolicy.html */
export const MIXED_INSTANCES_MEMBERS = {
  LaunchTemplate: rewritten('its versions are rewritten'),
  InstancesDistribution: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplate.html */
export const MIXED_TEMPLATE_MEMBERS = {
  LaunchTemplateSpecification: rewritten('green has a version of its own'),
  Overrides: rewritten('each names what green launches'),
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateSpecification.html */
export const TEMPLATE_SPECIFICATION_MEMBERS = {
  LaunchTemplateId: COPIED,
  LaunchTemplateName: leftOut('AWS takes it only in place of the id'),
  Version: rewritten('green has a version of its own'),
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html */
export const OVERRIDE_MEMBERS = {
  InstanceType: COPIED,
  WeightedCapacity: refused('capacity in units of an own choice is not a number of instances'),
  LaunchTemplateSpecification: rewritten('the same template at the version of green'),
  InstanceRequirements: COPIED,
  ImageId: refused('it would launch its own image in place of the one that is deployed'),
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html */
export const DISTRIBUTION_MEMBERS = {
  OnDemandAllocationStrategy: COPIED,
  OnDemandBaseCapacity: COPIED,
  OnDemandPercentageAboveBaseCapacity: COPIED,
  SpotAllocationStrategy: COPIED,
  SpotInstancePools: COPIED,
  SpotMaxPrice: COPIED,
  DistributionSegments: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html */
export const HOOK_MEMBERS = {
  LifecycleHookName: COPIED,
  AutoScalingGroupName: rewritten('the hook goes into the request that makes green'),
  LifecycleTransition: COPIED,
  NotificationTargetARN: COPIED,
  RoleARN: COPIED,
  NotificationMetadata: COPIED,
  HeartbeatTimeout: COPIED,
  GlobalTimeout: leftOut('AWS computes it from the heartbeat'),
  DefaultResult: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_NotificationConfiguration.html */
export const NOTIFICATION_MEMBERS = {
  AutoScalingGroupName: rewritten('green has a name of its own'),
  TopicARN: COPIED,
  NotificationType: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_WarmPoolConfiguration.html */
export const WARM_POOL_MEMBERS = {
  MaxGroupPreparedCapacity: COPIED,
  MinSize: COPIED,
  PoolState: COPIED,
  Status: leftOut('it says that AWS deletes the pool'),
  InstanceReusePolicy: COPIED,
} as const satisfies MemberLedger;

/** @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScheduledUpdateGroupAction.html */
export const SCHEDULE_MEMBERS = {
  AutoScalingGroupName: rewritten('green has a name of its own'),
  ScheduledActionName: COPIED,
  ScheduledActionARN: leftOut('AWS gives it'),
  Time: leftOut('AWS no longer uses it'),
  StartTime: rewritten('AWS takes no time that has passed'),
  EndTime: COPIED,
  Recurrence: COPIED,
  MinSize: COPIED,
  MaxSize: COPIED,
  DesiredCapacity: COPIED,
  TimeZone: COPIED,
} as const satisfies MemberLedger;
