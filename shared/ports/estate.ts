/**
 * How Teal sees what is live. Reading only.
 */
import type { Estate, GroupReading } from '../core/estate.ts';
import type { Observation } from '../core/observation.ts';
import type { Plan } from '../core/plan.ts';
import type { Surroundings } from '../core/preflight/surroundings.ts';
import type { Progress } from '../core/progress.ts';
import type { DeploymentSpec } from '../core/spec.ts';

/** The estate before a deployment, read once for its plan. */
export interface EstateReader {
  /** Everything the planner looks at. */
  read(spec: DeploymentSpec): Promise<Estate>;
  /** One group by its name; undefined when there is none. */
  readGroup(autoScalingGroupName: string): Promise<GroupReading | undefined>;
}

/** What a deployment would meet besides blue itself. */
export interface SurroundingsReader {
  /** Reads for an estate; undefined where image or group are missing. */
  read(estate: Estate): Promise<Surroundings | undefined>;
}

/** What a task may leave out because its decision does not look at it. */
export interface ObservationScope {
  readonly alarms: boolean;
  readonly blue: boolean;
  readonly green: boolean;
  readonly routes: boolean;
  /** Whether AWS has taken the fleet's instances out of its target group. */
  readonly attachments?: boolean;
  /** What became of the alarms since this step's weight was confirmed. */
  readonly alarmHistory?: boolean;
  /** Requests that green has had; read only where the plan asks for some. */
  readonly requests?: boolean;
}

/** Both fleets, the routes and the alarms while a deployment runs. */
export interface Observer {
  /**
   * Reads what `scope` names; what it leaves out reads as empty. Alarms that cannot be read are
   * `unreadable`, never an exception.
   */
  observe(
    plan: Plan,
    progress: Progress,
    scope: ObservationScope,
  ): Promise<Omit<Observation, 'at' | 'abort'>>;
}

/** What an image says about itself. */
export interface Images {
  /** Tags of an image; undefined when there is no such image here. */
  readTags(imageId: string): Promise<Readonly<Record<string, string>> | undefined>;
}
