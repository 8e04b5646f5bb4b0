/**
 * AwaitTurn: takes a place in the queue of the service, and remembers the task token by which the
 * end of whoever comes before ends the wait. What comes next is PlanDeployment's to decide.
 */
import { isDisplaceable } from '../shared/core/decide-turn.ts';
import { LeaseLost } from '../shared/core/errors.ts';
import { turnLease } from '../shared/core/open-leases.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { Holds, Leases, Services } from '../shared/ports/ledger.ts';
import { withStack } from './_handler.ts';
import type { TaskInput } from './_journal.ts';
import * as world from './_ports.ts';
import { type Look, lookAtTurn, toWaiting, type TurnPorts, wake } from './_turn.ts';
import { giveOrder, type VerbPorts } from './_verbs.ts';

/** The deployment that waits, and the token by which its wait can be ended. */
export interface AwaitTurnInput extends TaskInput {
  readonly taskToken: string;
}

/** The queue and the lock, and the way to those whom a newer deployment takes the place of. */
export interface AwaitTurnPorts extends TurnPorts, VerbPorts {
  readonly services: Pick<Services, 'load'>;
  readonly deployments: TurnPorts['deployments'];
  readonly leases: Leases;
  readonly holds: Holds;
}

/**
 * Makes the task.
 * @throws LeaseLost when the deployment does not wait, or a recovery has taken it over
 */
export const awaitTurn = (ports: AwaitTurnPorts) => async (input: AwaitTurnInput) => {
  const { deploymentId, taskToken, now } = input;
  const record = await openQueued(ports, input);
  const definition = await ports.services.load(record.service);
  await ports.leases.open(turnLease(record, now));
  await ports.queue.join(toWaiting(record, definition));
  await ports.holds.open(deploymentId, taskToken);
  // Who ended before the token was stored woke nobody, so it is looked up now.
  const look = await lookAtTurn(ports, await openQueued(ports, input), { definition, now });
  const { turn } = look;
  if (turn.type === 'queue') await displace(ports, look, input);
  else await ports.executions.signal(taskToken, { type: 'turn', reason: turn.reason });
  return { directive: turn };
};

/** An execution that may not go on must not leave a row or a token behind. */
async function openQueued(
  { deployments }: Pick<AwaitTurnPorts, 'deployments'>,
  { deploymentId, executionArn }: AwaitTurnInput,
): Promise<DeploymentRecord> {
  const record = await deployments.load(deploymentId);
  if (record?.executionArn === executionArn && record.progress.phase === 'queued') return record;
  throw new LeaseLost(
    `Deployment ${deploymentId} does not wait for its turn: it is ${record?.progress.phase ?? 'unknown'} and belongs to ${record?.executionArn ?? 'nobody'}; nothing was written.`,
  );
}

/**
 * Those that wait before one that supersedes look for themselves, and find that they are superseded.
 * The one that is under way is asked to go back, where it still can.
 */
async function displace(
  ports: AwaitTurnPorts,
  { self, rival, older }: Look,
  { now }: AwaitTurnInput,
): Promise<void> {
  if (self.onBusy !== 'supersede') return;
  const reason = `Deployment ${self.deploymentId} superseded it.`;
  const displaced = older.filter(({ isRollback }) => !isRollback);
  for (const { deploymentId } of displaced) await wake(ports, deploymentId, reason);
  if (!rival || !isDisplaceable(rival)) return;
  await giveOrder(ports, {
    deploymentId: rival.deploymentId,
    verb: 'abort',
    by: `Deployment ${self.deploymentId}`,
    body: { reason: 'it is newer and supersedes this one.' },
    key: self.deploymentId,
    now,
  });
}

export const handler = withStack(
  awaitTurn({
    ...world.journal(),
    services: world.services(),
    leases: world.leases(),
    queue: world.queue(),
    holds: world.holds(),
    executions: world.executions(),
  }),
);
