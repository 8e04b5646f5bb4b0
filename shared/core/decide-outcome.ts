/**
 * How a deployment ended, read off the facts rather than remembered along the way, so that every
 * path through the state machine comes to the same answer.
 */
import type { DeploymentRecord } from './record.ts';
import { hasNotBegun, type Outcome } from './progress.ts';

/** What the state before RecordOutcome left: a directive, or the failure that was caught. */
export interface Ending {
  readonly directive?: {
    readonly type: string;
    readonly reason: string;
    /** Name of the error that a deployment which may not begin ends with. */
    readonly error?: string;
    /** True where something of the fleet that was taken down stays for good. */
    readonly isKept?: boolean;
  };
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
  if (hasNotBegun(progress)) {
    return {
      type: 'refused',
      reason: failure ?? ending.directive?.reason ?? 'The deployment was refused.',
      error: ending.failure?.error ?? ending.directive?.error ?? 'Refused',
    };
  }
  if (progress.rollbackConfirmedAt) {
    const why = progress.rollbackReason ?? 'It was rolled back.';
    return { type: 'rolledBack', reason: failure ? `${why} Then ${failure}` : why };
  }
  if (progress.retirementStartedAt && !isGivenUp(record, ending)) {
    const leftover = failure ?? describeKept(ending);
    const served = `Green serves ${record.plan?.version ?? record.service}.`;
    return { type: 'succeeded', reason: leftover ? `${served} ${leftover}` : served };
  }
  return {
    type: 'failed',
    reason:
      failure ?? ending.directive?.reason ?? 'The deployment stopped where nobody expected it to.',
    error: ending.failure?.error ?? 'DeploymentFailed',
  };
}

/** Says whether a deployment that failed was finished by hand for green just now, and blue is gone. */
export function isFinishedForGreen(
  { errand, progress }: Pick<DeploymentRecord, 'errand' | 'progress'>,
  { directive, failure }: Ending,
): boolean {
  const isRetired = errand?.type === 'retireBlue' && directive?.type === 'finish';
  return progress.phase === 'failed' && isRetired && failure === undefined;
}

/** Directives that leave something of blue behind, which people should hear of with the outcome. */
const KEEPING = ['keepGreen', 'retain', 'leave'];

/** What became of blue, where that is more than its end. */
function describeKept({ directive }: Ending): string | undefined {
  if (!directive) return undefined;
  const isTold = KEEPING.includes(directive.type) || directive.isKept;
  return isTold ? directive.reason : undefined;
}

/** A rollback that began although green had won, and that did not come to its end. */
function isGivenUp({ progress }: DeploymentRecord, { directive, failure }: Ending): boolean {
  if (directive?.type === 'keepGreen') return false;
  const isUp = directive?.type === 'giveUp' || directive?.type === 'favourGreen';
  return isUp || (failure && progress.rollbackStartedAt) !== undefined;
}

/** What a person is told to do besides the reason; undefined where nobody has to do anything. */
export function adviseOn(
  { deploymentId, plan }: DeploymentRecord,
  outcome: OutcomeDirective['type'],
): string | undefined {
  if (outcome !== 'failed') return undefined;
  const blue = plan?.blue.autoScalingGroupName ?? 'blue';
  const request = JSON.stringify({ directive: { type: 'recover' }, deploymentId });
  return (
    `The weights stay with the side that was better when this was sent. Make group ${blue} healthy, ` +
    `then start an execution of the state machine with the input ${request}: it gives blue ` +
    'everything and cleans up. docs/recovery.md tells what to do if blue cannot be mended.'
  );
}

/**
 * What is left behind when clean-up failed for good: a deployment that went well stays so, and the
 * sweeper tries again. Undefined when nothing is, or when a person has to look anyway.
 */
export function describeLeftover(
  { plan }: DeploymentRecord,
  outcome: OutcomeDirective['type'],
  { failure, directive }: Ending,
): { readonly resource: string; readonly undo: string } | undefined {
  if (!plan || (outcome !== 'succeeded' && outcome !== 'rolledBack')) return undefined;
  const left = directive?.type === 'leave' ? directive.reason : undefined;
  const because = failure ? describeFailure(failure) : left;
  if (because === undefined) return undefined;
  const isBlue = outcome === 'succeeded';
  const resource = (isBlue ? plan.blue : plan.green).autoScalingGroupName;
  const targetGroup = isBlue ? plan.blue.targetGroupArn : plan.green.targetGroupName;
  return {
    resource,
    undo:
      `Group ${resource} and its target group ${targetGroup} were to be taken down, and ` +
      `were not: ${because} Mend that and Teal does the rest, or take the target group out of ` +
      'every listener and rule, set the group to zero, and delete what of both Teal made.',
  };
}

/** Errors that are answers: their message says everything to whoever asked, and where is no matter. */
const REFUSALS: readonly string[] = ['SpecRefused', 'ServiceBusy'];

/** One sentence from a caught failure: where, what, and Lambda's message; of a refusal that alone. */
export function describeFailure({ state, error, cause }: Failure): string {
  const message = readMessage(cause);
  if (message && REFUSALS.includes(error)) return message;
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
