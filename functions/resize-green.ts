/** ResizeGreen: blue had to grow under the load, so green gets as many instances before its next step. */
import type { Fleets } from '../shared/ports/fleets.ts';
import { count } from '../shared/core/situation.ts';
import { withStack } from './_handler.ts';
import { advance, type Journal, openForWriting, type TaskInput } from './_journal.ts';
import * as world from './_ports.ts';

/** DecideNextStep's `grow`. */
export interface ResizeGreenInput extends TaskInput {
  readonly directive: { readonly type: 'grow'; readonly desiredCapacity: number };
}

/** The journal and what changes sizes. */
export interface ResizeGreenPorts extends Journal {
  readonly fleets: Fleets;
}

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not write any more
 */
export const resizeGreen = (ports: ResizeGreenPorts) => async (input: ResizeGreenInput) => {
  const { now } = input;
  const record = await openForWriting(ports, input);
  const { plan, progress } = record;
  const { desiredCapacity } = input.directive;
  const reason = `Green was asked for ${count(desiredCapacity, 'instance')}.`;
  // Saved first: from here on neither fleet counts as able with fewer.
  await advance(ports, record, {
    state: 'ResizeGreen',
    now,
    event: 'grow',
    progress: {
      ...progress,
      reason,
      neededCapacity: desiredCapacity,
      healthyReadings: 0,
      greenRequestedAt: now,
    },
  });
  await ports.fleets.resize(plan.green.autoScalingGroupName, {
    minSize: desiredCapacity,
    maxSize: Math.max(plan.green.maxSize, desiredCapacity),
    desiredCapacity,
  });
  return { directive: { type: 'resized', reason } } as const;
};

export const handler = withStack(resizeGreen({ ...world.journal(), fleets: world.fleets() }));
