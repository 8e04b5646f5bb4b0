/**
 * What is left to be done for a deployment whose execution is gone: stopped in the console, timed
 * out, or ended where no Catch sees it. Read from the world as it is, so that deciding twice, or
 * after somebody else finished the work, comes to nothing.
 * Not for: doing it; the states of the ordinary lifecycle do.
 */
import { judgeApproval } from './approvals.ts';
import { neededCapacity } from './capacity.ts';
import type { RecoveryDirective } from './directive.ts';
import { isDueLater, isOverdue, isTellingDue, type OpenLease } from './leases.ts';
import { isAtWeight, type Observation } from './observation.ts';
import { activePause, endedPause, holdEndsAt } from './orders.ts';
import type { Plan } from './plan.ts';
import { hasEnded, hasNotBegun, type Progress } from './progress.ts';
import { reasonsToStop } from './reasons-to-stop.ts';
import type { DeploymentRecord } from './record.ts';
import { decideBy } from './situation.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/** The execution that a deployment's record names. */
export interface Driver {
  readonly isRunning: boolean;
  /** How it ended, in Step Functions' words, such as `ABORTED`; `absent` when nobody knows it. */
  readonly status: string;
  /** Absent while it runs, and when nobody knows it. */
  readonly stoppedAt?: IsoInstant;
}

/** What a recovery is decided from. */
export interface RecoverySituation {
  readonly record: DeploymentRecord;
  /** Open rows of this deployment. */
  readonly leases: readonly OpenLease[];
  readonly driver: Driver;
  /** Id of another deployment that has the service's lock; absent when none has. */
  readonly rival?: string;
  /** The group that the service goes by now; absent when nobody defined the service. */
  readonly servingGroupName?: string;
  /** Absent when there was no plan to look by. */
  readonly observation?: Observation;
  readonly now: IsoInstant;
}

/** A deployment with a plan, and the world that its plan speaks of. */
interface Planned {
  readonly plan: Plan;
  readonly progress: Progress;
  readonly observation: Observation;
  readonly now: IsoInstant;
}

type Rule = (situation: RecoverySituation) => RecoveryDirective | undefined;

/**
 * Seconds in which one call that a function had begun may still take effect after its execution
 * was stopped; the functions ask before every call whether they may still write.
 */
const LAST_WRITE_SECONDS = 30;

/** Decides for RecoverDeployment; the first rule that speaks counts. */
export function decideRecovery(situation: RecoverySituation): RecoveryDirective {
  const rules: readonly Rule[] = [
    driverStillRuns,
    peopleAreUntold,
    nothingWasChanged,
    onlyRowsAreLeft,
    anotherDeploymentWrites,
    lastWriteMayCome,
    hasEnded(situation.record.progress) ? finishErrand : finishDeployment,
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
  // A person was called, and may be at work.
  if (record.progress.phase === 'failed') return false;
  const later = leases.filter(isDueLater);
  if (later.length > 0) return later.some((lease) => isOverdue(lease, now));
  return leases.length > 0;
}

const driverStillRuns: Rule = ({ driver, record }) =>
  driver.isRunning
    ? { type: 'finish', reason: `${record.executionArn} was still at work on it.` }
    : undefined;

/**
 * RecordOutcome died between its save and its last write, or nobody could be told. That is made up
 * for before anything else is, and by itself: of a failure nothing but this is the sweeper's to do.
 */
const peopleAreUntold: Rule = ({ record: { progress }, leases, now }) => {
  if (!hasEnded(progress)) return undefined;
  const isOnlyNotice = leases.length > 0 && leases.every(({ kind }) => kind === 'notice');
  if (!isOnlyNotice && !isTellingDue(leases, now)) return undefined;
  const { phase } = progress;
  const rest = phase === 'failed' ? ' Whoever wants to go on with it starts a recovery again.' : '';
  return { type: 'tell', reason: `People were to be told that it had ended as ${phase}.${rest}` };
};

const nothingWasChanged: Rule = ({ record: { plan, progress }, driver }) => {
  const isUnchanged = hasNotBegun(progress) || (!plan && !hasEnded(progress));
  if (!isUnchanged) return undefined;
  return { type: 'release', reason: `${describeEnd(driver)} before anything was changed.` };
};

/** What was refused has changed nothing that a row could stand for. */
const onlyRowsAreLeft: Rule = ({ record: { progress }, leases }) =>
  progress.phase === 'refused' && leases.length > 0
    ? { type: 'release', reason: 'Only rows of the refused deployment were left.' }
    : undefined;

const anotherDeploymentWrites: Rule = ({ rival }) =>
  rival === undefined
    ? undefined
    : { type: 'finish', reason: `Deployment ${rival} was under way, so this one had to wait.` };

/** Only where many things are made in a row, and where green has no traffic that could suffer. */
const lastWriteMayCome: Rule = ({ record, driver, now }) => {
  if (record.progress.phase !== 'preparingGreen' || !driver.stoppedAt) return undefined;
  const seconds = Math.ceil(LAST_WRITE_SECONDS - secondsBetween(driver.stoppedAt, now));
  if (seconds <= 0) return undefined;
  const reason = `A last write of the execution could take effect for another ${seconds} s.`;
  return { type: 'wait', seconds, reason };
};

/** What a deployment that has not ended comes to. */
const finishDeployment: Rule = (situation) => {
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

/** What a deployment that has ended still owes. */
const finishErrand: Rule = (situation) => {
  const { record, leases } = situation;
  const planned = toPlanned(situation);
  if (!planned) return undefined;
  const { phase } = record.progress;
  if (phase === 'failed') return finishByHand(situation, planned);
  if (leases.length === 0) return undefined;
  if (phase !== 'succeeded') return oweCleanUp(situation, planned);
  return owePointers(situation) ?? oweRetirement(situation, planned);
};

/** Where nothing else is due, blue is left alone: by now its sizes may be its owner's again. */
function owePointers({ leases, now }: RecoverySituation): RecoveryDirective | undefined {
  const due = leases.filter((lease) => !isDueLater(lease) || isOverdue(lease, now));
  const isOnly = due.length > 0 && due.every(({ kind }) => kind === 'pointers');
  return isOnly
    ? { type: 'publish', reason: 'What points to green was to be written once more.' }
    : undefined;
}

/** Only a person starts this: the sweeper leaves failed deployments to whom was called. */
function finishByHand(
  situation: RecoverySituation,
  planned: Planned,
): RecoveryDirective | undefined {
  if (isGreenNamed(situation, planned)) return finishForGreen(situation, planned);
  if (!hasNoTraffic(planned, 'green')) {
    return { type: 'rollBack', reason: 'The rollback that had failed was taken up again.' };
  }
  const isOwed = situation.leases.length > 0 || planned.observation.green.exists;
  return isOwed ? oweCleanUp(situation, planned) : undefined;
}

/**
 * A person decided for green, gave it everything and named it in the service's definition. Nothing
 * takes that back; what the deployment froze is released as after a success, and blue goes.
 */
function finishForGreen(
  { leases }: RecoverySituation,
  planned: Planned,
): RecoveryDirective | undefined {
  if (leases.length === 0) return undefined;
  if (!hasNoTraffic(planned, 'blue')) {
    const reason =
      'The definition named green while blue had traffic, so both were left alone; ' +
      'give one of them everything and name that one.';
    return { type: 'finish', reason };
  }
  if (!isGreenAble(planned)) {
    const healthy = planned.observation.green.healthyCount;
    return { type: 'finish', reason: `Green had only ${healthy} healthy, so blue was left.` };
  }
  return { type: 'retireBlue', reason: 'Green served by its definition, so blue was retired.' };
}

/** Blue serves again, or still: whatever is owed, it is not blue's end. */
function oweRetirement(situation: RecoverySituation, planned: Planned): RecoveryDirective {
  const { plan, observation } = planned;
  const serving = situation.servingGroupName;
  if (serving === plan.blue.autoScalingGroupName || !hasNoTraffic(planned, 'blue')) {
    return { type: 'release', reason: 'Blue served, so it was not retired.' };
  }
  if (serving === plan.green.autoScalingGroupName && !isGreenAble(planned)) {
    const healthy = observation.green.healthyCount;
    return { type: 'finish', reason: `Green had only ${healthy} healthy, so blue was left.` };
  }
  return { type: 'retireBlue', reason: 'What is left of blue was taken up again.' };
}

/** What serves is never cleaned up, whoever gave it the traffic. */
function oweCleanUp(situation: RecoverySituation, planned: Planned): RecoveryDirective {
  return !isGreenNamed(situation, planned) && hasNoTraffic(planned, 'green')
    ? { type: 'cleanUpGreen', reason: 'What is left of green was taken up again.' }
    : { type: 'finish', reason: 'Green serves by now, so it was left alone.' };
}

function isGreenNamed({ servingGroupName }: RecoverySituation, { plan }: Planned): boolean {
  return servingGroupName === plan.green.autoScalingGroupName;
}

function toPlanned({ record, observation, now }: RecoverySituation): Planned | undefined {
  const { plan, progress } = record;
  return plan && observation && { plan, progress, observation, now };
}

/** The bake counts only as long as somebody watched it: until the execution ended. */
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
  if (endedPause(record.orders, watchedUntil)?.onTimeout === 'rollBack') return false;
  const isLastStep = stepIndex === plan.steps.length - 1 && confirmedGreenWeightPercent === 100;
  if (!isLastStep || !holdUntil || secondsBetween(holdUntil, watchedUntil) < 0) return false;
  const stop = decideBy(planned, reasonsToStop, () => undefined);
  const isAtAll = observation.routes.every((route) => isAtWeight(route, 100));
  return !stop && isAtAll && isGreenAble(planned);
}

function isGreenAble(planned: Planned): boolean {
  return planned.observation.green.healthyCount >= neededCapacity(planned);
}

function hasNoTraffic({ observation }: Planned, colour: 'blue' | 'green'): boolean {
  return observation.routes.every(({ weights }) => (weights?.[colour] ?? 0) === 0);
}

function describeEnd({ status }: Driver): string {
  return `The execution was gone (${status})`;
}
