/**
 * How Teal sees what is live. Reading only.
 */
import type { LiveGroup } from '../core/draft-definition.ts';
import type { Estate, GroupReading, ImageReading } from '../core/estate.ts';
import type { ImageBuild } from '../core/image-builds.ts';
import type { Observation } from '../core/observation.ts';
import type { Plan } from '../core/plan.ts';
import type { Surroundings } from '../core/preflight/surroundings.ts';
import type { Progress } from '../core/progress.ts';
import type { DeploymentSpec } from '../core/spec.ts';
import type { IsoInstant } from '../core/units.ts';

/** The estate before a deployment, read once for its plan. */
export interface EstateReader {
  /** Everything the planner looks at. */
  read(spec: DeploymentSpec): Promise<Estate>;
  /** One group by its name; undefined when there is none. */
  readGroup(autoScalingGroupName: string): Promise<GroupReading | undefined>;
}

/** A group before anybody has defined a service for it. */
export interface GroupSurvey {
  /** The group with its target groups, routes and alarms; undefined when there is none. */
  survey(autoScalingGroupName: string): Promise<LiveGroup | undefined>;
}

/** What a deployment would meet besides blue itself. */
export interface SurroundingsReader {
  /** Reads for an estate as it is now; undefined where image or group are missing. */
  read(estate: Estate, now: IsoInstant): Promise<Surroundings | undefined>;
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

/** An image with its tags. */
export interface TaggedImage extends ImageReading {
  readonly tags: Readonly<Record<string, string>>;
}

/** What EC2 Image Builder built. */
export interface ImageBuilds {
  /** By the ARN of a build version; undefined when there is no such build. */
  read(buildArn: string): Promise<ImageBuild | undefined>;
}

/** What images say about themselves. */
export interface Images {
  /** Undefined when there is no such image, or none that this account may launch. */
  read(imageId: string): Promise<TaggedImage | undefined>;
  /** The image that a group launches; undefined when group or image are gone. */
  readServing(autoScalingGroupName: string): Promise<ImageReading | undefined>;
}
