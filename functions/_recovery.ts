/**
 * How the end of an execution that nobody caught leads to a recovery, whoever found out: the event
 * of the end, or the sweeper.
 */
import { needsRecovery } from '../shared/core/decide-recovery.ts';
import type { RecoveryRequest } from '../shared/core/directive.ts';
import { RecoveryExhausted } from '../shared/core/errors.ts';
import { isDueLater, type OpenLease } from '../shared/core/leases.ts';
import { recoveryName } from '../shared/core/names.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Deployments, Leases } from '../shared/ports/ledger.ts';
import type { ExecutionReader, Executions } from '../shared/ports/signals.ts';

/** What finds out whether something is left to do, and starts the execution that does it. */
export interface RecoveryPorts {
  readonly deployments: Deployments;
  readonly leases: Leases;
  readonly executions: Pick<Executions, 'start'>;
  readonly executionReader: ExecutionReader;
}

/**
 * Recoveries for one occasion: with one every five minutes that is two hours, after which a person
 * is of more use than patience.
 */
const RECOVERIES_MAX = 24;

/**
 * Starts the recovery of a deployment, if anything is left to do for it and nobody is at it.
 * Answers the name of the execution, or undefined.
 * @throws RecoveryExhausted when it was tried too often
 */
export async function recoverIfNeeded(
  ports: RecoveryPorts,
  deploymentId: string,
  { leases, now }: { readonly leases: readonly OpenLease[]; readonly now: IsoInstant },
): Promise<string | undefined> {
  const record = await ports.deployments.load(deploymentId);
  if (!record && leases.length === 0) return undefined;
  if (!needsRecovery({ record, leases, now })) return undefined;
  const driver = record?.executionArn ?? leases[0]?.owner;
  if (driver && (await ports.executionReader.read(driver)).isRunning) return undefined;
  return start(ports, deploymentId, occasionOf(record, leases));
}

/** The same for everybody who finds out, and another one once somebody has done something. */
function occasionOf(record: DeploymentRecord | undefined, leases: readonly OpenLease[]): string {
  const dues = leases.filter(isDueLater).map(({ expiresAt }) => expiresAt);
  return [record?.executionArn ?? '', ...dues].join(' ');
}

/** One name after the other, because a name is used up even by a recovery that came to nothing. */
async function start(
  { executions }: RecoveryPorts,
  deploymentId: string,
  occasion: string,
): Promise<string> {
  const request: RecoveryRequest = { directive: { type: 'recover' }, deploymentId };
  const input = { ...request };
  for (let attempt = 0; attempt < RECOVERIES_MAX; attempt += 1) {
    const name = recoveryName({ deploymentId, occasion }, attempt);
    const { type } = await executions.start({ deploymentId: name, input });
    if (type === 'started') return name;
  }
  throw new RecoveryExhausted(
    `Tried ${RECOVERIES_MAX} times to recover deployment ${deploymentId}, the last time as ` +
      `${recoveryName({ deploymentId, occasion }, RECOVERIES_MAX - 1)}; none could take it over; ` +
      'read what stopped them in their executions, and start one by hand.',
    { facts: { deploymentId } },
  );
}
