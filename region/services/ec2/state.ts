/**
 * What EC2 remembers: images, launch templates and instances. The network is in `network.ts`, tags
 * in `tags.ts`.
 * Not for: what Describe answers; each operation shapes its own answer.
 */
import type { BlockDeviceMapping, ResponseLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { InstanceState } from '../../kernel/machines.ts';
import type { Program } from '../../machines/program.ts';

/** The states of an image that the region knows; only `available` can be launched. */
export type ImageState = 'pending' | 'available' | 'failed' | 'deregistered' | 'disabled';

/** Image and instance type must agree in it. */
export type Architecture = 'x86_64' | 'arm64';

/** One image, with the program that its instances run. */
export interface ImageRecord {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly architecture: Architecture;
  readonly rootDeviceName: string;
  readonly blockDeviceMappings: readonly BlockDeviceMapping[];
  readonly program: Program;
  /** Whether accounts other than the owner may launch it. */
  readonly shared: boolean;
  readonly hasEna: boolean;
  /** Epoch milliseconds; absent for one that nobody means to replace. */
  readonly deprecatedAt?: number;
  /** Set when its instances never get beyond `pending`: the state reason EC2 then gives. */
  readonly bootFailure?: { readonly code: string; readonly message: string };
  /** Epoch milliseconds. */
  readonly createdAt: number;
  state: ImageState;
}

/** What a volume starts from. */
export interface SnapshotRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly sizeGib: number;
  readonly state: 'pending' | 'completed' | 'error';
  readonly storageTier: 'archive' | 'standard';
  /** Absent for one that is not encrypted. */
  readonly keyArn?: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** One version of a launch template; its data never changes. */
export interface TemplateVersion {
  readonly number: number;
  readonly description?: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly data: ResponseLaunchTemplateData;
}

/** One launch template with all its versions; times are epoch milliseconds. */
export interface TemplateRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly versions: Map<number, TemplateVersion>;
  defaultVersion: number;
  /** Highest number ever given; numbers are not used again. */
  lastVersion: number;
}

/** One instance; a terminated one is kept for an hour, as on AWS. */
export interface InstanceRecord {
  readonly id: string;
  readonly reservationId: string;
  /** Service on whose behalf it was launched; absent when a caller launched it himself. */
  readonly requesterId?: string;
  readonly launchIndex: number;
  /** Absent for an On-Demand Instance. */
  readonly lifecycle?: 'spot';
  readonly imageId: string;
  readonly instanceType: string;
  readonly architecture: Architecture;
  readonly rootDeviceName: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly securityGroupIds: readonly string[];
  readonly data: ResponseLaunchTemplateData;
  readonly launchedAt: number;
  /** Set where its launch wanted to stay out of Capacity Reservations. */
  readonly avoidsReservations?: true;
  /** The Capacity Reservation that it runs in; absent outside of all of them. */
  capacityReservationId?: string;
  state: InstanceState;
  /** Why the state is what it is, as EC2 codes it; absent for a healthy life. */
  stateReason?: { readonly code: string; readonly message: string };
}

/** One Capacity Reservation, which is active from its beginning and never ends. */
export interface ReservationRecord {
  readonly id: string;
  readonly instanceType: string;
  readonly availabilityZone: string;
  /** Places, whether anything runs in them or not. */
  readonly instanceCount: number;
  /** `targeted` takes only instances that name it. */
  readonly matchCriteria: 'open' | 'targeted';
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Everything by id, in the order in which it came. */
export interface Ec2State {
  readonly images: Map<string, ImageRecord>;
  readonly snapshots: Map<string, SnapshotRecord>;
  readonly templates: Map<string, TemplateRecord>;
  readonly instances: Map<string, InstanceRecord>;
  readonly reservations: Map<string, ReservationRecord>;
}

/** EC2 before anything happened. */
export function createState(): Ec2State {
  return {
    images: new Map(),
    snapshots: new Map(),
    templates: new Map(),
    instances: new Map(),
    reservations: new Map(),
  };
}
