/**
 * Paused: nothing further is written until an operator says so, or until somebody else's weights
 * are put back. The state machine's timeout is the time left, or a day, after which everything that
 * is frozen is renewed.
 */
import { describePause } from '../shared/core/describe-pause.ts';
import { wantsNotice } from '../shared/core/notices.ts';
import { withStack } from './_handler.ts';
import type { PlannedDeployment } from './_journal.ts';
import * as world from './_ports.ts';
import {
  tellPeople,
  type TellingPorts,
  waitForPeople,
  type WaitingInput,
  type WaitingPorts,
} from './_waiting.ts';

/** The deployment that is paused, and the token by which its pause can be ended. */
export type PausedInput = WaitingInput;

/** Where the token is kept, what must not run out meanwhile, and people who want to know. */
export type PausedPorts = WaitingPorts & TellingPorts;

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not go on any more
 */
export const paused = (ports: PausedPorts) => async (input: PausedInput) => {
  return waitForPeople(ports, input, {
    state: 'Paused',
    tell: (record) => tell(ports, record, input.now),
  });
};

/** Once for each pause: whoever comes back here after a day tells nobody again who was told. */
async function tell(ports: PausedPorts, record: PlannedDeployment, now: string): Promise<void> {
  const { deploymentId, service, plan, progress } = record;
  const pause = describePause(record, now);
  if (!pause || progress.pauseToldOf === pause.since) return;
  const { by, since, until, onTimeout, isOrdered } = pause;
  if (!wantsNotice(plan, 'paused', { isAnswered: isOrdered })) return;
  const isTold = await tellPeople(ports, record, {
    state: 'Paused',
    now,
    service,
    event: 'paused',
    subject: `${service}: paused`,
    body: {
      deploymentId,
      service,
      version: plan.version,
      reason: progress.reason,
      by,
      greenWeightPercent: progress.confirmedGreenWeightPercent,
      ...(until !== undefined && { until, onTimeout }),
      answerWith: [
        `POST /deployments/${deploymentId}/resume`,
        `POST /deployments/${deploymentId}/abort`,
      ],
    },
  });
  if (!isTold) return;
  await ports.deployments.save(record, { progress: { ...progress, pauseToldOf: since } });
}

export const handler = withStack(
  paused({ ...world.waiting(), timeline: world.timeline(), notifier: world.notifier() }),
);
