/**
 * Readings taken while a deployment runs, with the time they were taken. An observation holds
 * facts only; what they mean is decided elsewhere.
 */
import type { Orders } from './orders.ts';
import type { IsoInstant, Percent } from './units.ts';

/** The states that CloudWatch gives an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A state that an alarm was given, and when. */
export interface AlarmTransition {
  readonly at: IsoInstant;
  readonly to: AlarmState;
  /** CloudWatch's own reason; absent when it gave none. */
  readonly reason?: string;
}

/** A CloudWatch alarm, as read by name. */
export interface AlarmReading {
  readonly alarmName: string;
  /** `absent` when CloudWatch knows no alarm of that name. */
  readonly state: AlarmState | 'absent';
  /** CloudWatch's own reason for the state; absent when it gave none. */
  readonly stateReason?: string;
  /** Since when it has been in that state; absent when CloudWatch did not say. */
  readonly since?: IsoInstant;
  /**
   * Set while CloudWatch cannot evaluate the alarm as it should: its state is then not to be trusted.
   * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
   */
  readonly evaluationState?: string;
  /** What became of it meanwhile, oldest first; absent where nothing did, or nobody asked. */
  readonly transitions?: readonly AlarmTransition[];
}

/** The alarms, or why they could not be read: a failing metrics API is data, not an exception. */
export type AlarmsReading =
  | { readonly type: 'read'; readonly alarms: readonly AlarmReading[] }
  | { readonly type: 'unreadable'; readonly because: string };

/** One fleet as its group and its target group see it. */
export interface FleetReading {
  /** False when the group does not exist (not yet, or no more) or is being deleted. */
  readonly exists: boolean;
  readonly desiredCapacity: number;
  readonly inServiceCount: number;
  /** Instances of the group in any state of life. */
  readonly instanceCount: number;
  /** Instances that are in service and whose target is healthy. */
  readonly healthyCount: number;
  /** Availability Zones in which at least one instance is in service and healthy, sorted. */
  readonly healthyZones: readonly string[];
  /** Targets still draining. */
  readonly drainingCount: number;
  /**
   * Whether the group puts its instances into its target group: `leaving` while AWS still takes
   * them out, which is told apart from `none` only where the scope asks for it.
   */
  readonly attachment: 'attached' | 'leaving' | 'none';
  /** Instances in service that are protected from scaling in. */
  readonly protectedCount: number;
  /**
   * Instances that no scaling in ends, because a person or a hook kept them, each with its state:
   * `i-… is in Standby`, `i-… is in Terminating:Retained`.
   */
  readonly keptInstances: readonly string[];
  /** States and reasons of the targets that are not healthy, such as `unhealthy (Target.Timeout)`. */
  readonly complaints: readonly string[];
  /** Launches that failed and instances replaced as unhealthy since the group began, newest first. */
  readonly failures: readonly string[];
}

/** The weights of one route, in whole percents of what its two fleets get. */
export interface RouteReading {
  readonly routeId: string;
  /** Undefined when the route does not exist any more. */
  readonly weights:
    | {
        /** Undefined when blue's target group is not in the action. */
        readonly blue: number | undefined;
        /** Undefined when green's target group is not in the action. */
        readonly green: number | undefined;
      }
    | undefined;
}

/** An operator's wish to stop, with who and why. */
export interface AbortRequest {
  readonly by: string;
  readonly reason: string;
  readonly at: IsoInstant;
}

/** Everything a decision looks at, besides the plan and what was done so far. */
export interface Observation {
  readonly at: IsoInstant;
  readonly alarms: AlarmsReading;
  readonly blue: FleetReading;
  readonly green: FleetReading;
  readonly routes: readonly RouteReading[];
  /**
   * Requests that green has had since its weight was confirmed; absent where nobody asked, or
   * where CloudWatch could not say.
   */
  readonly greenRequests?: number | undefined;
  readonly abort?: AbortRequest;
  /** What operators asked for besides; absent means nothing. */
  readonly orders?: Orders | undefined;
}

/** What one route should say: green's weight in whole percent, blue the rest. */
export function isAtWeight(route: RouteReading, greenWeightPercent: Percent): boolean {
  const weights = route.weights;
  if (!weights) return false;
  const blue = weights.blue ?? 0;
  const green = weights.green ?? 0;
  if (blue + green === 0) return false;
  return green * 100 === greenWeightPercent * (blue + green);
}
