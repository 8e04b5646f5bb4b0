/**
 * What is left to be done for a deployment whose execution is gone: stopped in the console, timed
 * out, or ended where no Catch sees it. Read from the world as it is, so that deciding twice, or
 * after somebody else finished the work, comes to nothing.
 * Not for: doing it; the states of the ordinary lifecycle do.
 */
import { judgeApproval } from './approvals.ts';
import { decideErrand } from './decide-errand.ts';
import type { RecoveryDirective } from './directive.ts';
import { isDueLater, isOverdue, isTellingDue, isUnsaid, type OpenLease } from './leases.ts';
import { isAtWeight } from './observation.ts';
import { activePause, endedPause, holdEndsAt } from './orders.ts';
import { hasEnded, hasNotBegun } from './progress.ts';
import { reasonsToStop } from './reasons-to-stop.ts';
import type { DeploymentRecord } from './record.ts';
import {
  type Driver,
  hasNoTraffic,
  isGreenAble,
  type Planned,
  type RecoveryRule,
  type RecoverySituation,
  toPlanned,
} from './recovery-situation.ts';
import { decideBy } from './situation.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/**
 * Seconds in which one call that a function had begun may still take effect after its execution
 * was stopped; the functions ask before every call whether they may still write.
 */
const LAST_WRITE_SECONDS = 30;

/** Decides for RecoverDeployment; the first rule that speaks counts. */
export function decideRecovery(situation: RecoverySituation): RecoveryDirective {
  const rules: readonly RecoveryRule[] = [
    driverStillRuns,
    peopleAreUntold,
    nothingWasChanged,
    onlyRowsAreLeft,
    anotherDeploymentWrites,
    lastWriteMayCome,
    hasEnded(situation.record.progress) ? decideErrand : finishDeployment,
  ];
  for (const rule of rules) {
    const directive = rule(situation);
    if (directive) return directive;
  }
  return { type: 'finish', reason: 'Nothing was left to be done.' };
}

/** Says whether anything is to be recovered, from what is known without looking at the world. */
export function needsRecovery(situation: {
  /** Absent when there are rows of a deployment that left no record. */
  readonly record?: DeploymentRecord | undefined;
  readonly leases: readonly OpenLease[];
  readonly now: IsoInstant;
}): boolean {
  const { record, leases, now } = situation;
  if (!record || !hasEnded(record.progress)) return true;
  if (isTellingDue(leases, now)) return true;
  const later = leases.filter(isDueLater);
  // A person was called, and may be at work, until nothing is frozen any more.
  if (record.progress.phase === 'failed' && !leases.every(isUnsaid)) return false;
  if (later.length > 0) return later.some((lease) => isOverdue(lease, now));
  return leases.length > 0;
}

const driverStillRuns: RecoveryRule = ({ driver, record }) =>
  driver.isRunning
    ? { type: 'finish', reason: `${record.executionArn} was still at work on it.` }
    : undefined;

/**
 * RecordOutcome died between its save and its last write, or nobody could be told. That is made up
 * for before anything else is, and by itself: of a failure nothing but this is the sweeper's to do.
 */
const peopleAreUntold: RecoveryRule = ({ record: { progress }, leases, now }) => {
  if (!hasEnded(progress)) return undefined;
  const isOnlyNotice = leases.length > 0 && leases.every(({ kind }) => kind === 'notice');
  if (!isOnlyNotice && !isTellingDue(leases, now)) return undefined;
  const { phase } = progress;
  const rest = phase === 'failed' ? ' Whoever wants to go on with it starts a recovery again.' : '';
  return { type: 'tell', reason: `People were to be told that it had ended as ${phase}.${rest}` };
};

const nothingWasChanged: RecoveryRule = ({ record: { plan, progress }, driver }) => {
  const isUnchanged = hasNotBegun(progress) || (!plan && !hasEnded(progress));
  if (!isUnchanged) return undefined;
  return { type: 'release', reason: `${describeEnd(driver)} before anything was changed.` };
};

/** What was refused has changed nothing that a row could stand for. */
const onlyRowsAreLeft: RecoveryRule = ({ record: { progress }, leases }) =>
  progress.phase === 'refused' && leases.length > 0
    ? { type: 'release', reason: 'Only rows of the refused deployment were left.' }
    : undefined;

const anotherDeploymentWrites: RecoveryRule = ({ rival }) =>
  rival === undefined
    ? undefined
    : { type: 'finish', reason: `Deployment ${rival} was under way, so this one had to wait.` };

/** Only where many things are made in a row, and where green has no traffic that could suffer. */
const lastWriteMayCome: RecoveryRule = ({ record, driver, now }) => {
  if (record.progress.phase !== 'preparingGreen' || !driver.stoppedAt) return undefined;
  const seconds = Math.ceil(LAST_WRITE_SECONDS - secondsBetween(driver.stoppedAt, now));
  if (seconds <= 0) return undefined;
  const reason = `A last write of the execution could take effect for another ${seconds} s.`;
  return { type: 'wait', seconds, reason };
};

/** What a deployment that has not ended comes to. */
const finishDeployment: RecoveryRule = (situation) => {
  const planned = toPlanned(situation);
  if (!planned) return undefined;
  const { progress } = planned;
  const ended = describeEnd(situation.driver);
  if (progress.rollbackConfirmedAt && hasNoTraffic(planned, 'green')) {
    return { type: 'cleanUpGreen', reason: `${ended} after blue had everything back.` };
  }
  if (progress.retirementStartedAt) return finishRetirement(planned, ended);
  if (progress.rollbackStartedAt) {
    return { type: 'rollBack', reason: `${ended} during the rollback.` };
  }
  return hasBaked(situation, planned)
    ? { type: 'retireBlue', reason: `${ended} after green had kept its whole bake time.` }
    : { type: 'rollBack', reason: `${ended} before green had kept its whole bake time.` };
};

/** Green had won: blue goes, unless blue is still there and green does not carry everything. */
function finishRetirement(planned: Planned, ended: string): RecoveryDirective {
  const { blue } = planned.observation;
  return !blue.exists || (isGreenAble(planned) && hasNoTraffic(planned, 'blue'))
    ? { type: 'retireBlue', reason: `${ended} while blue was being retired.` }
    : {
        type: 'rollBack',
        reason: `${ended} while blue was being retired, and green had only ${planned.observation.green.healthyCount} healthy.`,
      };
}

/**
 * The bake counts only as long as somebody watched it, until the execution ended, and not at all
 * while somebody else's weights stood.
 */
function hasBaked({ driver, record }: RecoverySituation, planned: Planned): boolean {
  const { plan, progress, observation, now } = planned;
  const { stepIndex, confirmedGreenWeightPercent } = progress;
  const ordered = { plan, progress, orders: record.orders };
  const holdUntil = holdEndsAt(ordered);
  const watchedUntil = driver.stoppedAt ?? now;
  // What waits for people does not go on without them.
  const { type } = judgeApproval(ordered, watchedUntil);
  const isAgreed = type === 'notNeeded' || type === 'approved';
  if (!isAgreed || activePause(record.orders, watchedUntil)) return false;
  if (progress.foreignChange) return false;
  if (endedPause(record.orders, watchedUntil)?.onTimeout === 'rollBack') return false;
  const isLastStep = stepIndex === plan.steps.length - 1 && confirmedGreenWeightPercent === 100;
  if (!isLastStep || !holdUntil || secondsBetween(holdUntil, watchedUntil) < 0) return false;
  const stop = decideBy(planned, reasonsToStop, () => undefined);
  const isAtAll = observation.routes.every((route) => isAtWeight(route, 100));
  return !stop && isAtAll && isGreenAble(planned);
}

function describeEnd({ status }: Driver): string {
  return `The execution was gone (${status})`;
}
