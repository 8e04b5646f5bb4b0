/**
 * What Teal's API answers, as far as the command line reads it. Members that an older API does not
 * send are optional.
 * Not for: what the API does; see `functions`.
 */
import type { PauseSight } from '../shared/core/describe-pause.ts';
import type { AlarmsReading, RouteReading } from '../shared/core/observation.ts';
import type { Plan, Step } from '../shared/core/plan.ts';
import type { Progress } from '../shared/core/progress.ts';
import { hasEnded } from '../shared/core/progress.ts';
import type { RevertReadiness } from '../shared/core/revert-readiness.ts';

/** One deployment in a list. */
export interface Summary {
  readonly deploymentId: string;
  readonly service: string;
  readonly version: string;
  readonly imageId?: string;
  readonly status: string;
  readonly reason: string;
  /** Name of the error that it ended with; absent where there was none. */
  readonly error?: string;
  readonly startedAt: string;
  readonly greenWeightPercent: number;
}

/** One page of deployments, newest first. */
export interface DeploymentsAnswer {
  readonly deployments: readonly Summary[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/** Something that can be asked of a deployment now. */
export interface Possible {
  readonly verb: string;
  readonly sentence: string;
}

/** Who or what paused a deployment, and what ends the pause. */
export type Pause = Pick<PauseSight, 'by' | 'since' | 'until' | 'onTimeout'>;

/** A deployment as the API describes it. */
export interface Deployment {
  readonly deploymentId: string;
  readonly service: string;
  readonly startedAt: string;
  readonly executionArn: string;
  readonly status: string;
  readonly reason: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** Absent until it is planned, and when it was refused. */
  readonly plan?: Pick<Plan, 'version' | 'imageId' | 'blue' | 'green' | 'steps' | 'approval'>;
  readonly progress: Progress;
  /** Absent where it is not paused. */
  readonly pause?: Pause;
  /** In the queue of the service, from 1; absent where it does not wait there. */
  readonly place?: number;
  readonly possible?: readonly Possible[];
}

/** One line of a timeline. */
export interface TimelineEntry {
  readonly at: string;
  readonly state: string;
  readonly event: string;
  readonly reason: string;
  readonly greenWeightPercent?: number;
}

/** A timeline, oldest first, or a page of it. */
export interface TimelineAnswer {
  readonly deploymentId: string;
  readonly entries: readonly TimelineEntry[];
  readonly nextCursor?: string;
}

/** One fleet as it is now. */
export interface FleetSight {
  /** False when its group is gone or not there yet. */
  readonly exists?: boolean;
  readonly desiredCapacity?: number;
  readonly inServiceCount?: number;
  readonly healthyCount: number;
  readonly drainingCount?: number;
  readonly complaints?: readonly string[];
}

/** What a running deployment looks like now, read from the world. */
export interface Observation {
  readonly deploymentId: string;
  readonly status: string;
  readonly reason: string;
  readonly at: string;
  readonly steps: readonly Step[];
  readonly stepIndex: number;
  readonly greenWeightPercent: number;
  readonly holdUntil?: string;
  /** Absent where it is not paused. */
  readonly pause?: Pause;
  readonly blue?: FleetSight;
  readonly green?: FleetSight;
  readonly alarms?: AlarmsReading;
  readonly routes?: readonly RouteReading[];
  readonly revertReadiness?: RevertReadiness;
  readonly possible?: readonly Possible[];
}

/** Says whether a deployment of this status is over. */
export function isOver(status: string): boolean {
  return hasEnded({ phase: status } as Progress);
}
