/**
 * What a recovery is decided from, and what both of its decisions read off it.
 * Not for: deciding (see `decide-recovery.ts` and `decide-errand.ts`).
 */
import { neededCapacity } from './capacity.ts';
import type { RecoveryDirective } from './directive.ts';
import type { OpenLease } from './leases.ts';
import type { Observation } from './observation.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './progress.ts';
import type { DeploymentRecord } from './record.ts';
import type { IsoInstant } from './units.ts';

/** The execution that a deployment's record names. */
export interface Driver {
  readonly isRunning: boolean;
  /** How it ended, in Step Functions' words, such as `ABORTED`; `absent` when nobody knows it. */
  readonly status: string;
  /** Absent while it runs, and when nobody knows it. */
  readonly stoppedAt?: IsoInstant;
}

/** What a recovery is decided from. */
export interface RecoverySituation {
  readonly record: DeploymentRecord;
  /** Open rows of this deployment. */
  readonly leases: readonly OpenLease[];
  readonly driver: Driver;
  /** Id of another deployment that has the service's lock; absent when none has. */
  readonly rival?: string;
  /** The group that the service goes by now; absent when nobody defined the service. */
  readonly servingGroupName?: string;
  /** Absent when there was no plan to look by. */
  readonly observation?: Observation;
  readonly now: IsoInstant;
}

/** A deployment with a plan, and the world that its plan speaks of. */
export interface Planned {
  readonly plan: Plan;
  readonly progress: Progress;
  readonly observation: Observation;
  readonly now: IsoInstant;
}

/** One rule; undefined where it has nothing to say. */
export type RecoveryRule = (situation: RecoverySituation) => RecoveryDirective | undefined;

/** Undefined where there was no plan to look by. */
export function toPlanned({ record, observation, now }: RecoverySituation): Planned | undefined {
  const { plan, progress } = record;
  return plan && observation && { plan, progress, observation, now };
}

/** Says whether green could carry everything. */
export function isGreenAble(planned: Planned): boolean {
  return planned.observation.green.healthyCount >= neededCapacity(planned);
}

/** Says whether no route that is left gives a side anything. */
export function hasNoTraffic({ observation }: Planned, colour: 'blue' | 'green'): boolean {
  return observation.routes.every(({ weights }) => (weights?.[colour] ?? 0) === 0);
}
