/**
 * What Teal remembers: services, deployments, locks and waiting holds. One table keeps them all.
 */
import type { StatusFilter } from '../core/api/statuses.ts';
import type { DeploymentRecord, TimelineEntry } from '../core/record.ts';
import type { Waiting } from '../core/decide-turn.ts';
import type { LeaseName, OpenLease } from '../core/leases.ts';
import type { Progress } from '../core/progress.ts';
import type { AbortRequest } from '../core/observation.ts';
import type { Orders } from '../core/orders.ts';
import type { Serving } from '../core/serving.ts';
import type { ServiceDefinition } from '../core/spec.ts';
import type { IsoInstant } from '../core/units.ts';

/** What part of a list is wanted. */
export interface PageRequest {
  /** Most entries; 1 or more. A page may have fewer, even none, and still not be the last. */
  readonly limit: number;
  /** Where the page before ended; absent means the beginning. */
  readonly after?: string;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where this page ended; absent on the last one. */
  readonly next?: string;
}

/** The services that may be deployed, by name. */
export interface Services {
  /** Undefined when nobody defined the service. */
  load(service: string): Promise<ServiceDefinition | undefined>;
  /** The definition as it was saved, naming the group that was named then; undefined likewise. */
  loadGiven(service: string): Promise<ServiceDefinition | undefined>;
  /**
   * Keeps a definition, and answers it as it is kept: the group that Teal follows stays, unless the
   * definition names another one than it did the last time (see `core/serving.ts`).
   */
  save(definition: ServiceDefinition): Promise<ServiceDefinition>;
  /** Definitions by name; those that nobody has saved since there are lists are left out. */
  list(page: PageRequest): Promise<Page<ServiceDefinition>>;
  /** Forgets a service and its last release; harmless when nobody defined it. */
  remove(service: string): Promise<void>;
  /**
   * Makes another group the one that serves, where `routing` is given the other side the one that
   * stands by, and its target group the one that the definition names if it names one; a service
   * without definition stays without.
   */
  follow(service: string, serving: Serving): Promise<void>;
  /** Remembers the deployment that succeeded last. */
  release(service: string, deploymentId: string): Promise<void>;
  /** Id of that deployment; undefined before the first. */
  lastRelease(service: string): Promise<string | undefined>;
}

/** What else must hold for a save besides that nobody saved before it. */
export interface SaveCondition {
  /** True where an order that came since `record` was read must be heard first. */
  readonly isUnlessOrdered?: boolean;
}

/** The records; of two savers that read the same record, the second is refused. */
export interface Deployments {
  /** Saves a new record. Answers the record that is kept when there was one already. */
  create(record: DeploymentRecord): Promise<DeploymentRecord>;
  /** Undefined when there is no such deployment. Always reads the latest state. */
  load(deploymentId: string): Promise<DeploymentRecord | undefined>;
  /**
   * Records by the time they began, the newest first; those from before there were lists are left
   * out. `service` and `phase` leave out all others; `running` is every phase before the end.
   */
  list(
    page: PageRequest & { readonly service?: string; readonly phase?: StatusFilter },
  ): Promise<Page<DeploymentRecord>>;
  /**
   * Replaces progress, and what else is given; answers the record as it then is.
   * @throws RecordChanged when somebody saved since `record` was read
   */
  save(
    record: DeploymentRecord,
    change: { progress: Progress } & Partial<
      Pick<DeploymentRecord, 'plan' | 'fence' | 'cloneReport' | 'executionArn' | 'errand'>
    >,
    condition?: SaveCondition,
  ): Promise<DeploymentRecord>;
  /**
   * Asks a deployment to stop. Answers false when anybody asked for that, or saved, since `record`
   * was read: it may have gone where it stops no more. It is not itself a save that a running task
   * would notice.
   */
  requestAbort(record: DeploymentRecord, abort: AbortRequest): Promise<boolean>;
  /**
   * Replaces what operators asked for. Answers false when anybody saved since `record` was read; it
   * is not itself a save that a running task would notice.
   */
  saveOrders(record: DeploymentRecord, orders: Orders): Promise<boolean>;
}

/** What the API was asked to start, by the id of the deployment: the same id is the same request. */
export interface Requests {
  /** What was asked for by that id, as text; undefined when nobody did. */
  load(deploymentId: string): Promise<string | undefined>;
  /** Keeps a request unless there is one by that id already; answers the one that is kept. */
  claim(deploymentId: string, request: string): Promise<string>;
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

/**
 * One lock for each service. Its time running out frees nothing: what its owner froze must be undone
 * first, and only whoever knows the owner's record can tell.
 */
export interface Locks {
  /**
   * Takes the lock of a service until `expiresAt`; the same deployment may take it again and keeps
   * its fence. `abandonedBy` names an owner whose lock may be taken over.
   */
  acquire(request: {
    readonly service: string;
    readonly deploymentId: string;
    readonly expiresAt: IsoInstant;
    readonly abandonedBy?: string;
  }): Promise<
    { readonly type: 'acquired'; readonly lease: Lease } | ({ readonly type: 'busy' } & Holder)
  >;
  /** Who holds the lock of a service, even past its time; undefined when nobody does. */
  holder(service: string): Promise<Holder | undefined>;
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

/** Deployments that wait for their turn. A row is a hint; the record says whether one still waits. */
export interface Queue {
  /** Adds a row; the same deployment again is the same row. */
  join(waiting: Waiting): Promise<void>;
  /** All rows of a service, oldest first. */
  list(service: string): Promise<readonly Waiting[]>;
  /** Deletes a row; harmless when there is none. */
  leave(waiting: Pick<Waiting, 'service' | 'startedAt' | 'deploymentId'>): Promise<void>;
}

/** Which deployments want to know of which alarms. */
export interface Watches {
  /** Remembers that a deployment watches these alarms. */
  watch(deploymentId: string, alarmNames: readonly string[]): Promise<void>;
  /** Ids of the deployments that watch an alarm. */
  watchers(alarmName: string): Promise<readonly string[]>;
  unwatch(deploymentId: string, alarmNames: readonly string[]): Promise<void>;
}

/** Everything that deployments froze or owe; see `core/leases.ts`. */
export interface Leases {
  /** Writes a row, over what an earlier call wrote by that name; what it leaves out stays. */
  open(lease: OpenLease): Promise<void>;
  /** Deletes a row; harmless when there is none. */
  close(lease: LeaseName): Promise<void>;
  /** Every open row, or every one of a deployment, in the order of deployments and kinds. */
  list(deploymentId?: string): Promise<readonly OpenLease[]>;
}
