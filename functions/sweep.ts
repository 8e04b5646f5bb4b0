/**
 * On a schedule: looks through everything that is frozen or owed, and has whatever nobody works on
 * any more recovered. What an event should have told, and did not, is found here.
 */
import type { OpenLease } from '../shared/core/leases.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Services } from '../shared/ports/ledger.ts';
import { withStack } from './_handler.ts';
import * as world from './_ports.ts';
import { recoverIfNeeded, type RecoveryPorts } from './_recovery.ts';
import { findUnmended, type TurnPorts, type WakePorts, wakeNext } from './_turn.ts';

/**
 * The part of a scheduled event that counts here.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
 */
export interface ScheduledEvent {
  readonly time: IsoInstant;
}

/** What is frozen or owed, and what waits although nothing is under way any more. */
export interface SweepPorts extends RecoveryPorts, TurnPorts, WakePorts {
  readonly services: Pick<Services, 'load'>;
  readonly deployments: TurnPorts['deployments'];
  readonly leases: RecoveryPorts['leases'];
  readonly executions: RecoveryPorts['executions'] & WakePorts['executions'];
}

/**
 * Makes the function.
 * @throws AggregateError when some deployment could not be looked at; all others were
 */
export const sweep =
  (ports: SweepPorts) =>
  async ({ time: now }: ScheduledEvent) => {
    const started: string[] = [];
    const failures: unknown[] = [];
    const open = await ports.leases.list();
    for (const [deploymentId, leases] of byDeployment(open)) {
      try {
        const name = await recoverIfNeeded(ports, deploymentId, { leases, now });
        if (name) started.push(name);
      } catch (error) {
        // One deployment that nobody can recover must not keep the others from it.
        failures.push(error);
      }
    }
    await wakeWaiting(ports, open, failures);
    if (failures.length > 0) {
      throw new AggregateError(failures, failures.map(String).join(' '));
    }
    if (started.length === 0) return { started };
    const reason = `Recovery was started as ${started.join(', ')}.`;
    return { started, directive: { type: 'recover', reason } } as const;
  };

/**
 * Whoever waits has the row of a lock, so that the rows name every service with a queue. Nobody is
 * woken at every sweep only to find that a failure is not mended yet.
 */
async function wakeWaiting(
  ports: SweepPorts,
  leases: readonly OpenLease[],
  failures: unknown[],
): Promise<void> {
  const services = new Set(
    leases.filter(({ kind }) => kind === 'lock').map(({ service }) => service),
  );
  for (const service of services) {
    try {
      const self = { service, deploymentId: NOBODY };
      const definition = await ports.services.load(service);
      if (await findUnmended(ports, self, leases, definition)) continue;
      await wakeNext(ports, self);
    } catch (error) {
      failures.push(error);
    }
  }
}

/** The sweeper is no deployment, so that every holder of a lock is another one. */
const NOBODY = '';

function byDeployment(leases: readonly OpenLease[]): ReadonlyMap<string, readonly OpenLease[]> {
  const grouped = new Map<string, OpenLease[]>();
  for (const lease of leases) {
    const own = grouped.get(lease.deploymentId) ?? [];
    grouped.set(lease.deploymentId, [...own, lease]);
  }
  return grouped;
}

export const handler = withStack(
  sweep({
    services: world.services(),
    deployments: world.deployments(),
    locks: world.locks(),
    queue: world.queue(),
    holds: world.holds(),
    leases: world.leases(),
    executions: world.executions(),
    executionReader: world.executionReader(),
  }),
);
