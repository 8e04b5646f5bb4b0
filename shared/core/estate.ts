/**
 * What is live before a deployment begins, as plain data: the image, blue's group and target
 * group, the routes that send it traffic, and the alarms.
 * Not for: what changes while a deployment runs (see `observation.ts`).
 */
import type { ScheduleReading } from './missed-schedules.ts';
import type { AlarmReading } from './observation.ts';
import type { SidesReading } from './standby.ts';
import type { Surroundings } from './preflight/surroundings.ts';
import type { IsoInstant, Seconds } from './units.ts';

/** Two weighted records of one name and type, each of which leads to one fleet's load balancer. */
export interface WeightedRecords {
  readonly hostedZoneId: string;
  /** As Route 53 lists it, with the dot at its end. */
  readonly recordName: string;
  readonly recordType: 'A' | 'AAAA' | 'CNAME';
  readonly blueSetIdentifier: string;
  readonly greenSetIdentifier: string;
  /** The fleet that blue's record leads to. */
  readonly blueTargetGroupArn: string;
  /** The load balancer that green's record leads to; absent when the record has to be there. */
  readonly greenAlias?: {
    readonly hostedZoneId: string;
    readonly dnsName: string;
    /** Absent when the record is to have none. */
    readonly healthCheckId?: string;
  };
  /** The same of blue's record, for the way back onto a blue that left the records. */
  readonly blueAlias?: WeightedRecords['greenAlias'];
  /** Blue's weight before the deployment, which the record that stays gets; 0 to 255. */
  readonly weightBefore?: number;
}

/** The records of both sides as they were found. */
export interface RecordReading {
  /** Undefined where blue has no weighted record of a type of which the name has others. */
  readonly blue?: {
    /** Name of a load balancer or an address, in lower case, without `dualstack.` and last dot. */
    readonly leadsTo: string;
    readonly weight: number;
    /** Absent when no health check decides about the record. */
    readonly healthCheckId?: string;
  };
  readonly hasGreen: boolean;
}

/** One place that sends production traffic to a fleet: on a load balancer, or in DNS before two. */
export interface Route {
  /**
   * ARN of the rule, or of the listener where it is the listener's default action; for weighted
   * records the zone, the name, the type and the two set identifiers.
   */
  readonly id: string;
  readonly type: 'rule' | 'listenerDefault' | 'weightedRecord';
  /** Empty for weighted records, which stand before two load balancers. */
  readonly loadBalancerArn: string;
  /** Only for weighted records. */
  readonly records?: WeightedRecords;
  /** Seconds for which clients may still go by the weights before; absent when they do not. */
  readonly tailSeconds?: Seconds;
  /** Seconds for which its cookie keeps a client on one target group; absent when it does not. */
  readonly stickySeconds?: Seconds;
  /**
   * True when the action must keep clients on one target group while it names two, because the
   * target groups themselves keep clients on one target and AWS then wants both.
   * @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
   */
  readonly needsStickiness?: boolean;
}

/** A route as found, with what else its action does. */
export interface FoundRoute extends Route {
  /** ARNs of target groups other than blue's in the same action. */
  readonly otherTargetGroupArns: readonly string[];
  /** True when its weights, or its many target groups, leave no room for whole percents of blue's. */
  readonly isIndivisible?: boolean;
  /** Who else writes to it by itself, in words; absent when nobody is known to. */
  readonly controller?: string;
  /** Only for weighted records. */
  readonly record?: RecordReading;
}

/** One volume, as an image or a launch template maps it. */
export interface VolumeReading {
  /** Such as `/dev/xvda`. */
  readonly deviceName: string;
  /** Absent for an empty volume, or where the image's snapshot is meant. */
  readonly snapshotId?: string;
  /** Absent where the snapshot's own size is meant. */
  readonly sizeGib?: number;
  /** Absent where the snapshot's key, or none, is meant. */
  readonly keyArn?: string;
  /** Absent where the snapshot decides. */
  readonly isEncrypted?: boolean;
}

/** The image that green is to run. */
export interface ImageReading {
  readonly imageId: string;
  /** `available`, `pending`, `failed`, `disabled`, `deregistered`, … as EC2 says. */
  readonly state: string;
  /** `x86_64`, `arm64`, … */
  readonly architecture: string;
  /** What follows is absent where EC2 does not say. */
  readonly ownerId?: string;
  /** True when everybody may launch it. */
  readonly isPublic?: boolean;
  /** False when the account's settings for allowed images leave it out. */
  readonly isAllowed?: boolean;
  readonly deprecatedAt?: IsoInstant;
  readonly createdAt?: IsoInstant;
  /** `hvm` or `paravirtual`. */
  readonly virtualization?: string;
  /** Whether it has a driver for the Elastic Network Adapter. */
  readonly hasEna?: boolean;
  /** `legacy-bios`, `uefi` or `uefi-preferred`. */
  readonly bootMode?: string;
  readonly needsTpm?: boolean;
  /** Such as `/dev/xvda`. */
  readonly rootDeviceName?: string;
  readonly volumes?: readonly VolumeReading[];
}

/** Blue's Auto Scaling group before the deployment. */
export interface GroupReading {
  readonly autoScalingGroupName: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly inServiceCount: number;
  /** Availability Zones in which the group has instances in service, sorted. */
  readonly zones: readonly string[];
  /** Processes of the group that are suspended now, sorted. */
  readonly suspendedProcesses: readonly string[];
  /** Absent means none. */
  readonly schedules?: readonly ScheduleReading[];
  /** True when Spot Instances are replaced before AWS takes them back; absent means false. */
  readonly hasCapacityRebalance?: boolean;
  readonly targetGroupArns: readonly string[];
  /** Undefined when the group has no launch template, of its own or for mixed instances. */
  readonly launchTemplate?: {
    readonly launchTemplateId: string;
    /** As the group names it: a number, `$Latest` or `$Default`. */
    readonly configuredVersion: string;
    /** The number that its version means now. */
    readonly version: number;
    /** True when that number is the template's default; absent means false. */
    readonly isDefault?: boolean;
    /** The image that the version names; absent where it names none, or a parameter. */
    readonly imageId?: string;
  };
  /** What the group has that Teal cannot carry over to green, in words. */
  readonly unsupported: readonly string[];
  /** What people call the version that the group runs; absent where no tag says so. */
  readonly versionLabel?: string;
  /** True when a deployment of Teal created the group. */
  readonly isCreatedByTeal: boolean;
  /** Who else believes that the group is theirs, in words; absent when nobody does. */
  readonly owner?: string;
  /** True while AWS refuses to delete the group even when it is empty; absent means false. */
  readonly isProtectedFromDeletion?: boolean;
  /** Set while AWS or another tool is changing or deleting the group, in words. */
  readonly busyWith?: string;
}

/** Blue's target group; green's gets its settings. */
export interface TargetGroupReading {
  readonly targetGroupArn: string;
  readonly targetGroupName: string;
  readonly targetType: string;
  readonly deregistrationDelaySeconds: Seconds;
  readonly healthyCount: number;
  /** How the target group itself keeps clients on one target. */
  readonly stickiness: 'none' | 'lb_cookie' | 'app_cookie' | 'source_ip';
  /** True when a deployment of Teal created the target group. */
  readonly isCreatedByTeal: boolean;
  /** Who else believes that the target group is theirs, in words; absent when nobody does. */
  readonly owner?: string;
}

/** An alarm before the deployment, with what matters to a plan. */
export interface FoundAlarm extends AlarmReading {
  /** Absent when CloudWatch knows no alarm of that name. */
  readonly type?: 'metric' | 'composite' | 'log';
  /**
   * Seconds of data that it needs before it can go off; that of the slowest alarm in a composite's
   * rule. Absent where CloudWatch does not say.
   */
  readonly windowSeconds?: Seconds;
  /** What it watches of blue alone, in words; absent when it does not name blue. */
  readonly namesBlueAs?: string;
}

/** All that the planner sees. What is missing is the planner's to refuse. */
export interface Estate {
  /** Undefined when there is no such image, or it is not shared with this account. */
  readonly image: ImageReading | undefined;
  /** Undefined when there is no such group. */
  readonly group: GroupReading | undefined;
  /** Only where the group is gone: one that a success made serve, and that is there. */
  readonly lastServing?: { readonly autoScalingGroupName: string; readonly deploymentId: string };
  /** Undefined when the group has none, or several of which the definition names none. */
  readonly targetGroup: TargetGroupReading | undefined;
  readonly routes: readonly FoundRoute[];
  /** Routes that lead to other target groups of the group; absent means none. */
  readonly strayRoutes?: readonly { readonly id: Route['id']; readonly targetGroupArn: string }[];
  /** Only where a name's records split the traffic; `routes` are those records then. */
  readonly sides?: SidesReading;
  readonly alarms: readonly FoundAlarm[];
  /** Undefined when image or group are missing, so that there is nothing to be read for them. */
  readonly surroundings?: Surroundings | undefined;
}
