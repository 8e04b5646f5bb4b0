/**
 * What a deployment would meet besides blue itself, as plain data: what instances are launched
 * from, and how much room the account has left. Read once for a plan, and never after.
 * Not for: what a plan is made of (see `estate.ts`).
 */
import type { ImageReading, VolumeReading } from '../estate.ts';
import type { IsoInstant } from '../units.ts';

/** What blue's group launches from, as its template and its mixed instances policy have it. */
export interface LaunchReading {
  /** Types that the group may launch, sorted; empty where it asks by attributes. */
  readonly instanceTypes: readonly string[];
  /**
   * Makers of processors among which attributes choose, one list for each set of requirements;
   * an empty list leaves the choice to the image. Empty where types are named.
   */
  readonly cpuManufacturers: readonly (readonly string[])[];
  /** Volumes that the template maps itself; they win over the image's. */
  readonly volumes: readonly VolumeReading[];
  /** Network interfaces of one instance, each of which takes an address; at least 1. */
  readonly networkInterfaceCount: number;
  /** Sorted; empty where instances get the default group of the network. */
  readonly securityGroupIds: readonly string[];
  /** vCPUs of one instance where the template's CPU options set them; absent for the type's own. */
  readonly vcpus?: number;
  readonly onDemand: OnDemandShare;
  /** Instances that the warm pool holds now; 0 without one. */
  readonly warmCount: number;
  readonly reservation: ReservationWish;
}

/** How much of a fleet is On-Demand; the rest are Spot Instances. */
export interface OnDemandShare {
  /** Instances that are On-Demand before any is not. */
  readonly baseCount: number;
  /** Of those beyond the base, from 0 to 100; 100 where no Spot Instance is asked for. */
  readonly percentAboveBase: number;
}

/** Which Capacity Reservations the instances are to be launched into. */
export interface ReservationWish {
  /** True when a launch outside of a reservation fails. */
  readonly isRequired: boolean;
  /** Ids of the reservations that are named; empty where any that matches will do. */
  readonly reservationIds: readonly string[];
  /** ARNs of groups of reservations; what is in them is not read. */
  readonly resourceGroupArns: readonly string[];
}

/** What EC2 says about an instance type. */
export interface InstanceTypeReading {
  readonly instanceType: string;
  readonly architectures: readonly string[];
  /** Empty where EC2 does not say; then any will do. */
  readonly virtualizationTypes: readonly string[];
  /** Empty where EC2 does not say; then any will do. */
  readonly bootModes: readonly string[];
  readonly needsEna: boolean;
  readonly hasTpm: boolean;
  readonly vcpus: number;
}

/** A snapshot that a volume starts from. */
export interface SnapshotReading {
  readonly snapshotId: string;
  /** `completed`, `pending`, `error`, … as EC2 says. */
  readonly state: string;
  readonly sizeGib: number;
  readonly isArchived: boolean;
  /** Absent for one that is not encrypted. */
  readonly keyArn?: string;
}

/** A key that encrypted volumes need. */
export interface KeyReading {
  readonly keyArn: string;
  /** `Enabled`, `Disabled`, `PendingDeletion`, … as KMS says, `absent`, or `unreadable`. */
  readonly state: string;
  /** True for a key that AWS manages, which every launch of the account may use. */
  readonly isManagedByAws: boolean;
  /** True when a volume of blue is encrypted with it: then launches are known to get it. */
  readonly isUsedByBlue: boolean;
}

/** A subnet that the group launches into. */
export interface SubnetReading {
  readonly subnetId: string;
  readonly zone: string;
  /** Undefined for a subnet without IPv4, which does not run out. */
  readonly freeAddresses: number | undefined;
}

/** A Capacity Reservation that could be launched into. */
export interface ReservationReading {
  readonly reservationId: string;
  readonly instanceType: string;
  readonly zone: string;
  /** False for one that takes only instances that name it. */
  readonly isOpen: boolean;
  readonly availableCount: number;
}

/** What quotas count here. */
export type QuotaName =
  | 'autoScalingGroups'
  | 'targetGroups'
  | 'targetGroupsOfLoadBalancer'
  | 'targetsOfLoadBalancer'
  | 'targetsOfTargetGroup'
  | 'launchTemplateVersions';

/** A limit of the account and how much of it is used. */
export interface QuotaReading {
  readonly name: QuotaName;
  /** Which load balancer or template it is about; absent for the whole account. */
  readonly of?: string;
  /** Undefined where AWS did not say. */
  readonly limit: number | undefined;
  /** Undefined where finding out would take too many calls. */
  readonly used: number | undefined;
}

/** How instances are paid for; each way has quotas of its own. */
export type Purchase = 'onDemand' | 'spot';

/** A quota of vCPUs that Service Quotas and CloudWatch told. */
export interface KnownProcessors {
  readonly type: 'known';
  readonly purchase: Purchase;
  /** Those of the group's types that it counts; at least one. */
  readonly instanceTypes: readonly string[];
  /** Such as `L-1216C47A`. */
  readonly quotaCode: string;
  /** As AWS calls it. */
  readonly quotaName: string;
  readonly limit: number;
  /** vCPUs that the whole account had running at `usedAt`, as a metric says, minutes late. */
  readonly used: number;
  readonly usedAt: IsoInstant;
  /** What came of counting the instances; absent where `used` leaves room for green. */
  readonly recount?: Recount;
}

/** vCPUs of the instances that run while a plan is made, or why nobody counted them. */
export type Recount =
  | {
      readonly type: 'counted';
      readonly used: number;
      /**
       * Places of Capacity Reservations that AWS counts besides, and that nobody uses; of all zones
       * and types, so that green may fit into some of them or into none.
       */
      readonly unusedPlaces: number;
    }
  | { readonly type: 'uncounted'; readonly reason: string };

/** A quota of vCPUs that could not be read, and why, in words after a colon. */
export interface UnknownProcessors {
  readonly type: 'unknown';
  readonly purchase: Purchase;
  /** Empty where the group names no types. */
  readonly instanceTypes: readonly string[];
  readonly reason: string;
}

/** All of it. */
export interface Surroundings {
  /** Account that blue belongs to. */
  readonly accountId: string;
  /** The image that blue launches; undefined where it is gone or resolved at each launch. */
  readonly blueImage: ImageReading | undefined;
  readonly launch: LaunchReading;
  readonly instanceTypes: readonly InstanceTypeReading[];
  /** Those that the account may see; a shared image's snapshots are not among them. */
  readonly snapshots: readonly SnapshotReading[];
  readonly keys: readonly KeyReading[];
  /** Empty for a group that names zones and leaves the subnets to AWS. */
  readonly subnets: readonly SubnetReading[];
  /** Active ones of the types that the group may launch. */
  readonly reservations: readonly ReservationReading[];
  readonly quotas: readonly QuotaReading[];
  /** One for each quota of vCPUs that green's instances could count against. */
  readonly processors: readonly (KnownProcessors | UnknownProcessors)[];
}
