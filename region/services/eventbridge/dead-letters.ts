/**
 * Deliveries that were given up, and the queue that a target may name for them.
 * Not for: when a delivery is given up; see `delivery.ts`.
 */
import type { MessageQueues } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Delivery } from './delivery.ts';

/** A delivery that was given up, as a dead-letter queue gets it. */
export interface DeadLetter extends Delivery {
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly retryAttempts: number;
  /** The queue of the target's DeadLetterConfig; absent means that the event is simply gone. */
  readonly queueArn: string | undefined;
  /** What ended the retries; absent when the error was of a kind that is not retried. */
  readonly exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

/**
 * EventBridge's words for what went wrong, by the code of the target's answer.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/rule-dlq.html
 */
const ERROR_CODES: Readonly<Record<string, string>> = {
  AccessDenied: 'NO_PERMISSIONS',
  AccessDeniedException: 'NO_PERMISSIONS',
  ResourceNotFoundException: 'NO_RESOURCE',
  StateMachineDoesNotExist: 'NO_RESOURCE',
  NotFound: 'NO_RESOURCE',
  ExecutionAlreadyExists: 'RESOURCE_ALREADY_EXISTS',
  InvalidParameter: 'INVALID_PARAMETER',
  InvalidExecutionInput: 'INVALID_JSON',
  TooManyRequestsException: 'THROTTLING',
  ThrottlingException: 'THROTTLING',
  SERVICE_ERROR: 'INTERNAL_ERROR',
};

/** Puts a dead letter into its queue. A queue that refuses it loses it, as on AWS. */
export function sendDeadLetter(
  letter: DeadLetter,
  { kernel, queues }: { readonly kernel: Kernel; readonly queues: MessageQueues | undefined },
): void {
  const { queueArn, ruleArn } = letter;
  if (queueArn === undefined || !queues) return;
  try {
    queues.send({
      queueArn,
      body: JSON.stringify(letter.event),
      attributes: attributesOf(letter),
      caller: { type: 'service', principal: 'events.amazonaws.com', sourceArn: ruleArn },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    kernel.log(`eventbridge: ${queueArn} did not take a dead letter of ${ruleArn}: ${reason}`);
  }
}

function attributesOf(letter: DeadLetter): Readonly<Record<string, string>> {
  const { ruleArn, target, errorCode, errorMessage, retryAttempts, exhausted } = letter;
  return {
    RULE_ARN: ruleArn,
    TARGET_ARN: target.Arn ?? '',
    ERROR_CODE: ERROR_CODES[errorCode] ?? 'SDK_CLIENT_ERROR',
    ERROR_MESSAGE: errorMessage,
    RETRY_ATTEMPTS: String(retryAttempts),
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
  };
}
