/**
 * The rows that a deployment opens for itself, each with the sentence that tells a person how to
 * undo by hand what it stands for.
 */
import { RESTING_PROCESSES } from './freezes.ts';
import { freezeEndsAt, leftoverRetrySeconds, type OpenLease } from './leases.ts';
import { guardAlarmName } from './names.ts';
import type { Plan } from './plan.ts';
import type { DeploymentRecord } from './record.ts';
import { instantAfter, type IsoInstant } from './units.ts';

/** A deployment, as far as its rows name it. */
type Owner = Pick<DeploymentRecord, 'deploymentId' | 'service' | 'executionArn' | 'fence'>;

/** A deployment that has a plan. */
type PlannedOwner = Owner & { readonly plan: Plan };

/**
 * Seconds after which a deployment that waits looks for itself whether its turn has come: the
 * timeout of the state AwaitTurn. In the year of an execution that is some 5,000 of its 25,000 events.
 * @source https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const TURN_LOOK_SECONDS = 86_400;

/** Seconds that a deployment may take to plan and to lock before its row counts as forgotten. */
const PLANNING_SECONDS = 3600;

/**
 * Opened first of all and closed last of all: the service's lock, and an outcome that is owed. Once
 * there is a plan it is overdue when everything that the deployment froze is.
 */
export function lockLease(owner: Owner & Partial<PlannedOwner>, now: IsoInstant): OpenLease {
  const { deploymentId, service, plan } = owner;
  return {
    ...toOwner(owner),
    kind: 'lock',
    expiresAt: plan ? freezeEndsAt(plan, now) : instantAfter(now, PLANNING_SECONDS),
    undo:
      `Deployment ${deploymentId} has no outcome yet. Once nothing works on it any more, delete ` +
      `the item with pk SERVICE#${service} and sk LOCK if it names this deployment.`,
  };
}

/** The same row while the deployment waits for its turn, which it looks at once a day at least. */
export function turnLease(owner: Owner, now: IsoInstant): OpenLease {
  const { deploymentId, service } = owner;
  return {
    ...lockLease(owner, now),
    expiresAt: instantAfter(now, TURN_LOOK_SECONDS + PLANNING_SECONDS),
    undo:
      `Deployment ${deploymentId} waits for its turn. Once nothing works on it any more, delete ` +
      `the item with pk SERVICE#${service} whose sk begins with QUEUE# and ends with its id.`,
  };
}

/** Blue's sizes, suspended processes and launch template version. */
export function bluePinLease(owner: PlannedOwner, now: IsoInstant): OpenLease {
  const { blue } = owner.plan;
  const { autoScalingGroupName, minSize, maxSize, configuredVersion } = blue;
  const resumed = RESTING_PROCESSES.filter((name) => !blue.suspendedProcesses.includes(name));
  return {
    ...toOwner(owner),
    kind: 'bluePin',
    resource: autoScalingGroupName,
    expiresAt: freezeEndsAt(owner.plan, now),
    undo:
      `Group ${autoScalingGroupName} was kept from shrinking: give it back its minimum of ` +
      `${minSize}, its maximum of ${maxSize} and version ${configuredVersion} of launch template ` +
      `${blue.launchTemplateId}, and resume ${resumed.join(', ') || 'nothing'}.`,
  };
}

/** Green's floor and suspended processes, until it has won or is gone. */
export function greenFreezeLease(owner: PlannedOwner, now: IsoInstant): OpenLease {
  const { blue, green } = owner.plan;
  return {
    ...toOwner(owner),
    kind: 'greenFreeze',
    resource: green.autoScalingGroupName,
    expiresAt: freezeEndsAt(owner.plan, now),
    undo:
      `Group ${green.autoScalingGroupName} was kept from shrinking: if it serves, set its minimum ` +
      `to ${blue.minSize} and resume what of ${RESTING_PROCESSES.join(', ')} is suspended; if it ` +
      'does not, delete it.',
  };
}

/** Alarms that watch green while the deployment runs: its guard, and copies of blue's own. */
export function mirroredAlarmsLease(owner: PlannedOwner, now: IsoInstant): OpenLease {
  const copies = (owner.plan.watchedAlarms ?? []).filter(({ mirrorOf }) => mirrorOf !== undefined);
  const guard = guardAlarmName(owner.plan.green.autoScalingGroupName);
  const names = [guard, ...copies.map(({ alarmName }) => alarmName)].join(', ');
  return {
    ...toOwner(owner),
    kind: 'mirroredAlarms',
    expiresAt: freezeEndsAt(owner.plan, now),
    undo: `Alarms watched green for the deployment: delete ${names}.`,
  };
}

/** Something that could not be removed; `attempts` counts how often it was tried in vain. */
export function leftoverLease(
  owner: Owner,
  leftover: { readonly resource: string; readonly undo: string; readonly attempts: number },
  now: IsoInstant,
): OpenLease {
  const { attempts } = leftover;
  return {
    ...toOwner(owner),
    kind: 'leftover',
    ...leftover,
    expiresAt: instantAfter(now, leftoverRetrySeconds(attempts - 1)),
  };
}

/** Names by which others find what serves, and that could not be written; it is tried again. */
export function pointersLease(
  owner: Owner,
  { because, attempts }: { readonly because: string; readonly attempts: number },
  now: IsoInstant,
): OpenLease {
  return {
    ...toOwner(owner),
    kind: 'pointers',
    attempts,
    expiresAt: instantAfter(now, leftoverRetrySeconds(attempts - 1)),
    undo:
      `What points to the fleet that serves ${owner.service} could not all be written: ${because} ` +
      'Mend that and Teal does the rest; until then the parameters and the default version of the ' +
      'launch template may name the fleet before.',
  };
}

/** An outcome that people could not be told; it is tried again. */
export function noticeLease(
  owner: Owner,
  {
    outcome,
    because,
    attempts,
  }: { readonly outcome: string; readonly because: string; readonly attempts: number },
  now: IsoInstant,
): OpenLease {
  return {
    ...toOwner(owner),
    kind: 'notice',
    attempts,
    expiresAt: instantAfter(now, leftoverRetrySeconds(attempts - 1)),
    undo:
      `Nobody was told that deployment ${owner.deploymentId} ended as ${outcome}: ${because} ` +
      'Mend that and Teal does the rest; until then tell whoever has to know.',
  };
}

function toOwner({ deploymentId, service, executionArn, fence }: Owner) {
  return { deploymentId, service, owner: executionArn, ...(fence !== undefined && { fence }) };
}
