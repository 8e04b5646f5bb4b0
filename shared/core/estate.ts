/**
 * What is live before a deployment begins, as plain data: the image, blue's group and target
 * group, the routes that send it traffic, and the alarms.
 * Not for: what changes while a deployment runs (see `observation.ts`).
 */
import type { AlarmReading } from './observation.ts';
import type { Seconds } from './units.ts';

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
  readonly greenAlias?: { readonly hostedZoneId: string; readonly dnsName: string };
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
}

/** The image that green is to run. */
export interface ImageReading {
  readonly imageId: string;
  /** `available`, `pending`, `failed`, `disabled`, `deregistered`, … as EC2 says. */
  readonly state: string;
  /** `x86_64`, `arm64`, … */
  readonly architecture: string;
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
  readonly targetGroupArns: readonly string[];
  /** Undefined when the group has no launch template, of its own or for mixed instances. */
  readonly launchTemplate?: {
    readonly launchTemplateId: string;
    /** As the group names it: a number, `$Latest` or `$Default`. */
    readonly configuredVersion: string;
    /** The number that its version means now. */
    readonly version: number;
    /** Architectures that all instance types of the group run; empty when it names none. */
    readonly architectures: readonly string[];
  };
  /** What the group has that Teal cannot carry over to green, in words. */
  readonly unsupported: readonly string[];
  /** True when a deployment of Teal created the group. */
  readonly isCreatedByTeal: boolean;
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
}

/** All that the planner sees. What is missing is the planner's to refuse. */
export interface Estate {
  /** Undefined when there is no such image, or it is not shared with this account. */
  readonly image: ImageReading | undefined;
  /** Undefined when there is no such group. */
  readonly group: GroupReading | undefined;
  /** Undefined when the group has none, or several. */
  readonly targetGroup: TargetGroupReading | undefined;
  readonly routes: readonly FoundRoute[];
  readonly alarms: readonly AlarmReading[];
}
