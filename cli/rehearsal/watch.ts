/**
 * Follows one deployment over Teal's API until it is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../shared/core/plan.ts';
import type { Progress } from '../../shared/core/progress.ts';
import { type ApiClient, ApiRefused } from '../api-client.ts';

/** One line of a deployment's timeline, as the API tells it. */
export interface TimelineEntry {
  readonly at: string;
  readonly state: string;
  readonly event: string;
  readonly reason: string;
  readonly greenWeightPercent?: number;
}

/** A deployment, as far as it matters here. */
export interface Deployment {
  readonly deploymentId: string;
  readonly executionArn: string;
  readonly status: string;
  readonly reason: string;
  /** Absent until it is planned, and when it was refused. */
  readonly plan?: Pick<Plan, 'blue' | 'green' | 'steps'>;
  readonly progress: Progress;
}

/** Real milliseconds between two looks. */
const POLL_MILLISECONDS = 250;

const ENDED = new Set(['succeeded', 'rolledBack', 'failed', 'refused']);

/**
 * Follows a deployment until it is over; one that does not exist yet is waited for.
 * @throws AbortError when the signal aborts first
 */
export async function watchDeployment(
  api: ApiClient,
  deploymentId: string,
  options: {
    readonly signal: AbortSignal;
    readonly onEntry: (entry: TimelineEntry) => void;
    readonly onLook: (deployment: Deployment) => void;
  },
): Promise<{ deployment: Deployment; entries: readonly TimelineEntry[] }> {
  const seen = new Set<string>();
  const look = async (): Promise<Deployment | undefined> => {
    const deployment = await read(api, deploymentId);
    if (!deployment) return undefined;
    options.onLook(deployment);
    for (const entry of await readTimeline(api, deploymentId)) {
      const key = `${entry.at} ${entry.state} ${entry.event}`;
      if (!seen.has(key)) options.onEntry(entry);
      seen.add(key);
    }
    return deployment;
  };
  let deployment = await look();
  while (!deployment || !ENDED.has(deployment.status)) {
    await sleep(POLL_MILLISECONDS, undefined, { signal: options.signal });
    deployment = await look();
  }
  return { deployment, entries: await readTimeline(api, deploymentId) };
}

async function read(api: ApiClient, deploymentId: string): Promise<Deployment | undefined> {
  try {
    return (await api.send('GET', `/deployments/${deploymentId}`)) as Deployment;
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return undefined;
    throw error;
  }
}

async function readTimeline(api: ApiClient, deploymentId: string): Promise<TimelineEntry[]> {
  const answer = await api.send('GET', `/deployments/${deploymentId}/timeline`);
  return (answer as { entries: TimelineEntry[] }).entries;
}
