/**
 * The States Language that the region runs, as types. It is a stated subset, and whatever is not
 * in it is refused when a definition is loaded, by the name of the state and of the field:
 *
 * - top level: `QueryLanguage` (`JSONata`, required), `StartAt`, `States`, `TimeoutSeconds`,
 *   `Comment`, `Version`
 * - every state: `Type`, `Comment`, `QueryLanguage` (`JSONata`)
 * - Task: `Resource` (`lambda:invoke`, with or without `.waitForTaskToken`), `Arguments`
 *   (`FunctionName`, `Payload`), `TimeoutSeconds`, `HeartbeatSeconds`, `Retry`, `Catch`, `Assign`,
 *   `Output`, `Next`, `End`
 * - Retry: `ErrorEquals`, `IntervalSeconds`, `MaxAttempts`, `BackoffRate`, `MaxDelaySeconds`,
 *   `JitterStrategy`, `Comment`
 * - Catch: `ErrorEquals`, `Next`, `Assign`, `Output`, `Comment`
 * - Choice: `Choices` (`Condition`, `Next`, `Assign`, `Output`, `Comment`), `Default`, `Assign`,
 *   `Output`
 * - Wait: `Seconds` or `Timestamp`, `Assign`, `Output`, `Next`, `End`
 * - Pass: `Assign`, `Output`, `Next`, `End`
 * - Succeed: `Output`
 * - Fail: `Error`, `Cause`
 * - JSONata: 2.0.6 with `$partition`, `$range`, `$hash`, `$random(seed)`, `$uuid`, `$parse`, and
 *   without `$eval`
 *
 * Refused although AWS knows them: Parallel, Map, JSONPath and its fields, every other resource,
 * activities, `Credentials`, versions and aliases, Express workflows.
 *
 * @source https://states-language.net/spec.html
 */
import type { Json } from './json.ts';

/** A JSON value in which `{% … %}` strings stand for what they evaluate to. */
export type Template = Json;

/** A definition that was checked: every state it names exists, every expression parses. */
export interface Definition {
  readonly startAt: string;
  /** Missing means the quota alone ends an execution. */
  readonly timeoutSeconds?: number;
  readonly states: ReadonlyMap<string, State>;
  /** Names of the variables each state reads; states that read none are missing. */
  readonly variableReferences: Readonly<Record<string, string[]>>;
}

/** A state of the subset, told apart by its type. */
export type State = TaskState | ChoiceState | WaitState | PassState | SucceedState | FailState;

/**
 * What a state does with its result. Missing `output` keeps the default, missing `assign` assigns
 * nothing.
 */
export interface Result {
  readonly output?: Template;
  readonly assign?: Readonly<Record<string, Template>>;
}

/** Where a state leads; missing `next` means that the execution ends. */
interface Transition {
  readonly next?: string;
}

/** Invokes a function and waits for its answer, or for a word by its token. */
export interface TaskState extends Result, Transition {
  readonly type: 'Task';
  readonly waitsForToken: boolean;
  /** Missing means the state's input. */
  readonly arguments?: Template;
  readonly timeoutSeconds?: number | string;
  readonly heartbeatSeconds?: number | string;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

/** When a failed task is tried again, with AWS's defaults filled in. */
export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  /** Missing means no upper bound. */
  readonly maxDelaySeconds?: number;
  readonly hasFullJitter: boolean;
}

/** Where an execution goes on after failures of these names. */
export interface Catcher extends Result {
  readonly errorEquals: readonly string[];
  readonly next: string;
}

/** Goes on with the first rule that holds; without one and without a default it fails. */
export interface ChoiceState extends Result {
  readonly type: 'Choice';
  readonly choices: readonly ChoiceRule[];
  readonly default?: string;
}

/** A condition that must evaluate to true or false; anything else fails the state. */
export interface ChoiceRule extends Result {
  readonly condition: string | boolean;
  readonly next: string;
}

/** Waits for seconds, or until an instant. */
export interface WaitState extends Result, Transition {
  readonly type: 'Wait';
  /** Exactly one of the two is present. */
  readonly seconds?: number | string;
  readonly timestamp?: string;
}

/** Does nothing but assign and shape data. */
export interface PassState extends Result, Transition {
  readonly type: 'Pass';
}

/** Ends the execution well. */
export interface SucceedState extends Result {
  readonly type: 'Succeed';
}

/** Ends the execution badly; both members may be expressions, and missing ones stay missing. */
export interface FailState {
  readonly type: 'Fail';
  readonly error?: string;
  readonly cause?: string;
}
