/**
 * How a deployment ended, read off the facts rather than remembered along the way, so that every
 * path through the state machine comes to the same answer.
 */
import type { DeploymentRecord } from './record.ts';
import type { Outcome } from './progress.ts';

/** What the state before RecordOutcome left: a directive, or the failure that was caught. */
export interface Ending {
  readonly directive?: { readonly type: string; readonly reason: string };
  readonly failure?: Failure;
}

/** A caught failure, as a Catch hands it over. */
export interface Failure {
  readonly state: string;
  /** Name of the error. */
  readonly error: string;
  /** Lambda's JSON text with `errorMessage`, or plain text. */
  readonly cause?: string;
}

/** What RecordOutcome answers. */
export interface OutcomeDirective {
  readonly type: Outcome | 'refused';
  readonly reason: string;
  /** Name of the error, where there was one. */
  readonly error?: string;
}

/** Decides for RecordOutcome. */
export function decideOutcome(record: DeploymentRecord, ending: Ending): OutcomeDirective {
  const { progress } = record;
  const failure = ending.failure && describeFailure(ending.failure);
  if (progress.phase === 'planned') {
    return {
      type: 'refused',
      reason: failure ?? 'The deployment was refused.',
      error: ending.failure?.error ?? 'Refused',
    };
  }
  if (progress.retirementStartedAt) {
    const leftover = failure ?? (ending.directive?.type === 'keepGreen' && ending.directive.reason);
    const served = `Green serves ${record.plan?.version ?? record.service}.`;
    return { type: 'succeeded', reason: leftover ? `${served} ${leftover}` : served };
  }
  if (progress.rollbackConfirmedAt) {
    const why = progress.rollbackReason ?? 'It was rolled back.';
    return { type: 'rolledBack', reason: failure ? `${why} Then ${failure}` : why };
  }
  return {
    type: 'failed',
    reason:
      failure ?? ending.directive?.reason ?? 'The deployment stopped where nobody expected it to.',
    error: ending.failure?.error ?? 'DeploymentFailed',
  };
}

/** One sentence from a caught failure: where, what, and Lambda's message. */
export function describeFailure({ state, error, cause }: Failure): string {
  const message = readMessage(cause);
  return message ? `${state} failed with ${error}: ${message}` : `${state} failed with ${error}.`;
}

function readMessage(cause: string | undefined): string | undefined {
  if (!cause) return undefined;
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed) {
      return String(parsed.errorMessage);
    }
  } catch (error) {
    // A cause that is not JSON is a sentence already.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return cause;
}
