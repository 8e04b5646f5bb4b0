/**
 * What the HTTP API shows of a deployment's record.
 * Not for: what is live (see `show-deployment.ts`).
 */
import { possibleVerbs } from '../shared/core/decide-verb.ts';
import { describePause } from '../shared/core/describe-pause.ts';
import type { DeploymentRecord } from '../shared/core/record.ts';
import type { IsoInstant } from '../shared/core/units.ts';
import type { Requests } from '../shared/ports/ledger.ts';
import { problem, unknown } from './_problem.ts';

/** Seconds within which a deployment that was asked for has begun, if nothing is slow. */
const BEGINS_WITHIN_SECONDS = 1;

/** All of a record but the counters that keep it consistent, and what can be asked now. */
export function describeDeployment(record: DeploymentRecord, now: IsoInstant) {
  const { revision: _revision, fence: _fence, orderCount: _orderCount, ...shown } = record;
  const { phase: status, reason } = shown.progress;
  return {
    ...shown,
    status,
    reason,
    ...showPause(record, now),
    possible: possibleVerbs(record, now),
  };
}

/** Who or what paused it, where it is paused. */
export function showPause(record: DeploymentRecord, now: IsoInstant) {
  const pause = describePause(record, now);
  return pause && { pause };
}

/** One line of a list. */
export function summarizeDeployment({
  deploymentId,
  service,
  startedAt,
  plan,
  request,
  progress,
}: DeploymentRecord) {
  const asked = request as Readonly<Record<string, unknown>>;
  const imageId = plan?.imageId ?? asked['imageId'];
  const version = [plan?.version, asked['version'], imageId].find(isText) ?? 'unknown';
  return {
    deploymentId,
    service,
    version,
    ...(isText(imageId) && { imageId }),
    status: progress.phase,
    reason: progress.reason,
    ...(progress.endedWith !== undefined && { error: progress.endedWith }),
    startedAt,
    greenWeightPercent: progress.confirmedGreenWeightPercent,
  };
}

/** Whatever was typed into the console may stand where a text should. */
function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** The refusal where there is no record: of one that has not begun, or that nobody asked for. */
export async function refuseAbsent(
  requests: Pick<Requests, 'load'>,
  deploymentId: string,
): Promise<Response> {
  if ((await requests.load(deploymentId)) === undefined) {
    return unknown('deployment', deploymentId);
  }
  return problem(
    404,
    'NotFound',
    `Deployment ${deploymentId} was asked for and has not begun yet; ask again in a second.`,
    { headers: { 'retry-after': String(BEGINS_WITHIN_SECONDS) } },
  );
}
