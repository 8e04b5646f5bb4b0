/**
 * Bringing events to targets: a moment later, at least once, again and again where a target
 * refuses, and one target's trouble never another's.
 * Not for: which rules an event matches; see `eventbridge.ts`.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Executions, Functions, MessageQueues } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { sendDeadLetter } from './dead-letters.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { Envelope } from './envelope.ts';
import { targetInput } from './target-input.ts';

/** What shall happen to one delivery. */
export type DeliveryFault = 'deliver' | 'drop' | 'duplicate';

/** Who the events are brought to. */
export interface Receivers {
  readonly functions: Functions;
  readonly executions: Executions;
  /** Publishes to a topic. Absent means that topics cannot be targets. */
  readonly sns?: { publish(topicArn: string, notification: { message: string }): unknown };
  /** Absent means that dead letters reach no queue. */
  readonly queues?: MessageQueues;
}

/** One event for one target. */
export interface Delivery {
  readonly event: Envelope;
  readonly ruleArn: string;
  readonly target: Target;
}

/** Region milliseconds from an event to its first delivery, and how much that varies. Our choice. */
const LATENCY_MILLISECONDS = 300;
const LATENCY_SPREAD_MILLISECONDS = 400;

/**
 * How long and how often a delivery is tried unless the target says otherwise.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
const RETRY_AGE_SECONDS = 86_400;
const RETRY_ATTEMPTS = 185;

/** Backoff between tries: exponential with jitter, as AWS says; its numbers are our choice. */
const FIRST_BACKOFF_MILLISECONDS = 1000;
const LONGEST_BACKOFF_MILLISECONDS = 600_000;

/** Dead letters that are kept for whoever wants to look. */
const DEAD_LETTERS_KEPT = 1000;

/** Errors after which AWS does not try again: nothing about them would change. */
const FINAL_ERRORS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'ResourceNotFoundException',
  'StateMachineDoesNotExist',
  'NotFound',
  'InvalidParameter',
  'InvalidExecutionInput',
  'ExecutionAlreadyExists',
  'InvalidArn',
  'ValidationException',
]);

/** Takes deliveries and brings them to their targets. */
export function createDelivery(options: {
  kernel: Kernel;
  receivers: Receivers;
  faults: (event: Envelope, target: Target) => DeliveryFault;
}) {
  const { kernel, receivers, faults } = options;
  const deadLetters: DeadLetter[] = [];

  const giveUp = (delivery: Delivery, failure: Failure): void => {
    const letter = letterOf(delivery, failure);
    const { ruleArn, target, errorMessage } = letter;
    kernel.log(`eventbridge: gave up ${ruleArn} -> ${target.Arn}: ${errorMessage}`);
    deadLetters.push(letter);
    sendDeadLetter(letter, { kernel, queues: receivers.queues });
    if (deadLetters.length > DEAD_LETTERS_KEPT) deadLetters.shift();
  };

  const attempt = async (delivery: Delivery, tried: { since: number; attempts: number }) => {
    try {
      await SENDERS[serviceOf(delivery.target.Arn ?? '')]?.(delivery, receivers);
    } catch (error) {
      const { since, attempts } = tried;
      const { RetryPolicy: policy } = delivery.target;
      const until = since + (policy?.MaximumEventAgeInSeconds ?? RETRY_AGE_SECONDS) * 1000;
      const next = kernel.clock.now() + backoff(attempts, kernel);
      if (FINAL_ERRORS.has(codeOf(error))) return giveUp(delivery, { error, attempts });
      const isLast = attempts >= (policy?.MaximumRetryAttempts ?? RETRY_ATTEMPTS);
      if (isLast || next > until) {
        const exhausted = isLast ? 'MaximumRetryAttempts' : 'MaximumEventAgeInSeconds';
        return giveUp(delivery, { error, attempts, exhausted });
      }
      kernel.clock.schedule(next, () => attempt(delivery, { since, attempts: attempts + 1 }));
    }
  };

  const schedule = (delivery: Delivery): void => {
    const since = kernel.clock.now();
    const at = since + LATENCY_MILLISECONDS + kernel.random() * LATENCY_SPREAD_MILLISECONDS;
    kernel.clock.schedule(Math.round(at), () => attempt(delivery, { since, attempts: 0 }));
  };

  return {
    /** Brings an event to a target, later. */
    send: (delivery: Delivery): void => {
      const fault = faults(delivery.event, delivery.target);
      const copies = { drop: 0, deliver: 1, duplicate: 2 }[fault];
      for (let copy = 0; copy < copies; copy += 1) schedule(delivery);
    },
    deadLetters: (): readonly DeadLetter[] => deadLetters,
  };
}

/** Why a delivery was given up. */
interface Failure {
  readonly error: unknown;
  readonly attempts: number;
  readonly exhausted?: DeadLetter['exhausted'];
}

function letterOf(delivery: Delivery, { error, attempts, exhausted }: Failure): DeadLetter {
  return {
    ...delivery,
    errorCode: codeOf(error),
    errorMessage: error instanceof Error ? error.message : String(error),
    retryAttempts: attempts,
    queueArn: delivery.target.DeadLetterConfig?.Arn,
    ...(exhausted && { exhausted }),
  };
}

function codeOf(error: unknown): string {
  return error instanceof AwsError ? error.code : 'SERVICE_ERROR';
}

function backoff(attempts: number, kernel: Kernel): number {
  const longest = Math.min(
    FIRST_BACKOFF_MILLISECONDS * 2 ** attempts,
    LONGEST_BACKOFF_MILLISECONDS,
  );
  return Math.round(longest * (0.5 + kernel.random() / 2));
}

type Sender = (delivery: Delivery, receivers: Receivers) => Promise<void> | void;

/** Kinds of targets by the service in their ARN. */
const SENDERS: Readonly<Record<string, Sender>> = {
  // Only a refused invocation is EventBridge's affair: from then on the event is in Lambda's own
  // queue, which tries a function that fails twice more.
  lambda: async ({ target, ruleArn, event }, { functions }) => {
    await functions.invoke({
      functionArn: target.Arn ?? '',
      payload: targetInput(target, { event, ruleArn }),
      invocationType: 'Event',
      caller: { type: 'service', principal: 'events.amazonaws.com', sourceArn: ruleArn },
    });
  },
  states: ({ target, ruleArn, event }, { executions }) => {
    executions.start({
      stateMachineArn: target.Arn ?? '',
      input: targetInput(target, { event, ruleArn }),
      roleArn: target.RoleArn ?? '',
    });
  },
  sns: ({ target, ruleArn, event }, { sns }) => {
    if (!sns) throw new AwsError('NotFound', `There are no topics: ${target.Arn}`);
    sns.publish(target.Arn ?? '', { message: targetInput(target, { event, ruleArn }) });
  },
};

/** Whether this region can bring events to such an ARN. */
export function isDeliverable(targetArn: string): boolean {
  return Object.hasOwn(SENDERS, serviceOf(targetArn));
}

function serviceOf(targetArn: string): string {
  return targetArn.split(':')[2] ?? '';
}
