/**
 * What is left to be done for a deployment that has ended: blue or green to take down, what points
 * to green to write, or what a failure froze. What serves by now is left alone.
 * Not for: deployments without an outcome (see `decide-recovery.ts`).
 */
import type { RecoveryDirective } from './directive.ts';
import { isDueLater, isOverdue, isUnsaid } from './leases.ts';
import { isAtWeight, type Observation } from './observation.ts';
import {
  hasNoTraffic,
  isGreenAble,
  type Planned,
  type RecoveryRule,
  type RecoverySituation,
  toPlanned,
} from './recovery-situation.ts';

/** Decides for RecoverDeployment; undefined where nothing is left to be done. */
export const decideErrand: RecoveryRule = (situation) => {
  const { record, leases } = situation;
  const planned = toPlanned(situation);
  if (!planned) return undefined;
  const { phase } = record.progress;
  if (leases.length > 0 && leases.every(isUnsaid)) return PUBLISH;
  if (phase === 'failed') return finishByHand(situation, planned);
  if (leases.length === 0) return undefined;
  if (phase !== 'succeeded') return oweCleanUp(situation, planned);
  return owePointers(situation) ?? oweRetirement(situation, planned);
};

const PUBLISH: RecoveryDirective = {
  type: 'publish',
  reason: 'What points to green was to be written once more.',
};

/** Where nothing else is due, blue is left alone: by now its sizes may be its owner's again. */
function owePointers({ leases, now }: RecoverySituation): RecoveryDirective | undefined {
  const due = leases.filter((lease) => !isDueLater(lease) || isOverdue(lease, now));
  const isOnly = due.length > 0 && due.every(({ kind }) => kind === 'pointers');
  return isOnly ? PUBLISH : undefined;
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
 * takes that back; what the deployment froze is released as after a success, and blue goes. Where
 * not every route says that green has everything, blue may serve.
 */
function finishForGreen(
  { leases }: RecoverySituation,
  planned: Planned,
): RecoveryDirective | undefined {
  if (leases.length === 0) return undefined;
  const { blue, routes } = planned.observation;
  const gone = routes.filter(({ weights }) => !weights);
  const short = routes.filter((route) => route.weights && !isAtWeight(route, 100));
  if (short.length > 0) {
    const reason =
      `The definition named green, which had less than everything on ${listIds(short)}, so both ` +
      'were left alone; give one of them everything on every route and name that one.';
    return { type: 'finish', reason };
  }
  if (blue.exists && gone.length > 0) return leaveUnseen(planned, 'blue', gone);
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
  if (observation.blue.exists && isUnseen(planned)) return leaveUnseen(planned, 'blue');
  if (serving === plan.green.autoScalingGroupName && !isGreenAble(planned)) {
    const healthy = observation.green.healthyCount;
    return { type: 'finish', reason: `Green had only ${healthy} healthy, so blue was left.` };
  }
  return { type: 'retireBlue', reason: 'What is left of blue was taken up again.' };
}

/** What serves is never cleaned up, whoever gave it the traffic. */
function oweCleanUp(situation: RecoverySituation, planned: Planned): RecoveryDirective {
  if (planned.observation.green.exists && isUnseen(planned)) return leaveUnseen(planned, 'green');
  return !isGreenNamed(situation, planned) && hasNoTraffic(planned, 'green')
    ? { type: 'cleanUpGreen', reason: 'What is left of green was taken up again.' }
    : { type: 'finish', reason: 'Green serves by now, so it was left alone.' };
}

/** Says whether every route is gone: whoever rebuilt them may have given anybody the traffic. */
function isUnseen({ observation }: Planned): boolean {
  return observation.routes.every(({ weights }) => !weights);
}

/** What nobody can see to be without traffic is a person's to end. */
function leaveUnseen(
  { plan, observation }: Planned,
  colour: 'blue' | 'green',
  gone: Observation['routes'] = observation.routes,
): RecoveryDirective {
  const { autoScalingGroupName } = plan[colour];
  return {
    type: 'finish',
    reason:
      `It could not be seen whether ${colour} had traffic, because ${listIds(gone)} was gone, so it ` +
      `was left alone; make sure that nothing leads to group ${autoScalingGroupName}, undo by hand ` +
      'what teal leftovers lists, and start a recovery again once that group is deleted.',
  };
}

function listIds(routes: Observation['routes']): string {
  return routes.map(({ routeId }) => routeId).join(', ');
}

function isGreenNamed({ servingGroupName }: RecoverySituation, { plan }: Planned): boolean {
  return servingGroupName === plan.green.autoScalingGroupName;
}
