/**
 * Whether the load balancer says that blue has everything back.
 */
import { CONFIRM_ATTEMPTS_MAX } from './decide-confirm-traffic.ts';
import type { RollbackConfirmation } from './directive.ts';
import { isAtWeight } from './observation.ts';
import { decideBy, type Rule, type Situation } from './situation.ts';

/** Decides for ConfirmRollback. */
export function decideConfirmRollback(situation: Situation): RollbackConfirmation {
  return decideBy<RollbackConfirmation>(
    situation,
    [blueHasEverything, attemptsAreUsedUp],
    writeAgain,
  );
}

/** A route that somebody deleted carries no traffic, so there is nothing to take back on it. */
const blueHasEverything: Rule<RollbackConfirmation> = ({ observation: { routes } }) => {
  const remaining = routes.filter(({ weights }) => weights);
  if (remaining.length === 0 || !remaining.every((route) => isAtWeight(route, 0))) return undefined;
  return { type: 'cleanUp', reason: 'Blue was confirmed at 100 %.' };
};

const attemptsAreUsedUp: Rule<RollbackConfirmation> = ({ progress }) => {
  if (progress.confirmAttempts < CONFIRM_ATTEMPTS_MAX) return undefined;
  return {
    type: 'giveUp',
    reason: `Blue's weight was written ${progress.confirmAttempts} times and never read back.`,
  };
};

function writeAgain(): RollbackConfirmation {
  return { type: 'shiftAgain', reason: 'Not every route gave blue everything; written again.' };
}
