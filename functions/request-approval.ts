/**
 * RequestApproval: tells people that their yes or no is wanted, and waits for it. The state machine's
 * timeout is the time left, or a day, after which everything that is frozen is renewed; less while
 * nobody is known to have been told.
 */
import { describePoint } from '../shared/core/approvals.ts';
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

/** The deployment that waits for an answer, and the token by which it hears of one. */
export type RequestApprovalInput = WaitingInput;

/** Where the token is kept, what must not run out meanwhile, and people to ask. */
export type RequestApprovalPorts = WaitingPorts & TellingPorts;

/**
 * Makes the task.
 * @throws LeaseLost when this deployment may not go on any more
 */
export const requestApproval =
  (ports: RequestApprovalPorts) => async (input: RequestApprovalInput) => {
    return waitForPeople(ports, input, {
      state: 'RequestApproval',
      tell: (record) => ask(ports, record, input.now),
    });
  };

/**
 * Once for each request: whoever comes back here after an alarm or a day asks nobody again who was
 * asked. Where nobody could be, `notifiedAt` stays absent, and the next round asks.
 */
async function ask(
  ports: RequestApprovalPorts,
  record: PlannedDeployment,
  now: string,
): Promise<void> {
  const { deploymentId, service, plan, progress } = record;
  const { approval } = progress;
  if (!approval || approval.notifiedAt) return;
  if (wantsNotice(plan, 'approvalRequested')) {
    const { stepIndex, until } = approval;
    const { approvers, onTimeout } = plan.approval ?? {};
    const isTold = await tellPeople(ports, record, {
      state: 'RequestApproval',
      now,
      service,
      event: 'approvalRequested',
      subject: `${service}: approval wanted ${describePoint(plan, stepIndex)}`,
      body: {
        deploymentId,
        service,
        version: plan.version,
        imageId: plan.imageId,
        reason: progress.reason,
        greenWeightPercent: progress.confirmedGreenWeightPercent,
        until,
        onTimeout,
        ...(approvers && { approvers }),
        answerWith: [
          `POST /deployments/${deploymentId}/approve`,
          `POST /deployments/${deploymentId}/reject`,
        ],
      },
    });
    if (!isTold) return;
  }
  await ports.deployments.save(record, {
    progress: { ...progress, approval: { ...approval, notifiedAt: now } },
  });
}

export const handler = withStack(
  requestApproval({ ...world.waiting(), timeline: world.timeline(), notifier: world.notifier() }),
);
