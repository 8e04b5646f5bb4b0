/**
 * What is seen of a deployment at one moment, and how it is read from the API.
 * Not for: how often; see `follow.ts`.
 */
import { type ApiClient, ApiRefused } from '../api-client.ts';
import {
  type Deployment,
  isOver,
  type Observation,
  type TimelineAnswer,
  type TimelineEntry,
} from '../answers.ts';
import { pagesOf } from '../pages.ts';
import type { ShellClock } from '../shell.ts';

/** A deployment as last seen. */
export interface Sight {
  readonly deploymentId: string;
  /** Absent until the deployment has a record. */
  readonly deployment?: Deployment;
  /** Absent while there is nothing to observe: before the plan, or after the end. */
  readonly observation?: Observation;
  /** Oldest first. */
  readonly entries: readonly TimelineEntry[];
  /**
   * Milliseconds by which the API's clock was ahead of this machine's when it was read last; absent
   * means that it never was.
   */
  readonly aheadMilliseconds?: number;
  /** Set while the API is not reached; everything else is as it was before. */
  readonly lost?: LostConnection;
}

/** A connection that is gone for now. */
export interface LostConnection {
  /** On the API's clock, in milliseconds since 1970. */
  readonly since: number;
  /** 1 after the first request that failed. */
  readonly attempts: number;
  readonly because: string;
}

/** Where a deployment is, and why; undefined until it has a record. */
export function stateOf({
  observation,
  deployment,
}: Sight): { readonly status: string; readonly reason: string } | undefined {
  return observation ?? deployment;
}

/** Now on the API's clock, in milliseconds since 1970; on this machine's until that was read. */
export function apiTime({ aheadMilliseconds = 0 }: Sight, clock: Pick<ShellClock, 'now'>): number {
  return clock.now() + aheadMilliseconds;
}

/** Says whether nothing will change any more. */
export function isFinal(sight: Sight): boolean {
  const status = stateOf(sight)?.status;
  return !sight.lost && status !== undefined && isOver(status);
}

/**
 * Reads everything anew; what cannot change is kept from the sight before.
 * @throws ApiRefused, ApiUnreachable
 */
export async function look(api: ApiClient, before: Sight): Promise<Sight> {
  const { deploymentId } = before;
  const path = `/deployments/${encodeURIComponent(deploymentId)}`;
  const observation = before.deployment?.plan
    ? await readOptional<Observation>(api, `${path}/observation`)
    : undefined;
  const isRecordNeeded = !before.deployment?.plan || !observation || isOver(observation.status);
  const deployment = isRecordNeeded ? await readOptional<Deployment>(api, path) : before.deployment;
  const entries = deployment ? await readTimeline(api, path) : [];
  // A record is read after the observation, and counts where the deployment ended in between.
  const isNewer = deployment !== undefined && isRecordNeeded && isOver(deployment.status);
  return {
    deploymentId,
    entries,
    ...(deployment && { deployment }),
    ...(observation && {
      observation: isNewer
        ? { ...withoutWayBack(observation), status: deployment.status, reason: deployment.reason }
        : observation,
    }),
  };
}

/** What was read of blue just before the end says nothing of what the end left of it. */
function withoutWayBack({ revertReadiness: _past, ...rest }: Observation): Observation {
  return rest;
}

/** The whole timeline under the path of a deployment, however many pages it has. @throws ApiRefused */
export async function readTimeline(
  api: ApiClient,
  path: string,
): Promise<readonly TimelineEntry[]> {
  const ask = (cursor: string | undefined) => {
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    return api.send('GET', `${path}/timeline${query}`) as Promise<TimelineAnswer>;
  };
  const entries: TimelineEntry[] = [];
  for await (const page of pagesOf(ask)) entries.push(...page.entries);
  return entries;
}

/** What is not there (yet, or any more) is undefined; only Teal itself can say that. */
async function readOptional<Answer>(api: ApiClient, path: string): Promise<Answer | undefined> {
  try {
    return (await api.send('GET', path)) as Answer;
  } catch (error) {
    const isTeal = error instanceof ApiRefused && error.problem?.['title'] !== undefined;
    if (isTeal && [404, 409].includes(error.status)) return undefined;
    throw error;
  }
}
