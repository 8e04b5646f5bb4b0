/**
 * How Teal reaches its own executions and the people behind them, and how it waits.
 */
import type { Driver } from '../core/recovery-situation.ts';
import type { Notice } from '../core/notices.ts';
import type { IsoInstant, Seconds } from '../core/units.ts';

/** What wakes a Hold before its time. */
export interface Signal {
  readonly type: 'alarm' | 'abort' | 'order' | 'turn';
  readonly reason: string;
}

/** How an execution stands. */
export interface ExecutionReader {
  /** One that nobody knows any more does not run. */
  read(executionArn: string): Promise<Driver>;
}

/** The state machine's executions: started by deployment id, woken by task token. */
export interface Executions {
  /**
   * Starts a deployment. The name is the deployment's id, so that the same id is one deployment.
   * Answers `exists` when an execution of that name exists with another input or is over.
   */
  start(request: {
    readonly deploymentId: string;
    readonly input: Readonly<Record<string, unknown>>;
  }): Promise<{ readonly type: 'started' | 'exists'; readonly executionArn: string }>;
  /** Ends a waiting Hold early; `gone` when it is over already. */
  signal(taskToken: string, signal: Signal): Promise<'delivered' | 'gone'>;
}

/** The way to people, for what they should hear without looking. */
export interface Notifier {
  /**
   * Tells people what became of a deployment; whether they want to hear it is the caller's to ask
   * (`wantsNotice`).
   */
  publish(message: {
    readonly service: string;
    readonly event: Notice;
    readonly subject: string;
    readonly body: Readonly<Record<string, unknown>>;
  }): Promise<void>;
}

/** Time for code that watches within one run; decisions take theirs from the event. */
export interface Timepiece {
  now(): IsoInstant;
  sleep(seconds: Seconds): Promise<void>;
}
