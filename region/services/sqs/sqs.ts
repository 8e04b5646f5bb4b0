/**
 * Simple Queue Service: standard queues, which services of the region send to and people read.
 * Not for: FIFO queues, redrives, batches, long polls and keys of the customer.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Identities, MessageQueues } from '../../kernel/contracts.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import { send } from './messages.ts';
import { createOperations } from './operations.ts';
import { createQueueMetrics } from './queue-metrics.ts';
import { createQueues } from './queues.ts';
import type { Queue } from './queues.ts';

/** SQS, as the rest of the region sees it. */
export interface Sqs {
  readonly service: Service;
  readonly queues: MessageQueues;
}

/** Starts without any queue. */
export function createSqs({
  kernel,
  identities,
}: {
  readonly kernel: Kernel;
  readonly identities: Identities;
}): Sqs {
  const queues = createQueues(kernel);
  const { onUse } = createQueueMetrics({ kernel, queues });
  return {
    service: { name: 'sqs', operations: createOperations({ kernel, queues, onUse }) },
    queues: {
      send: ({ queueArn, body, attributes = {}, caller }) => {
        const queue = queues.requireArn(queueArn);
        if (!maySend(queue, caller, identities)) throw denied(queue);
        onUse(queue);
        const typed = Object.entries(attributes).map(
          ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
        );
        const senderId = caller.type === 'role' ? caller.roleArn : caller.principal;
        send(kernel, queue, { body, attributes: Object.fromEntries(typed), senderId });
      },
    },
  };
}

type Sender = Parameters<MessageQueues['send']>[0]['caller'];

/** A service needs the queue's own policy; a role of the account needs its own. */
function maySend(queue: Queue, caller: Sender, identities: Identities): boolean {
  if (caller.type === 'service') return queue.policy?.allowsSending(queue.arn, caller) ?? false;
  const permission = { action: 'sqs:SendMessage', resources: [queue.arn] };
  return identities.isAllowed(caller.roleArn, permission);
}

function denied(queue: Queue): AwsError {
  return new AwsError('AccessDenied', `Access to the resource ${queue.arn} is denied.`, {
    httpStatus: 403,
  });
}
