/**
 * Whether a deployment may begin, waits for its turn, or is turned away, while others of its
 * service are under way or wait. Decided anew at every look, from what is kept and nothing that
 * was told: whoever is woken for nothing waits again.
 * Not for: the lock itself, which AcquireLock alone gives.
 */
import type { OnBusy } from './busy-policy.ts';
import type { TurnDirective } from './directive.ts';
import type { AbortRequest } from './observation.ts';
import type { LeaseKind, OpenLease } from './leases.ts';
import { hasEnded } from './progress.ts';
import type { DeploymentRecord } from './record.ts';
import { isRollbackRequest, type ServiceDefinition } from './spec.ts';
import { type IsoInstant, secondsBetween } from './units.ts';

/**
 * Deployments of one service that may wait at a time. Our choice: whoever has more has a machine
 * that starts them, and needs `supersede`.
 */
export const QUEUE_LENGTH_MAX = 20;

/** A deployment that waits for its turn, or wants one. */
export interface Waiting {
  readonly service: string;
  readonly deploymentId: string;
  /** When it was asked for, which is its place; of two at the same instant the id decides. */
  readonly startedAt: IsoInstant;
  readonly onBusy: OnBusy;
  /** True where it takes back a deployment that was over, which nothing newer displaces. */
  readonly isRollback?: boolean;
}

/** What tells which of two deployments was asked for first. */
type Asked = Pick<Waiting, 'startedAt' | 'deploymentId'>;

/** The deployment that has the service's lock and is not over. */
export interface Rival extends Pick<Waiting, 'deploymentId' | 'startedAt' | 'onBusy'> {
  /** When its lock is overdue; past it, it is being recovered. */
  readonly expiresAt: IsoInstant;
}

/** What a turn is decided from. */
export interface TurnSituation {
  readonly self: Waiting;
  /** Absent when nobody has the lock. */
  readonly rival?: Rival;
  /** All that wait and are not over, in any order; whether `self` is among them is all the same. */
  readonly waiting: readonly Waiting[];
  /** Id of one that failed and left something frozen, which one that has waited waits for too. */
  readonly unmended?: string;
  readonly abort?: AbortRequest | undefined;
  readonly now: IsoInstant;
}

type Rule = (situation: TurnSituation) => TurnDirective | undefined;

/** Decides for PlanDeployment, AcquireLock and AwaitTurn; the first rule that speaks counts. */
export function decideTurn(situation: TurnSituation): TurnDirective {
  for (const rule of RULES) {
    const directive = rule(situation);
    if (directive) return directive;
  }
  return { type: 'queue', reason: describePlace(situation) };
}

/** Says whether one deployment was asked for before another; never true of one and itself. */
export function isOlder(one: Asked, other: Asked): boolean {
  const seconds = secondsBetween(one.startedAt, other.startedAt);
  return seconds === 0 ? one.deploymentId < other.deploymentId : seconds > 0;
}

/** Whose turn comes before, oldest first. */
export function olderThan(self: Asked, waiting: readonly Waiting[]): readonly Waiting[] {
  return waiting
    .filter((other) => isOlder(other, self))
    .toSorted((one, other) => (isOlder(one, other) ? -1 : 1));
}

/** A deployment's place in the queue: 1 is the next. */
export function placeOf(self: Asked, waiting: readonly Waiting[]): number {
  return olderThan(self, waiting).length + 1;
}

/**
 * The newest deployment that was asked for after `self` and supersedes what waits before it;
 * undefined when there is none, or when `self` is a rollback.
 */
export function newerSuperseder(self: Waiting, waiting: readonly Waiting[]): Waiting | undefined {
  if (self.isRollback) return undefined;
  return waiting
    .filter((other) => other.onBusy === 'supersede' && isOlder(self, other))
    .toSorted((one, other) => (isOlder(one, other) ? 1 : -1))[0];
}

/** What a deployment is told that has not begun while a newer one takes its place. */
export function supersededBy({ deploymentId }: Pick<Waiting, 'deploymentId'>): TurnDirective & {
  readonly type: 'refuse';
} {
  return {
    type: 'refuse',
    error: 'Superseded',
    reason: `Deployment ${deploymentId}, which is newer, superseded it before anything was changed.`,
  };
}

/** Says whether a newer deployment may ask one that is under way to go back, and it still can. */
export function isDisplaceable({
  progress,
  request,
}: Pick<DeploymentRecord, 'progress' | 'request'>): boolean {
  if (hasEnded(progress) || isRollbackRequest(request)) return false;
  return !progress.retirementStartedAt && !progress.rollbackStartedAt;
}

/** Says whether what a deployment brings may yet be what serves: it neither is over nor goes back. */
export function mayStillSucceed({
  progress,
  abort,
}: Pick<DeploymentRecord, 'progress' | 'abort'>): boolean {
  if (hasEnded(progress) || progress.rollbackStartedAt) return false;
  return !abort || progress.retirementStartedAt !== undefined;
}

/**
 * Says whether a deployment failed and left frozen what serves. A release since then serves from
 * another group, and what is left of the failure is in nobody's way.
 */
export function isUnmended(
  { deploymentId, progress, plan }: Pick<DeploymentRecord, 'deploymentId' | 'progress' | 'plan'>,
  leases: readonly OpenLease[],
  definition: Pick<ServiceDefinition, 'autoScalingGroupName'> | undefined,
): boolean {
  if (progress.phase !== 'failed' || !plan) return false;
  const groups = [plan.blue.autoScalingGroupName, plan.green.autoScalingGroupName];
  if (definition && !groups.includes(definition.autoScalingGroupName)) return false;
  return leases.some((lease) => lease.deploymentId === deploymentId && isFreeze(lease));
}

/** Says whether a row stands for a fleet that does not scale as its owner wants. */
export function isFreeze({ kind }: Pick<OpenLease, 'kind'>): boolean {
  return FREEZES.includes(kind);
}

const FREEZES: readonly LeaseKind[] = ['bluePin', 'greenFreeze'];

/** What stands in the way of a deployment of a busy service, and what to do about it. */
export function describeRival(
  service: string,
  { deploymentId, expiresAt }: Pick<Rival, 'deploymentId' | 'expiresAt'>,
  now: IsoInstant,
): string {
  return secondsBetween(now, expiresAt) > 0
    ? `Deployment ${deploymentId} of ${service} is under way and holds its lock until ${expiresAt}; wait for its end, or abort it, and start again. Nothing was changed.`
    : `Deployment ${deploymentId} of ${service} did not end before its lock ran out at ${expiresAt}, and is being recovered; wait for its end and start again. Nothing was changed.`;
}

/** Whoever asked for it does not want it any more. */
const abortIsAsked: Rule = ({ abort }) =>
  abort && {
    type: 'refuse',
    error: 'Aborted',
    reason: `${abort.by} asked to abort before anything was changed: ${abort.reason}`,
  };

/** Of those that supersede each other the newest goes on, under way or not. */
const isSuperseded: Rule = ({ self, rival, waiting }) => {
  const isRivalNewer =
    rival &&
    !self.isRollback &&
    isOlder(self, rival) &&
    (rival.onBusy === 'supersede' || self.onBusy === 'supersede');
  const newer = newerSuperseder(self, waiting) ?? (isRivalNewer ? rival : undefined);
  return newer && supersededBy(newer);
};

/** What was put off until a deployment was over was not meant for an estate that it left broken. */
const isLeftBroken: Rule = ({ unmended }) =>
  unmended === undefined
    ? undefined
    : {
        type: 'queue',
        reason: `It had to wait until what deployment ${unmended} froze was undone, because that one failed; recover ${unmended} by hand, or abort this one.`,
      };

/** Even one that supersedes lets those go first that it displaces: they end by themselves. */
const isFree: Rule = ({ self, rival, waiting }) =>
  rival || olderThan(self, waiting).length > 0
    ? undefined
    : { type: 'begin', reason: `Nothing else of ${self.service} was under way.` };

const isTurnedAway: Rule = ({ self, rival, waiting, now }) => {
  if (self.onBusy !== 'refuse') return undefined;
  const [next] = olderThan(self, waiting);
  const reason = rival
    ? describeRival(self.service, rival, now)
    : `Deployment ${next?.deploymentId} of ${self.service} waits for its turn, which comes first; start again after its end. Nothing was changed.`;
  return { type: 'refuse', error: 'ServiceBusy', reason };
};

/** One that supersedes displaces all that wait, so that there is room for it. */
const isQueueFull: Rule = ({ self, waiting }) => {
  if (self.onBusy === 'supersede' || placeOf(self, waiting) <= QUEUE_LENGTH_MAX) return undefined;
  return {
    type: 'refuse',
    error: 'ServiceBusy',
    reason: `${QUEUE_LENGTH_MAX} deployments of ${self.service} wait already, and no more may; start again later, or with onBusy supersede. Nothing was changed.`,
  };
};

const RULES: readonly Rule[] = [
  abortIsAsked,
  isSuperseded,
  isLeftBroken,
  isFree,
  isTurnedAway,
  isQueueFull,
];

function describePlace({ self, rival, waiting }: TurnSituation): string {
  const isStaying = (other: Waiting) => self.onBusy !== 'supersede' || other.isRollback;
  const place = placeOf(self, waiting.filter(isStaying));
  const before = rival ?? olderThan(self, waiting)[0];
  return `It had to wait for its turn, as number ${place} in the queue of ${self.service}, until deployment ${before?.deploymentId} was over.`;
}
