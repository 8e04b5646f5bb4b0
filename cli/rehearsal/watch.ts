/**
 * Follows one deployment over Teal's API until it is over.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Deployment, isOver, type TimelineEntry } from '../answers.ts';
import { type ApiClient, ApiRefused } from '../api-client.ts';
import { readTimeline } from '../watch/sight.ts';

/** Real milliseconds between two looks. */
const POLL_MILLISECONDS = 250;

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
    for (const entry of await readTimeline(api, `/deployments/${deploymentId}`)) {
      const key = `${entry.at} ${entry.state} ${entry.event}`;
      if (!seen.has(key)) options.onEntry(entry);
      seen.add(key);
    }
    return deployment;
  };
  let deployment = await look();
  while (!deployment || !isOver(deployment.status)) {
    await sleep(POLL_MILLISECONDS, undefined, { signal: options.signal });
    deployment = await look();
  }
  return { deployment, entries: await readTimeline(api, `/deployments/${deploymentId}`) };
}

async function read(api: ApiClient, deploymentId: string): Promise<Deployment | undefined> {
  try {
    return (await api.send('GET', `/deployments/${deploymentId}`)) as Deployment;
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return undefined;
    throw error;
  }
}
