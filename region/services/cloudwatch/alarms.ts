/**
 * What an alarm is: its configuration, what it watches, and its state.
 * Not for: how states come about; see `evaluation.ts` for metrics and `alarm-rule.ts` for rules.
 */
import type { Rule } from './alarm-rule.ts';
import type { Source } from './queries.ts';

/** The three states. */
export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The three states, in the order in which AWS lists them. */
export const STATE_VALUES: readonly StateValue[] = ['INSUFFICIENT_DATA', 'ALARM', 'OK'];

/** A state and how it came about. */
export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON text; absent before the first evaluation. */
  readonly reasonData?: string;
  /** Epoch milliseconds of the last time the state was set. */
  readonly updatedAt: number;
  /** Epoch milliseconds of the last time the state became another. */
  readonly transitionedAt: number;
}

/** What periods without data count as. */
export type TreatMissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

/** How a value is compared with a static threshold. */
export type Comparison =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** What a metric alarm watches, and when it is too much. */
export interface Watch {
  readonly sources: readonly Source[];
  /** The one source whose values are compared with the threshold. */
  readonly watched: Source;
  readonly periodSeconds: number;
  /** N of "M out of N". */
  readonly evaluationPeriods: number;
  /** M of "M out of N"; the same as N when it was not given. */
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly treatMissingData: TreatMissingData;
  /** Samples that a period needs before its percentile counts; 0 when every period counts. */
  readonly samplesNeeded: number;
}

/** The members of the request that describe the alarm and are given back as they came. */
export type Described = Readonly<Record<string, unknown>>;

interface Common {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly actions: Readonly<Record<StateValue, readonly string[]>>;
  readonly described: Described;
  actionsEnabled: boolean;
  /** Epoch milliseconds. */
  configuredAt: number;
  state: AlarmState;
  readonly tags: Map<string, string>;
}

/**
 * How CloudWatch says that it cannot evaluate an alarm as it should: its configuration is wrong,
 * CloudWatch itself is in trouble, or more matched than was looked at.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
 */
export type EvaluationState = 'EVALUATION_ERROR' | 'EVALUATION_FAILURE' | 'PARTIAL_DATA';

/** An alarm on one metric or on one expression. */
export interface MetricAlarm extends Common {
  readonly type: 'metric';
  /** Absent while it is evaluated as it should. */
  evaluationState?: EvaluationState;
  readonly watch: Watch;
  /** The values that decided last, oldest first; absent before the first evaluation. */
  datapoints?: readonly number[];
  /** Epoch milliseconds at which its actions were carried out last; absent when never. */
  actedAt?: number;
}

/** An alarm on the states of other alarms. */
export interface CompositeAlarm extends Common {
  readonly type: 'composite';
  readonly ruleText: string;
  readonly rule: Rule;
}

/** An alarm of either kind. */
export type Alarm = MetricAlarm | CompositeAlarm;

/** The state of an alarm that nobody has evaluated yet. */
export function initialState(now: number): AlarmState {
  return {
    value: 'INSUFFICIENT_DATA',
    reason: 'Unchecked: Initial alarm creation',
    updatedAt: now,
    transitionedAt: now,
  };
}
