/**
 * Hold: remembers the task token by which an alarm or an operator can end the hold early. The hold
 * itself is the state machine's: its timeout is the time left.
 */
import { secondsBetween } from '../shared/core/units.ts';
import { withStack } from './_handler.ts';
import { openDeployment } from './_journal.ts';
import * as world from './_ports.ts';
import { keepFrozen, lookOnceMore, type WaitingInput, type WaitingPorts } from './_waiting.ts';

/** The deployment that holds, and the token by which its hold can be ended before its time. */
export type HoldInput = WaitingInput;

/** Where the token is kept, and what shows an alarm or an order that came before it was. */
export type HoldPorts = WaitingPorts;

/** Makes the task. */
export const hold = (ports: HoldPorts) => async (input: HoldInput) => {
  const { deploymentId, taskToken, now } = input;
  // An execution that may not go on must not leave a token behind.
  const record = await openDeployment(ports, input);
  const extended = record.orders?.extended;
  if (extended?.stepIndex === record.progress.stepIndex) {
    // The plan's own holds are within the time for which everything is frozen anyway.
    const seconds = Math.max(0, Math.ceil(secondsBetween(now, extended.until)));
    await keepFrozen(ports, record, { now, seconds });
  }
  await ports.holds.open(deploymentId, taskToken);
  return lookOnceMore(ports, input, 'Hold');
};

export const handler = withStack(hold(world.waiting()));
