/**
 * Telling people something that no deployment depends on.
 */
import { adviseOn, type OutcomeDirective } from '../shared/core/decide-outcome.ts';
import type { OpenLease } from '../shared/core/leases.ts';
import { isAnsweredTo, wantsNotice } from '../shared/core/notices.ts';
import { noticeLease } from '../shared/core/open-leases.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Leases, Services } from '../shared/ports/ledger.ts';
import type { Notifier } from '../shared/ports/signals.ts';

/** Publishes a message; answers why it could not be, and undefined when it was. */
export async function tryToTell(
  notifier: Notifier,
  message: Parameters<Notifier['publish']>[0],
): Promise<string | undefined> {
  try {
    await notifier.publish(message);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** People, and where it is kept that they could not be told. */
export interface OutcomeTellingPorts {
  readonly notifier: Notifier;
  readonly services: Pick<Services, 'load'>;
  readonly leases: Pick<Leases, 'open' | 'close'>;
}

/**
 * Tells people how a deployment ended. What ended has ended, whoever hears of it, so that a failure
 * becomes a row that the sweeper keeps trying, and is answered as a sentence. `leases` are the open
 * rows of the deployment.
 */
export async function tellOutcome(
  ports: OutcomeTellingPorts,
  record: DeploymentRecord,
  {
    outcome: { type, reason, error },
    leases,
    now,
  }: {
    readonly outcome: OutcomeDirective;
    readonly leases: readonly OpenLease[];
    readonly now: IsoInstant;
  },
): Promise<string | undefined> {
  const owed = leases.find(({ kind }) => kind === 'notice');
  const { deploymentId, service, plan } = record;
  // One that has no plan was refused before it had one; its service says what it wants.
  const wanting = plan ?? (await ports.services.load(service));
  const isAnswered = isAnsweredTo(record.request, error);
  const isWanted = wantsNotice(wanting, type, { isAnswered });
  const advice = adviseOn(record, type);
  const because = isWanted
    ? await tryToTell(ports.notifier, {
        service,
        event: type,
        subject: `${service}: ${type}`,
        body: {
          deploymentId,
          service,
          outcome: type,
          reason,
          ...(advice && { advice }),
          endedAt: now,
        },
      })
    : undefined;
  if (because === undefined) {
    if (owed) await ports.leases.close(owed);
    return undefined;
  }
  const attempts = (owed?.attempts ?? 0) + 1;
  await ports.leases.open(noticeLease(record, { outcome: type, because, attempts }, now));
  return `People could not be told, which is tried again: ${because}`;
}
