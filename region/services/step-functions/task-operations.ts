/**
 * The operations by which somebody outside says what became of a task.
 * Not for: how tokens come about (see `task-tokens.ts`).
 */
import type {
  SendTaskFailureCommandInput,
  SendTaskHeartbeatCommandInput,
  SendTaskSuccessCommandInput,
} from '@aws-sdk/client-sfn';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Operation, Permission } from '../../kernel/service.ts';
import { checkRequest } from './constraints.ts';
import { byteLength, readJson, type Json } from './json.ts';
import { DATA_LIMIT_BYTES } from './limits.ts';
import type { TaskTokens } from './task-tokens.ts';

/** Builds the operations. */
export function taskOperations(tokens: TaskTokens) {
  return {
    SendTaskSuccess: sendSuccess(tokens),
    SendTaskFailure: sendFailure(tokens),
    SendTaskHeartbeat: sendHeartbeat(tokens),
  };
}

/**
 * None of the three knows resource-level permissions.
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 */
function anywhere(action: string): () => readonly Permission[] {
  return () => [{ action: `states:${action}`, resources: ['*'] }];
}

function sendSuccess(tokens: TaskTokens): Operation<SendTaskSuccessCommandInput, object> {
  return {
    permissions: anywhere('SendTaskSuccess'),
    run: (input) => {
      checkRequest(input, ['taskToken', 'output'], { required: ['output'] });
      const output = readOutput(input.output ?? '');
      tokens.signal(input.taskToken ?? '', { type: 'succeeded', output });
      return {};
    },
  };
}

function readOutput(text: string): Json {
  const json = readJson(text);
  if ('problem' in json) throw new AwsError('InvalidOutput', `Invalid Output: '${json.problem}'`);
  if (byteLength(text) > DATA_LIMIT_BYTES) {
    const why = `The output has more than ${DATA_LIMIT_BYTES} bytes.`;
    throw new AwsError('InvalidOutput', `Invalid Output: '${why}'`);
  }
  return json.value;
}

function sendFailure(tokens: TaskTokens): Operation<SendTaskFailureCommandInput, object> {
  return {
    permissions: anywhere('SendTaskFailure'),
    run: (input) => {
      checkRequest(input, ['taskToken', 'error', 'cause']);
      tokens.signal(input.taskToken ?? '', {
        type: 'failed',
        ...(input.error === undefined ? {} : { error: input.error }),
        ...(input.cause === undefined ? {} : { cause: input.cause }),
      });
      return {};
    },
  };
}

function sendHeartbeat(tokens: TaskTokens): Operation<SendTaskHeartbeatCommandInput, object> {
  return {
    permissions: anywhere('SendTaskHeartbeat'),
    run: (input) => {
      checkRequest(input, ['taskToken']);
      tokens.signal(input.taskToken ?? '', { type: 'heartbeat' });
      return {};
    },
  };
}
