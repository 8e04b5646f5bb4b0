/**
 * What runs behind an instance id, as the load balancer sees it. EC2 owns the machines, the load
 * balancer only asks them.
 * Not for: the life of an instance (EC2) or whether it is healthy (the target group decides).
 */

/** The states of an instance; the region stops none, so the last two are never met. */
export type InstanceState =
  | 'pending'
  | 'running'
  | 'shutting-down'
  | 'terminated'
  | 'stopping'
  | 'stopped';

/** What came back when an instance was asked. */
export type Answer =
  | { readonly type: 'response'; readonly status: number; readonly milliseconds: number }
  | { readonly type: 'refused' }
  | { readonly type: 'timeout' };

/** One GET, such as a health check sends. */
export interface MachineRequest {
  /** Path and query, such as `/health?deep=1`. */
  readonly path: string;
  readonly host: string;
  readonly userAgent: string;
  /** Region milliseconds after which the answer is `timeout`. */
  readonly timeoutMilliseconds: number;
}

/** The instances as the network sees them. */
export interface Machines {
  /** Asks an instance once: over a socket where it is a process, by its model where it is not. */
  ask(instanceId: string, request: MachineRequest): Promise<Answer>;
  /**
   * Where the process of an instance listens, or undefined when nothing can listen there: the
   * instance is a model, is not running, or is gone.
   */
  origin(instanceId: string): { readonly host: string; readonly port: number } | undefined;
  /**
   * What a modelled instance would answer to production traffic now, without a socket.
   * Undefined when the instance is a process or is gone. `requests` is how many share the answer,
   * default 1.
   */
  model(
    instanceId: string,
    requests?: number,
  ): { readonly status: number; readonly milliseconds: number } | undefined;
  /** Where an instance stands in the network; undefined when there is no such instance. */
  placement(instanceId: string):
    | {
        readonly privateIp: string;
        readonly availabilityZone: string;
        readonly subnetId: string;
        readonly vpcId: string;
        readonly state: InstanceState;
      }
    | undefined;
}
