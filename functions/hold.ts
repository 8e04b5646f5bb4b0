/**
 * Hold: remembers the task token by which an alarm or an operator can end the hold early. The hold
 * itself is the state machine's: its timeout is the time left.
 */
import { reasonsToStop } from '../shared/core/reasons-to-stop.ts';
import { decideBy } from '../shared/core/situation.ts';
import type { RollBackDirective } from '../shared/core/directive.ts';
import type { Observer } from '../shared/ports/estate.ts';
import type { Deployments, Holds } from '../shared/ports/ledger.ts';
import type { Executions } from '../shared/ports/signals.ts';
import { withStack } from './_handler.ts';
import { openDeployment, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** The deployment that holds, and the token by which its hold can be ended before its time. */
export interface HoldInput extends TaskInput {
  readonly taskToken: string;
}

/** Where the token is kept, and what shows an alarm or an abort that came before it was. */
export interface HoldPorts {
  readonly deployments: Deployments;
  readonly holds: Holds;
  readonly observer: Observer;
  readonly executions: Executions;
}

const SCOPE = { alarms: true, blue: false, green: false, routes: false };

/** Makes the task. */
export const hold = (ports: HoldPorts) => async (input: HoldInput) => {
  const { deploymentId, taskToken, now } = input;
  // An execution that may not go on must not leave a token behind.
  await openDeployment(ports, input);
  await ports.holds.open(deploymentId, taskToken);
  // Events tell of transitions only and may be lost: what happened before the token was stored
  // would never be told again, so it is looked up now.
  const { plan, progress, abort } = await openDeployment(ports, input);
  const observation = { ...(await ports.observer.observe(plan, progress, SCOPE)), at: now, abort };
  const stop = decideBy<RollBackDirective | undefined>(
    { plan, progress, observation, now },
    reasonsToStop,
    () => undefined,
  );
  if (!stop) return {};
  const type = abort ? 'abort' : 'alarm';
  await ports.executions.signal(taskToken, { type, reason: stop.reason });
  return { directive: stop };
};

export const handler = withStack(
  hold({
    deployments: world.deployments(),
    holds: world.holds(),
    observer: world.observer(),
    executions: world.executions(),
  }),
);
