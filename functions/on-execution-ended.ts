/** An execution failed, timed out or was stopped: what it left undone is taken up at once. */
import type { IsoInstant } from '../shared/core/units.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';
import { recoverIfNeeded, type RecoveryPorts } from './_recovery.ts';

/**
 * The part of Step Functions' event that counts here.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export interface ExecutionStatusChange {
  readonly time: IsoInstant;
  readonly detail: {
    readonly name: string;
    readonly status: string;
    /** The execution's input; null when it is too long for an event. */
    readonly input: string | null;
  };
}

/**
 * Makes the function. It decides nothing: most executions that end so have recorded an outcome, and
 * a recovery looks at the world itself, so that an event that comes late or twice does no harm.
 */
export const onExecutionEnded =
  (ports: RecoveryPorts) =>
  async ({ time, detail }: ExecutionStatusChange) => {
    const deploymentId = deploymentOf(detail);
    const leases = await ports.leases.list(deploymentId);
    const name = await recoverIfNeeded(ports, deploymentId, { leases, now: time });
    const reason = name
      ? `Execution ${detail.name} was ${detail.status}; ${name} was started to recover ${deploymentId}.`
      : `Execution ${detail.name} was ${detail.status} and left nothing to recover.`;
    return { directive: { type: name ? 'recover' : 'finish', reason } } as const;
  };

/** A recovery says in its input whose it is; any other execution is its deployment. */
function deploymentOf({ name, input }: ExecutionStatusChange['detail']): string {
  // Whatever somebody typed into the console, which may be null.
  const typed = JSON.parse(input ?? '{}') as {
    directive?: { type?: unknown };
    deploymentId?: unknown;
  } | null;
  const { directive, deploymentId } = typed ?? {};
  return directive?.type === 'recover' && typeof deploymentId === 'string' ? deploymentId : name;
}

export const handler = withStack(
  onExecutionEnded({
    deployments: world.deployments(),
    leases: world.leases(),
    executions: world.executions(),
    executionReader: world.executionReader(),
  }),
);
