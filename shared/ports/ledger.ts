/**
 * What Teal remembers: services, deployments, locks and waiting holds. One table keeps them all.
 */
import type { DeploymentRecord, TimelineEntry } from '../core/record.ts';
import type { Progress } from '../core/progress.ts';
import type { AbortRequest } from '../core/observation.ts';
import type { ServiceDefinition } from '../core/spec.ts';
import type { IsoInstant } from '../core/units.ts';

/** The services that may be deployed, by name. */
export interface Services {
  /** Undefined when nobody defined the service. */
  load(service: string): Promise<ServiceDefinition | undefined>;
  save(definition: ServiceDefinition): Promise<void>;
  /** Makes another group the one that serves; a service without definition stays without. */
  follow(service: string, autoScalingGroupName: string): Promise<void>;
}

/** The records; of two savers that read the same record, the second is refused. */
export interface Deployments {
  /** Saves a new record. Answers the record that is kept when there was one already. */
  create(record: DeploymentRecord): Promise<DeploymentRecord>;
  /** Undefined when there is no such deployment. Always reads the latest state. */
  load(deploymentId: string): Promise<DeploymentRecord | undefined>;
  /**
   * Replaces progress, and plan, fence and clone report where given; answers the record as it then is.
   * @throws RecordChanged when somebody saved since `record` was read
   */
  save(
    record: DeploymentRecord,
    change: { progress: Progress } & Partial<
      Pick<DeploymentRecord, 'plan' | 'fence' | 'cloneReport'>
    >,
  ): Promise<DeploymentRecord>;
  /** Asks a deployment to stop; the first request stays. Answers false when there is no such one. */
  requestAbort(deploymentId: string, abort: AbortRequest): Promise<boolean>;
}

/** What happened in a deployment, in sentences. */
export interface Timeline {
  /** Adds a line. The same line of the same state and time is one line, however often added. */
  add(deploymentId: string, entry: TimelineEntry): Promise<void>;
  /** All lines, oldest first. */
  read(deploymentId: string): Promise<readonly TimelineEntry[]>;
}

/** Who has the lock of a service, and for how long unless it is renewed. */
export interface Holder {
  /** Id of the deployment. */
  readonly owner: string;
  readonly expiresAt: IsoInstant;
}

/** Who may write for a service. */
export interface Lease {
  readonly service: string;
  readonly deploymentId: string;
  /** Rises with every owner; a writer with an older one is late. */
  readonly fence: number;
}

/** One lock for each service; a lease runs out by itself when its owner is gone. */
export interface Locks {
  /**
   * Takes the lock of a service until `expiresAt`; the same deployment may take it again and keeps
   * its fence.
   */
  acquire(request: {
    readonly service: string;
    readonly deploymentId: string;
    readonly now: IsoInstant;
    readonly expiresAt: IsoInstant;
  }): Promise<
    { readonly type: 'acquired'; readonly lease: Lease } | ({ readonly type: 'busy' } & Holder)
  >;
  /** Who holds the lock of a service at an instant; undefined when nobody does. */
  holder(service: string, now: IsoInstant): Promise<Holder | undefined>;
  /** Extends a lease that is still held; answers false when it is not. */
  renew(lease: Lease, expiresAt: IsoInstant): Promise<boolean>;
  /** Gives the lock back, whatever its fence; harmless when another deployment holds it. */
  release(lease: Pick<Lease, 'service' | 'deploymentId'>): Promise<void>;
}

/** Task tokens of waiting holds, at most one for each deployment. */
export interface Holds {
  /** Remembers the task token of a waiting Hold. */
  open(deploymentId: string, taskToken: string): Promise<void>;
  /** The token of a waiting Hold; undefined when none waits. */
  waiting(deploymentId: string): Promise<string | undefined>;
  /** Forgets that token, unless another Hold was opened since. */
  close(deploymentId: string, taskToken: string): Promise<void>;
}

/** Which deployments want to know of which alarms. */
export interface Watches {
  /** Remembers that a deployment watches these alarms. */
  watch(deploymentId: string, alarmNames: readonly string[]): Promise<void>;
  /** Ids of the deployments that watch an alarm. */
  watchers(alarmName: string): Promise<readonly string[]>;
  unwatch(deploymentId: string, alarmNames: readonly string[]): Promise<void>;
}
