/**
 * Teal's own executions on Step Functions: starting one, and waking one that holds.
 */
import {
  DescribeExecutionCommand,
  type SFNClient,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { invariant } from '../core/errors.ts';
import type { Home } from '../core/image-builds.ts';
import type { ExecutionReader, Executions } from '../ports/signals.ts';
import { call, unlessRefused } from './call.ts';

/**
 * How Step Functions says that nobody waits for a token any more.
 * @source https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
 */
const GONE = ['InvalidToken', 'TaskDoesNotExist', 'TaskTimedOut'];

/**
 * In these an execution may still enter states.
 * @source https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
 */
const STILL_RUNNING = ['RUNNING', 'PENDING_REDRIVE'];

/** Makes the executions of one state machine. */
export function createExecutions(client: SFNClient, stateMachineArn: string): Executions {
  return {
    async start({ deploymentId, input }) {
      const command = new StartExecutionCommand({
        stateMachineArn,
        name: deploymentId,
        input: JSON.stringify(input),
      });
      const on = `${deploymentId} of ${stateMachineArn}`;
      const calling = call('StartExecution', on, () => client.send(command));
      const output = await unlessRefused(['ExecutionAlreadyExists'], calling);
      if (!output) {
        return { type: 'exists', executionArn: executionArnOf(stateMachineArn, deploymentId) };
      }
      invariant(output.executionArn, 'StartExecution answered without an ARN');
      return { type: 'started', executionArn: output.executionArn };
    },
    async signal(taskToken, signal) {
      const command = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(signal) });
      // A token is long and opens a door: it is not written into messages.
      const calling = call('SendTaskSuccess', 'a waiting Hold', () => client.send(command));
      return (await unlessRefused(GONE, calling)) ? 'delivered' : 'gone';
    },
  };
}

/** Makes the reader of executions, of whichever state machine. */
export function createExecutionReader(client: SFNClient): ExecutionReader {
  return {
    async read(executionArn) {
      const command = new DescribeExecutionCommand({
        executionArn,
        includedData: 'METADATA_ONLY',
      });
      const calling = call('DescribeExecution', executionArn, () => client.send(command));
      const output = await unlessRefused(['ExecutionDoesNotExist'], calling);
      const { status = 'absent', stopDate } = output ?? {};
      return {
        isRunning: STILL_RUNNING.includes(status),
        status,
        ...(stopDate && { stoppedAt: stopDate.toISOString() }),
      };
    },
  };
}

/** Account and region of a state machine. */
export function homeOf(stateMachineArn: string): Home {
  const [, , , region, accountId] = stateMachineArn.split(':');
  invariant(region && accountId, `${stateMachineArn} is no ARN of a state machine.`);
  return { region, accountId };
}

/** The ARN that an execution of that name has. */
function executionArnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
