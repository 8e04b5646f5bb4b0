/**
 * Tells the world outside of Teal what serves now, when a deployment has succeeded, and owes it
 * where it cannot.
 * Not for: the service's definition, without which Teal itself would not know.
 */
import { isOverdue, type OpenLease } from '../shared/core/leases.ts';
import { pointersLease } from '../shared/core/open-leases.ts';
import { pointersOf } from '../shared/core/pointers.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Leases, Services } from '../shared/ports/ledger.ts';
import type { DefaultVersions, Pointers } from '../shared/ports/pointers.ts';
import type { Fence } from '../shared/ports/traffic-router.ts';

/** Where others look. */
export interface PublishPorts {
  readonly pointers: Pointers;
  readonly defaultVersions: DefaultVersions;
  readonly leases: Leases;
  readonly services: Pick<Services, 'load'>;
}

/**
 * Writes the pointers and moves the default version. What serves, serves: no pointer is worth the
 * outcome of a deployment, so that a failure becomes a row that the sweeper keeps trying, and is
 * answered as a sentence for people. `attempts` counts the tries before this one.
 * @throws LeaseLost when another execution has taken the deployment over meanwhile
 */
export async function publish(
  ports: PublishPorts,
  record: DeploymentRecord,
  {
    now,
    fence,
    attempts = 0,
  }: {
    readonly now: IsoInstant;
    readonly fence: Fence;
    readonly attempts?: number | undefined;
  },
): Promise<string | undefined> {
  const because = await write(ports, record, fence);
  const lease = pointersLease(record, { because: because ?? '', attempts: attempts + 1 }, now);
  if (because === undefined) {
    await ports.leases.close(lease);
    return undefined;
  }
  await ports.leases.open(lease);
  return `What points to it could not all be written, and is tried again: ${because}`;
}

/**
 * Tries once more what could not be written, when its time has come or an errand is just for that,
 * unless another fleet serves by now.
 */
export async function publishOwed(
  ports: PublishPorts,
  record: DeploymentRecord,
  {
    leases,
    now,
    fence,
  }: { readonly leases: readonly OpenLease[]; readonly now: IsoInstant; readonly fence: Fence },
): Promise<void> {
  const owed = leases.find(({ kind }) => kind === 'pointers');
  const isDue = record.errand?.type === 'publish' || (owed && isOverdue(owed, now));
  if (!owed || !isDue) return;
  const definition = await ports.services.load(record.service);
  const green = record.plan?.green.autoScalingGroupName;
  if (definition?.autoScalingGroupName === green) {
    await publish(ports, record, { now, fence, attempts: owed.attempts });
  } else {
    await ports.leases.close(owed);
  }
}

/** Answers why it could not all be written; undefined when it was. */
async function write(
  { pointers, defaultVersions }: Pick<PublishPorts, 'pointers' | 'defaultVersions'>,
  { service, plan, progress }: DeploymentRecord,
  fence: Fence,
): Promise<string | undefined> {
  if (!plan) return undefined;
  const { launchTemplateId, launchTemplateVersion, isDefaultVersion } = plan.blue;
  const to = progress.greenLaunchTemplateVersion;
  try {
    if (isDefaultVersion && to !== undefined) {
      await defaultVersions.move({ launchTemplateId, from: launchTemplateVersion, to });
    }
    await pointers.publish(service, pointersOf(plan, progress), fence);
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'LeaseLost') throw error;
    return error instanceof Error ? error.message : String(error);
  }
}
