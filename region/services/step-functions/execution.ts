/**
 * What is known of one execution, and of the revision of the state machine that it runs.
 * Not for: running it.
 */
import type { ExecutionStatus, LoggingConfiguration } from '@aws-sdk/client-sfn';
import type { Definition } from './definition.ts';
import type { History } from './history.ts';
import type { Json, JsonObject } from './json.ts';

/** A state machine as it was when it was created or updated. */
export interface Revision {
  readonly definition: Definition;
  /** The definition as it was given. */
  readonly text: string;
  readonly roleArn: string;
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: { readonly enabled: boolean };
  /** Missing for the first revision. */
  readonly revisionId?: string;
  /** Region time, epoch milliseconds. */
  readonly updatedAt: number;
}

/** Where an execution stands: the state it is in and that state's input. */
export interface Position {
  readonly state: string;
  readonly input: Json;
}

/** One execution. Only `run-execution.ts` and `end-execution.ts` change it. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  /** What it runs, whatever becomes of the state machine meanwhile. */
  readonly revision: Revision;
  /** JSON text. */
  readonly input: string;
  /** Region time, epoch milliseconds. */
  readonly startedAt: number;
  readonly history: History;
  status: ExecutionStatus;
  stoppedAt?: number;
  /** JSON text. */
  output?: string;
  error?: string;
  cause?: string;
  position: Position;
  variables: JsonObject;
  /** Billed state transitions so far. */
  transitions: number;
  redriveCount: number;
  redrivenAt?: number;
  /** Client token of the latest redrive. */
  redriveToken?: string;
  /** Aborts when the current attempt is over; a redrive brings a new one. */
  over: AbortController;
}
